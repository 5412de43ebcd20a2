import type {
  HealthVerdict,
  Inventory,
  InventoryEntry,
  KubeObject,
  LiveObject,
  ObjectRef,
  Version,
} from '@flotilla/domain';
import {
  EMPTY_INVENTORY,
  NO_VERSION,
  OWNER_LABEL,
  PRUNE_ANNOTATION,
  appliedFields,
  applyIgnored,
  assessHealth,
  filledPathsOf,
  groupOf,
  hashBaseline,
  ignoredPathsOf,
  isFinished,
  isScaledByController,
  memberObject,
  memberText,
  nameObstacles,
  placeOf,
  refKey,
  scaledWorkloads,
  stampObject,
  wantedDigest,
} from '@flotilla/domain';
import type { IgnoredPaths } from '@flotilla/domain';
import type { Discovery, ObjectAddress } from '@flotilla/kube';
import { FIELD_MANAGER, apiVersionOf } from '@flotilla/kube';
import type { DesiredApp, Instant } from './reconciler.port.js';
import { OwnerIndex } from './owner-index.js';
import type { TrackedObject, Wanted } from './tracked-object.js';
import { isNewer, trackObject } from './tracked-object.js';

const ENTRY_FIELDS = ['uid', 'applied', 'baseline', 'held', 'finished', 'doomed'] as const;
/** Deletions that take longer than this say what keeps them. */
const STUCK_MS = 10_000;
const DEFAULT_SCALED = '/spec/replicas';

/** Everything known of one app in this cluster: what is wanted, what is owned, what is live. No calls are made here. */
export class AppState {
  desired: DesiredApp | undefined;
  evaluated: Version = NO_VERSION;
  readonly tracked = new Map<string, TrackedObject>();
  /** Rises whenever the inventory changed in memory. */
  revision = 0;
  private base: Omit<Inventory, 'entries'>;
  private heldBack = false;
  private isGone = false;

  constructor(
    readonly app: string,
    inventory: Inventory = EMPTY_INVENTORY,
    private readonly owners = new OwnerIndex(),
  ) {
    const { entries, ...base } = inventory;
    this.base = base;
    this.takeEntries(entries);
  }

  get inventory(): Inventory {
    const entries = [...this.tracked.values()].flatMap((tracked) => this.entryOf(tracked));
    return { ...this.base, entries };
  }

  /** What is in force is stored with its entry while it is waited with, so that a restart heals too. */
  private entryOf({ entry, before }: TrackedObject): InventoryEntry[] {
    if (entry === undefined) return [];
    if (!this.heldBack || before === undefined || before.digest !== entry.applied) return [entry];
    const { object, place, ignored } = before;
    return [{ ...entry, kept: { object, place, ignored } }];
  }

  /** What is wanted has to wait, and what was applied before is in force meanwhile. True when that is news. */
  holdBack(isHeld: boolean): boolean {
    if (this.heldBack === isHeld) return false;
    this.heldBack = isHeld;
    if ([...this.tracked.values()].some(({ before }) => before !== undefined)) this.revision += 1;
    return isHeld;
  }

  get isHeldBack(): boolean {
    return this.heldBack;
  }

  /** What is in force of an object: as it is wanted, or as it was applied last. Undefined when neither was applied. */
  inForce({ entry, wanted, before }: TrackedObject): Wanted | undefined {
    if (entry === undefined || entry.applied === '') return undefined;
    if (wanted?.digest === entry.applied) return wanted;
    return before?.digest === entry.applied ? before : undefined;
  }

  /** Takes the entries and flags of an inventory that was saved; objects that it lost are tracked only while wanted. */
  takeInventory(inventory: Inventory): void {
    const { entries, ...base } = inventory;
    this.base = base;
    this.disown();
    this.takeEntries(entries);
    this.revision += 1;
    this.dropUnused();
  }

  /** All of the bundle and policy that are wanted now was applied once, and what had to go is gone. */
  get isApplied(): boolean {
    const { complete, bundle, policy } = this.base;
    return complete && bundle === this.desired?.entry.bundle && policy === this.desired.entry.policy;
  }

  /** The inventory was lost once, and no other bundle was applied completely since. */
  get isLost(): boolean {
    return this.base.lost === true;
  }

  markApplied(): void {
    const { bundle = '', policy = '' } = this.desired?.entry ?? {};
    const isLost = this.isLost && (this.base.bundle === '' || this.base.bundle === bundle);
    this.base = { bundle, policy, complete: true, ...(isLost ? { lost: true } : {}) };
    this.revision += 1;
  }

  private takeEntries(entries: readonly InventoryEntry[]): void {
    for (const { kept, ...entry } of entries) {
      const tracked = this.track(entry);
      this.own(tracked, entry);
      if (kept !== undefined) tracked.before ??= { ref: tracked.ref, digest: entry.applied, ...kept };
    }
  }

  private own(tracked: TrackedObject, entry: InventoryEntry): void {
    tracked.entry = entry;
    if (!this.isGone) this.owners.add(tracked.key, this.app);
  }

  /** The app is gone from this cluster, or another has taken over what it owned; a write that ends later changes nothing about it. */
  leave(): void {
    this.isGone = true;
    this.disown();
  }

