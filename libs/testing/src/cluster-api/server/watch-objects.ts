import type { JsonObject, KubeObject } from '../json.js';
import { qualifiedName, apiVersionOf } from '../registry/resource-type.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { Selection } from '../resources/list-objects.js';
import { StatusError } from '../status-error.js';
import type { Change, Store } from '../store.js';
import type { FaultInjector } from '../access/fault-injector.js';
import type { ApiRequest } from './api-request.js';
import type { Rendering } from './render-object.js';
import { isTrue } from './route.js';

const BOOKMARK_MS = 30_000;
const LONGEST_MS = 3_600_000;

type Listener = (change: Change) => void;

/** Hands each change of the store to those who watch its collection. */
export class WatchHub {
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(
    readonly store: Store,
    readonly faults: FaultInjector,
  ) {
    store.onChange((change) => this.listeners.get(change.collection)?.forEach((listener) => listener(change)));
  }

  listen(collection: string, listener: Listener): () => void {
    let own = this.listeners.get(collection);
    if (!own) this.listeners.set(collection, (own = new Set()));
    own.add(listener);
    return () => void own.delete(listener);
  }
}

interface WatchParts {
  readonly hub: WatchHub;
  readonly selection: Selection;
  readonly rendering: Rendering;
}

/** Answers a watch: the state or the changes since a version, then every change until the time is over. */
export function watchObjects(api: ApiRequest, parts: WatchParts): void {
  checkOptions(api.query);
  new Watch(api, parts).start();
}

function checkOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch');
  const from = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(from)) {
    throw new StatusError(
      500,
      '',
      `resourceVersion: Invalid value: "${from}": strconv.ParseUint: parsing "${from}": invalid syntax`,
    );
  }
  if (query.get('sendInitialEvents') === null) return;
  if (isTrue(query.get('sendInitialEvents')) && match !== 'NotOlderThan') {
    const field = 'resourceVersionMatch';
    const message = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    const details = {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: [{ reason: 'FieldValueForbidden', message, field }],
    };
    throw new StatusError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`, details);
  }
}

class Watch {
  private readonly ends: (() => void)[] = [];
  private readonly bookmarks: boolean;

  constructor(
    private readonly api: ApiRequest,
    private readonly parts: WatchParts,
  ) {
    this.bookmarks = isTrue(api.query.get('allowWatchBookmarks'));
  }

  private get type(): ResourceType {
    return this.parts.selection.type;
  }

  start(): void {
    const { hub } = this.parts;
    const { response } = this.api;
    this.api.head(200, this.parts.rendering.contentType);
    response.flushHeaders();
    if (!this.begin()) return;
    this.ends.push(
      hub.listen(qualifiedName(this.type), (change) => this.change(change)),
      hub.faults.addWatch(this.api.call, () => response.destroy()),
    );
    this.keepTime();
    response.once('close', () => this.stop());
  }

  /** @returns false when the version asked for is forgotten: the one event then says 410. */
  private begin(): boolean {
    const from = this.api.query.get('resourceVersion') ?? '';
    const initial = this.api.query.get('sendInitialEvents');
    const anywhere = from === '' || from === '0';
    if (isTrue(initial) || (initial === null && anywhere)) {
      for (const object of this.current()) this.send('ADDED', object);
      if (isTrue(initial)) this.bookmark({ 'k8s.io/initial-events-end': 'true' });
      return true;
    }
    return anywhere || this.catchUp(from);
  }

  private catchUp(from: string): boolean {
    const { store } = this.parts.hub;
    try {
      for (const change of store.since(qualifiedName(this.type), Number(from))) this.change(change);
      return true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.write('ERROR', JSON.stringify(error.toStatus()));
      this.api.response.end();
      return false;
    }
  }

  private current(): KubeObject[] {
    const { selection, hub } = this.parts;
    const all = hub.store.list(qualifiedName(this.type), selection.namespace || undefined);
    return all.filter((object) => selection.matches(object));
  }

  /** A change as this watch sees it: objects that come into the selection are added, those that leave it deleted. */
  private change({ type, object, previous }: Change): void {
    const { selection } = this.parts;
    const was = previous !== undefined && selection.matches(previous);
    const is = type !== 'DELETED' && selection.matches(object);
    if (type === 'DELETED' && (was || selection.matches(object))) this.send('DELETED', object);
    else if (is) this.send(was ? 'MODIFIED' : 'ADDED', object);
    else if (was && previous) this.send('DELETED', atVersion(previous, object));
  }

  private send(type: string, object: KubeObject): void {
    this.write(type, this.parts.rendering.one(object));
  }

  private write(type: string, object: string): void {
    this.api.response.write(`{"type":"${type}","object":${object}}\n`);
  }

  private bookmark(annotations?: JsonObject): void {
    const resourceVersion = String(this.parts.hub.store.version);
    const metadata = { resourceVersion, creationTimestamp: null, ...(annotations ? { annotations } : {}) };
    this.write('BOOKMARK', JSON.stringify({ kind: this.type.kind, apiVersion: apiVersionOf(this.type), metadata }));
  }

  private keepTime(): void {
    const asked = Number(this.api.query.get('timeoutSeconds') ?? 0) * 1000;
    const end = setTimeout(() => this.finish(), Math.min(asked > 0 ? asked : LONGEST_MS, LONGEST_MS));
    const beat = setInterval(() => this.bookmarks && this.bookmark(), BOOKMARK_MS);
    this.ends.push(
      () => clearTimeout(end),
      () => clearInterval(beat),
    );
  }

  private finish(): void {
    if (this.bookmarks) this.bookmark();
    // A client that reads slowly closes long after the last word: nothing may be written between.
    this.stop();
    this.api.response.end();
  }

  private stop(): void {
    for (const end of this.ends.splice(0)) end();
  }
}

function atVersion(object: KubeObject, { metadata: { resourceVersion } }: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...(resourceVersion ? { resourceVersion } : {}) } };
}
