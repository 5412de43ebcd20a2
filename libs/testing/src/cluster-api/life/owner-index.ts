import type { KubeObject } from '../json.js';
import type { Change, Store } from '../store.js';
import { keyOf } from '../store.js';

/** Where an object stands: its collection (`plural.group`) and key. */
export interface Standing {
  readonly collection: string;
  readonly key: string;
}

/** Which objects name an owner, by the owner's UID; and which UIDs there are. */
export class OwnerIndex {
  private readonly owned = new Map<string, Map<string, Standing>>();
  private readonly uids = new Map<string, Standing>();

  constructor(private readonly store: Store) {
    store.onChange((change) => this.note(change));
  }

  /** Reads what the store holds already. */
  fill(): void {
    for (const collection of this.store.names()) {
      for (const object of this.store.list(collection)) this.add(collection, object);
    }
  }

  dependents(uid: string | undefined): Standing[] {
    return [...(this.owned.get(uid ?? '')?.values() ?? [])];
  }

  /** The dependents in one collection, in order of their keys. */
  objects(uid: string | undefined, collection: string): KubeObject[] {
    const keys = this.dependents(uid).filter((standing) => standing.collection === collection);
    return keys.sort((a, b) => (a.key < b.key ? -1 : 1)).flatMap(({ key }) => this.store.get(collection, key) ?? []);
  }

  find(uid: string | undefined): Standing | undefined {
    return this.uids.get(uid ?? '');
  }

  private note({ type, collection, object, previous }: Change): void {
    if (previous) this.drop(collection, previous);
    if (type !== 'DELETED') this.add(collection, object);
  }

  private add(collection: string, object: KubeObject): void {
    const key = keyOf(object.metadata);
    if (object.metadata.uid) this.uids.set(object.metadata.uid, { collection, key });
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const own = this.owned.get(uid) ?? new Map<string, Standing>();
      this.owned.set(uid, own.set(`${collection} ${key}`, { collection, key }));
    }
  }

  private drop(collection: string, object: KubeObject): void {
    if (object.metadata.uid) this.uids.delete(object.metadata.uid);
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const own = this.owned.get(uid);
      own?.delete(`${collection} ${keyOf(object.metadata)}`);
      if (own?.size === 0) this.owned.delete(uid);
    }
  }
}
