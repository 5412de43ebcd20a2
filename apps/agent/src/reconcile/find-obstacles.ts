import type { DeletionSet, KubeObject, ObjectRef } from '@flotilla/domain';
import { nameFollowers, refKey, uidOf } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';

const LOOK_EVERY_MS = 60_000;
/** Of one kind, at most; and of one deletion, in all. */
const LIST_LIMIT = 50;
const MOST_NAMED = 50;
/** Objects of a set that are looked at, at most. */
const MOST_DELETIONS = 20;

/** Kinds that tell of others, or come and go by themselves, and groups that store nothing. */
const IGNORED_KINDS = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'ControllerRevision']);
const VIRTUAL_GROUP = /(^|\.)metrics\.k8s\.io$/;
/** The cluster makes these in every namespace. */
const MADE_BY_CLUSTER = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default']);

/** What the deletion of an object would take along, in words. */
export interface Obstacle {
  readonly ref: ObjectRef;
  readonly text: string;
}

/**
 * What would be deleted along with a CRD or a namespace and is nobody's to delete here. Looked for while a deletion set, or the
 * removal of the whole app, waits for its approval, at most once a minute, one bounded list after the other.
 */
export class ObstacleFinder {
  private named: readonly Obstacle[] = [];
  private set: DeletionSet | undefined;
  private looked = { hash: '', at: -Infinity };
  private looking = false;

  constructor(
    private readonly context: ReconcileContext,
    private readonly state: AppState,
    private readonly changed: () => void,
  ) {}

  /** Of what is at stake now. */
  get found(): readonly Obstacle[] {
    const atStake = new Set(this.set?.refs.map(refKey));
    return this.named.filter(({ ref }) => atStake.has(refKey(ref)));
  }

  /** When to look again, in ms from now. */
  nextLookMs(set: DeletionSet | undefined): number {
    return set === undefined || !set.refs.some(takesOthers) ? Infinity : LOOK_EVERY_MS;
  }

  look(set: DeletionSet | undefined): void {
    const now = this.context.clock.monotonic();
    const { hash, at } = this.looked;
    this.set = set;
    if (set === undefined) this.named = [];
    if (set === undefined || this.looking || (set.hash === hash && now - at < LOOK_EVERY_MS)) return;
    this.looked = { hash: set.hash, at: now };
    this.looking = true;
    void this.lookAt(set).finally(() => (this.looking = false));
  }

  private async lookAt({ refs }: DeletionSet): Promise<void> {
    const named: Obstacle[] = [];
    for (const { group, kind, namespace, name } of refs.filter(takesOthers).slice(0, MOST_DELETIONS)) {
      const ref = { group, kind, namespace, name };
      const text = await this.describe(ref);
      if (text !== '') named.push({ ref, text });
    }
    const isNew = JSON.stringify(named) !== JSON.stringify(this.named);
    this.named = named;
    if (isNew) this.changed();
  }

  private async describe(ref: ObjectRef): Promise<string> {
    const own = new Set(this.state.inventory.entries.map(({ uid }) => uid));
    const followers: KubeObject[] = [];
    const unread: string[] = [];
    for (const type of this.typesIn(ref)) {
      if (followers.length >= MOST_NAMED) break;
      const found = await this.list(type, ref.kind === 'Namespace' ? ref.name : '');
      if (found === undefined) unread.push(type.resource);
      else followers.push(...found.filter((object) => !own.has(uidOf(object)) && !comesByItself(object)));
    }
    return nameFollowers(ref, followers, unread);
  }

  private typesIn(ref: ObjectRef): ResourceType[] {
    const types = [...this.context.client.discovery.all].filter(({ verbs }) => verbs.includes('list'));
    if (ref.kind !== 'Namespace')
      return types.filter((type) => `${type.resource}.${type.group}` === ref.name).slice(0, 1);
    const stored = types.filter(
      ({ namespaced, kind, group }) => namespaced && !IGNORED_KINDS.has(kind) && !VIRTUAL_GROUP.test(group),
    );
    // One version of each is enough.
    return [...new Map(stored.map((type) => [`${type.group}/${type.resource}`, type])).values()];
  }

  /** Undefined when it could not be read. */
  private async list(type: ResourceType, namespace: string): Promise<readonly KubeObject[] | undefined> {
    const options = { impersonate: this.state.account, metadataOnly: true, limit: LIST_LIMIT };
    try {
      const { items } = await this.context.calls.run(() => this.context.client.list(type, namespace, options));
      return items.map((item) => ({ ...item, kind: type.kind }));
    } catch (error) {
      if (!isApiFault(error)) throw error;
      return undefined;
    }
  }
}

function takesOthers({ group, kind }: ObjectRef): boolean {
  return (
    (group === '' && kind === 'Namespace') || (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition')
  );
}

/** Made by the cluster, or by another object, which is named itself. */
function comesByItself({ kind, metadata }: KubeObject): boolean {
  const owners = metadata['ownerReferences'];
  return MADE_BY_CLUSTER.has(`${kind}/${metadata.name}`) || (Array.isArray(owners) && owners.length > 0);
}
