import { printJson } from '@flotilla/domain';
import type { JsonObject, KubeObject } from './json.js';
import { expired } from './status-error.js';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Change {
  readonly type: ChangeType;
  /** `plural.group`. */
  readonly collection: string;
  readonly version: number;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

export interface StoreSnapshot {
  version: number;
  collections: Record<string, KubeObject[]>;
}

export type ChangeListener = (change: Change) => void;

interface Collection {
  readonly objects: Map<string, KubeObject>;
  /** Keys in order; undefined when an addition or deletion has disturbed it. */
  sorted: string[] | undefined;
}

/** `namespace/name`, or the name alone; keys sort as etcd's do. */
export function keyOf(object: { readonly namespace?: string; readonly name: string }): string {
  return object.namespace === undefined || object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
}

/**
 * All objects of one cluster, in memory. Objects are immutable: a change puts another one in its place and gets the next
 * resource version. A bounded history serves watches that come back.
 */
export class Store {
  private readonly collections = new Map<string, Collection>();
  private readonly listeners = new Set<ChangeListener>();
  private history: Change[] = [];
  private historyStart = 0;
  private current = 0;

  constructor(private readonly historyLimit: number) {}

  get version(): number {
    return this.current;
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.collections.get(collection)?.objects.get(key);
  }

  /** Keys in order, of one namespace when given. */
  keys(collection: string, namespace?: string): readonly string[] {
    const found = this.collections.get(collection);
    if (!found) return [];
    found.sorted ??= [...found.objects.keys()].sort();
    if (namespace === undefined) return found.sorted;
    return found.sorted.filter((key) => key.startsWith(`${namespace}/`));
  }

  list(collection: string, namespace?: string): KubeObject[] {
    return this.keys(collection, namespace).flatMap((key) => this.get(collection, key) ?? []);
  }

  names(): string[] {
    return [...this.collections.keys()];
  }

  count(): number {
    let sum = 0;
    for (const { objects } of this.collections.values()) sum += objects.size;
    return sum;
  }

  /** Stores the object under the next resource version and returns it as stored. */
  put(collection: string, object: KubeObject): KubeObject {
    const stored = this.stamp(object);
    const key = keyOf(object.metadata);
    const found = this.collection(collection);
    const previous = found.objects.get(key);
    if (!previous) found.sorted = undefined;
    found.objects.set(key, stored);
    this.record({ type: previous ? 'MODIFIED' : 'ADDED', collection, version: this.current, object: stored, previous });
    return stored;
  }

  /** Removes it; what watchers see is its last state under the resource version of the removal. */
  remove(collection: string, object: KubeObject): KubeObject {
    const gone = this.stamp(object);
    const found = this.collection(collection);
    const key = keyOf(object.metadata);
    const previous = found.objects.get(key);
    if (found.objects.delete(key)) found.sorted = undefined;
    this.record({ type: 'DELETED', collection, version: this.current, object: gone, previous });
    return gone;
  }

  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Changes of a collection after that version. @throws 410 when the history does not reach back so far. */
  since(collection: string, version: number): Change[] {
    if (version < this.historyStart) throw expired(`too old resource version: ${version} (${this.historyStart})`);
    return this.history.filter((change) => change.version > version && change.collection === collection);
  }

  isForgotten(version: number): boolean {
    return version < this.historyStart;
  }

  /** Forgets all history, as a compaction does. */
  compact(): void {
    this.history = [];
    this.historyStart = this.current;
  }

  snapshot(): StoreSnapshot {
    const collections: Record<string, KubeObject[]> = {};
    for (const name of this.collections.keys()) {
      const objects = this.list(name);
      if (objects.length > 0) collections[name] = objects;
    }
    return { version: this.current, collections };
  }

  restore(snapshot: StoreSnapshot): void {
    for (const [name, objects] of Object.entries(snapshot.collections)) {
      const { objects: map } = this.collection(name);
      for (const object of objects) map.set(keyOf(object.metadata), object);
    }
    this.current = snapshot.version;
    this.historyStart = snapshot.version;
  }

  private stamp(object: KubeObject): KubeObject {
    this.current += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.current) } };
  }

  private collection(name: string): Collection {
    let found = this.collections.get(name);
    if (!found) this.collections.set(name, (found = { objects: new Map(), sorted: undefined }));
    return found;
  }

  private record(change: Change): void {
    this.history.push(change);
    // Trimmed in big steps, so that a change costs no shifting of the whole window.
    if (this.history.length > this.historyLimit * 1.25) this.history = this.history.slice(-this.historyLimit);
    const [oldest] = this.history;
    if (oldest && oldest.version > this.historyStart + 1) this.historyStart = oldest.version - 1;
    for (const listener of this.listeners) listener(change);
  }
}

const printed = new WeakMap<KubeObject, string>();

/** JSON of a stored object, printed once for all its readers. */
export function printObject(object: KubeObject): string {
  let text = printed.get(object);
  if (text === undefined) printed.set(object, (text = printJson(object satisfies JsonObject)));
  return text;
}