  private disown(): void {
    for (const tracked of this.tracked.values()) this.disownOne(tracked);
  }

  private disownOne(tracked: TrackedObject): void {
    tracked.entry = undefined;
    this.owners.remove(tracked.key, this.app);
  }

  track(ref: ObjectRef): TrackedObject {
    const { group, kind, namespace, name } = ref;
    const key = refKey(ref);
    let tracked = this.tracked.get(key);
    if (tracked === undefined) {
      tracked = trackObject({ group, kind, namespace, name }, key);
      this.tracked.set(key, tracked);
    }
    return tracked;
  }

  forget(tracked: TrackedObject): void {
    this.disownOne(tracked);
    tracked.live = undefined;
    this.revision += 1;
    this.dropUnused();
  }

  private dropUnused(): void {
    for (const [key, { entry, wanted }] of this.tracked) {
      if (entry === undefined && wanted === undefined) this.tracked.delete(key);
    }
  }

  /** Resolves scopes and stamps labels. To be done again when the desired app or discovery changed. */
  resolveWanted(discovery: Discovery): void {
    const desired = this.desired;
    for (const tracked of this.tracked.values()) this.setAside(tracked);
    if (desired?.entry.life === 'active')
      for (const object of desired.objects) this.resolveOne(desired, object, discovery);
    for (const tracked of this.tracked.values()) this.resolveType(tracked, discovery);
    this.dropUnused();
  }

  /** What was applied stays in force until something else is. */
  private setAside(tracked: TrackedObject): void {
    const { wanted, entry, asApplied } = tracked;
    tracked.wanted = undefined;
    if (wanted === undefined || entry === undefined || wanted.digest !== entry.applied) return;
    tracked.before = { ...wanted, ignored: asApplied ?? { pointers: [], managers: [] } };
  }

  private resolveOne(desired: DesiredApp, object: KubeObject, discovery: Discovery): void {
    const type = discovery.find(object.apiVersion, object.kind);
    const namespaced = type?.namespaced ?? object.metadata.namespace !== undefined;
    const stamped = stampObject(object, { app: this.app, namespace: desired.policy.namespace, namespaced });
    const ref = {
      group: groupOf(object.apiVersion),
      kind: object.kind,
      namespace: namespaced ? (stamped.metadata.namespace ?? '') : '',
      name: object.metadata.name,
    };
    const tracked = this.track(ref);
    tracked.filled = filledPathsOf(object);
    const ignored = this.ignoredPaths(tracked, undefined);
    const digest = wantedDigest(stamped, ignored);
    tracked.asApplied = ignored;
    dropBefore(tracked, digest);
    if (tracked.wanted?.digest !== digest) tracked.retryAt = 0;
    tracked.wanted = { ref: tracked.ref, digest, place: placeOf(object), object: stamped };
    if (tracked.type !== type || isJudgedStranger(tracked)) tracked.live = undefined;
    tracked.type = type;
  }

  private resolveType(tracked: TrackedObject, discovery: Discovery): void {
    const { group, kind } = tracked.ref;
    tracked.type ??= discovery.findKind(group, kind);
    if (tracked.type !== undefined) {
      if (tracked.live?.state === 'kindMissing') tracked.live = undefined;
      return;
    }
    tracked.live = discovery.isUnknown(group)
      ? { state: 'unknown', because: 'the API group did not answer' }
      : { state: 'kindMissing' };
    tracked.verdict = {
      health: 'progressing',
      code: 'kindMissing',
      message: `the cluster has no kind ${kind} of ${group === '' ? 'the core group' : group}`,
    };
  }

  /** Paths of an object that are left to others: by rule, or because the cluster fills them in or scales it. */
  ignoredPaths({ ref, filled }: TrackedObject, live: KubeObject | undefined): IgnoredPaths {
    const desired = this.desired;
    if (desired === undefined) return { pointers: [], managers: [] };
    const ignored = ignoredPathsOf(ref, desired.policy.drift.ignore);
    const isScaled =
      (live !== undefined && isScaledByController(live)) ||
      scaledWorkloads(desired.objects).some(
        (target) => target.kind === ref.kind && target.group === ref.group && target.name === ref.name,
      );
    const own = isScaled ? [...filled, DEFAULT_SCALED] : filled;
    return own.length === 0 ? ignored : { ...ignored, pointers: [...new Set([...ignored.pointers, ...own])] };
  }

  /** The body to apply over a live object: without what is left to others. */
  bodyFor(tracked: TrackedObject, wanted: Wanted, live: KubeObject): KubeObject {
    const ignored = wanted === tracked.before ? tracked.before.ignored : this.ignoredPaths(tracked, live);
    return applyIgnored(wanted.object, live, { ...ignored, ours: FIELD_MANAGER });
  }

  /** The account that dry-runs, applies, deletes and their reads are made as; undefined: the agent's own. */
  get account(): string | undefined {
    const policy = this.desired?.policy;
    if (policy === undefined || policy.serviceAccount === '') return undefined;
    return `system:serviceaccount:${policy.namespace}:${policy.serviceAccount}`;
  }

  addressOf(tracked: TrackedObject): ObjectAddress | undefined {
    if (tracked.type === undefined) return undefined;
    return { type: tracked.type, namespace: tracked.ref.namespace, name: tracked.ref.name };
  }

  /** Takes in a live object, from a read or a watch. False when it is older than what is known. */
  observe(tracked: TrackedObject, object: KubeObject, now: Instant): boolean {
    if (isOutdated(tracked, object)) return false;
    const verdict = this.judge(tracked, object, now);
    noteVolume(tracked, object);
    const live = { ...this.summarize(tracked, object, verdict), ...obstaclesOf(tracked, object, now) };
    tracked.live = live;
    tracked.blind = false;
    tracked.scaled = isScaledByController(object);
    tracked.verdict = verdict;
    tracked.raw = live.matches && verdict.health === 'healthy' ? undefined : object;
    this.noteFinished(tracked, object);
    return true;
  }

  private noteFinished(tracked: TrackedObject, object: KubeObject): void {
    if (tracked.entry === undefined || tracked.entry.finished || !isFinished(object)) return;
    tracked.entry = { ...tracked.entry, finished: true };
    this.revision += 1;
  }

  private summarize(
    tracked: TrackedObject,
    object: KubeObject,
    verdict: HealthVerdict,
  ): Extract<LiveObject, { state: 'present' }> {
    const { metadata } = object;
    const baseline = tracked.entry?.baseline ?? '';
    return {
      state: 'present',
      uid: memberText(metadata, 'uid'),
      resourceVersion: memberText(metadata, 'resourceVersion'),
      app: metadata.labels?.[OWNER_LABEL] ?? '',
      managed: appliedFields(object, FIELD_MANAGER) !== undefined,
      terminating: metadata['deletionTimestamp'] !== undefined,
      matches: baseline !== '' && baseline === this.baselineOf(object),
      equal: undefined,
      health: verdict.health,
      pruneFirst: metadata.annotations?.[PRUNE_ANNOTATION] === 'first',
    };
  }

  baselineOf(object: KubeObject): string {
    return hashBaseline(object, FIELD_MANAGER, this.desired?.policy.drift.extraFields ?? 'remove');
  }

  /** Judges health again, because time went by or the rules changed. */
  judge(tracked: TrackedObject, object: KubeObject, now: Instant): HealthVerdict {
    const changedAt = now.wall - (now.monotonic - tracked.changedAt);
    const { waitsForConsumer } = tracked;
    const checks = this.desired?.policy.health.checks ?? [];
    return assessHealth(object, now.wall, {
      checks,
      waitsForConsumer,
      ...(tracked.changedAt === 0 ? {} : { changedAt }),
    });
  }

  /** After an apply: the answer of the API server is the new baseline. */
  applied(tracked: TrackedObject, object: KubeObject, wanted: Wanted): void {
    const entry = {
      ...tracked.ref,
      uid: memberText(object.metadata, 'uid'),
      applied: wanted.digest,
      baseline: this.baselineOf(object),
      held: JSON.stringify(appliedFields(object, FIELD_MANAGER) ?? {}),
      finished: false,
      doomed: false,
    };
    if (tracked.before !== wanted) tracked.before = undefined;
    const known = tracked.entry;
    if (known !== undefined && ENTRY_FIELDS.every((field) => known[field] === entry[field])) return;
    this.own(tracked, entry);
    this.revision += 1;
  }

  isTypeOf(tracked: TrackedObject, object: KubeObject): boolean {
    return tracked.type !== undefined && apiVersionOf(tracked.type) === object.apiVersion;
  }
}

/** What is wanted is what is in force again. */
function dropBefore(tracked: TrackedObject, digest: string): void {
  if (digest === tracked.entry?.applied) tracked.before = undefined;
}

/** Its equality was judged for what was wanted before. */
function isJudgedStranger({ live }: TrackedObject): boolean {
  return live?.state === 'present' && live.equal !== undefined;
}

/** What keeps a terminating object, once it takes longer than is usual. */
function obstaclesOf(
  tracked: TrackedObject,
  object: KubeObject,
  { monotonic }: Instant,
): { readonly stuckBy?: string } {
  if (object.metadata['deletionTimestamp'] === undefined) {
    tracked.terminatingSince = undefined;
    return {};
  }
  tracked.terminatingSince ??= monotonic;
  const stuckBy = monotonic - tracked.terminatingSince < STUCK_MS ? '' : nameObstacles(object);
  return stuckBy === '' ? {} : { stuckBy };
}

function noteVolume(tracked: TrackedObject, object: KubeObject): void {
  if (object.kind !== 'PersistentVolumeClaim') return;
  const volume = memberText(memberObject(object, 'spec'), 'volumeName');
  if (volume !== '') tracked.volume = volume;
}

/** A watch may tell of a version that an answer has overtaken. */
function isOutdated({ live }: TrackedObject, object: KubeObject): boolean {
  if (live?.state !== 'present' || live.uid !== memberText(object.metadata, 'uid')) return false;
  return !isNewer(memberText(object.metadata, 'resourceVersion'), live.resourceVersion);
}
