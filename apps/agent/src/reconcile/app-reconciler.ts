import { setTimeout as delay } from 'node:timers/promises';
import type { ApplyPlan, ApplyWait, DeletionSet, Inventory, KubeObject, LiveObject, Version } from '@flotilla/domain';
import { planApply, refKey } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';
import { WorkloadExplainer } from '../observe/workload-explainer.js';
import { setBlind, takeChanged, takeDeleted, takeListed } from './app-inputs.js';
import { AppReporter } from './app-reporter.js';
import { AppState } from './app-state.js';
import { DriftLog } from './drift-log.js';
import { executePlan } from './execute-plan.js';
import { ObstacleFinder } from './find-obstacles.js';
import { StrayFinder } from './find-strays.js';
import { judgeDrifts } from './judge-drift.js';
import { judgeClaims } from './judge-claims.js';
import { lookAgain, nextLookMs } from './next-look.js';
import { observeApp } from './observe-app.js';
import { readObjects } from './read-objects.js';
import type { ReconcileContext } from './reconcile-context.js';
import { instantOf } from './reconciler.port.js';
import type { DesiredApp, ReconcileEvent } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';

const MAX_ROUNDS = 20;
/** A write that hangs is not waited for when the agent ends: the next start finds out what became of it. */
const STOP_WITHIN_MS = 3_000;
const MAX_PASS_BACKOFF_MS = 30_000;
const WRITES: ReadonlySet<ReconcileEvent['type']> = new Set(['applied', 'released', 'pruned']);

/** Keeps one app as it is wanted. Everything that may change its state wakes it; a pass with nothing to do makes no call. */
export class AppReconciler {
  readonly state: AppState;
  private readonly context: ReconcileContext;
  private readonly reporter: AppReporter;
  private readonly explainer: WorkloadExplainer;
  private readonly drifts = new DriftLog();
  private readonly obstacles: ObstacleFinder;
  private readonly strays: StrayFinder;
  private plan: ApplyPlan | undefined;
  private waitsFor: string | undefined;
  private abort = new AbortController();
  private dirty = false;
  private stopped = false;
  private needsResolve = true;
  private isAsked = false;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private locallySuspendedUntil = 0;
  /** `until` as Unix ms, and when that is by the monotonic clock. */
  private suspension = { until: 0, endsAt: 0 };
  private savedRevision: number;

  constructor(context: ReconcileContext, app: string, inventory: Inventory) {
    this.state = new AppState(app, inventory, context.owners);
    this.savedRevision = this.state.revision;
    this.context = { ...context, events: { ...context.events, event: (event) => this.noteEvent(event) } };
    this.log = (event) => context.events.event(event);
    this.reporter = new AppReporter(this.context, this.state);
    const monotonic = (): number => context.clock.monotonic();
    this.explainer = new WorkloadExplainer(context.client, monotonic, () => this.publish());
    this.obstacles = new ObstacleFinder(context, this.state, () => this.publish());
    this.strays = new StrayFinder(context, this.state);
  }

  private readonly log: (event: ReconcileEvent) => void;

  private noteEvent(event: ReconcileEvent): void {
    if (WRITES.has(event.type)) this.reporter.writes += 1;
    this.log(event);
  }

  /** Whether dependants may go on: what is wanted now is applied and healthy. */
  get isReady(): boolean {
    return this.state.isApplied && this.reporter.isReady;
  }

  get missesKinds(): boolean {
    return [...this.state.tracked.values()].some((tracked) => tracked.type === undefined);
  }

  /** A newer desired state supersedes a running pass at once: what is being written ends, and nothing else is begun. */
  setDesired(desired: DesiredApp, version: Version): void {
    const { entry } = this.state.desired ?? {};
    if (entry?.bundle !== desired.entry.bundle || entry.policy !== desired.entry.policy) this.reporter.startOver();
    if (this.running !== undefined) this.noteEvent({ type: 'superseded', app: this.state.app, version });
    this.state.desired = desired;
    this.state.evaluated = version;
    this.needsResolve = true;
    this.startOver();
  }

  /** Another agent may have written meanwhile: everything is read again before the next write. */
  verify(): void {
    for (const tracked of this.state.tracked.values()) tracked.live = undefined;
    this.startOver();
  }

  private startOver(): void {
    this.abort.abort();
    this.abort = new AbortController();
    for (const tracked of this.state.tracked.values()) {
      tracked.retryAt = 0;
      tracked.attempts = 0;
    }
    this.wake();
  }

  suspendUntil(until: number): void {
    if (until === this.locallySuspendedUntil) return;
    this.locallySuspendedUntil = until;
    this.wake();
  }

  /** A person is asked whether the app is to be deleted: they are told what would go with it. */
  setAsked(isAsked: boolean): void {
    if (isAsked === this.isAsked) return;
    this.isAsked = isAsked;
    this.wake();
  }

  /** Discovery changed: scopes and kinds are resolved again. */
  resolveAgain(): void {
    this.needsResolve = true;
    this.wake();
  }

  changed(object: KubeObject): void {
    const change = takeChanged(this.state, object, instantOf(this.context.clock));
    if (change.establishedKind) this.context.cluster.kindEstablished();
    if (change.needsPass) this.wake();
  }

  deleted(object: KubeObject): void {
    if (takeDeleted(this.state, object)) this.wake();
  }

  listed(type: ResourceType, present: ReadonlySet<string>): void {
    if (takeListed(this.state, type, present)) this.wake();
  }

  setBlind(type: ResourceType, blind: boolean): void {
    if (setBlind(this.state, type, blind)) this.wake();
  }

  /** Something that this app may wait for happened to another one. */
  pokeWaiting(): void {
    for (const wait of this.ownerWaits()) this.state.track(wait.ref).live = undefined;
    if (this.isWaiting()) this.wake();
  }

  private ownerWaits(): ApplyWait[] {
    return (this.plan?.waits ?? []).filter((wait) => wait.code === 'ownedBy');
  }

  private isWaiting(): boolean {
    return this.waitsFor !== undefined || this.ownerWaits().length > 0;
  }

  private noteWaiting(): void {
    this.context.cluster.noteWaiting(this.state.app, this.isWaiting());
  }

  wake(): void {
    if (this.stopped) return;
    this.dirty = true;
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  async stop(): Promise<void> {
    this.retire();
    const writes = [...this.state.tracked.values()].map((tracked) => tracked.writing);
    await Promise.race([Promise.all([this.running, ...writes]), delay(STOP_WITHIN_MS, undefined, { ref: false })]);
  }

  private retire(): void {
    this.stopped = true;
    this.abort.abort();
    clearTimeout(this.timer);
    this.explainer.stop();
  }

  private async run(): Promise<void> {
    await Promise.resolve();
    while (this.dirty && !this.stopped) {
      this.dirty = false;
      await this.pass().catch((error: unknown) => this.passFailed(error));
    }
  }

  /** Nothing in a pass may end the loop: what it could not do is tried again. */
  private passFailed(error: unknown): void {
    this.failures += 1;
    const code = error instanceof Error ? error.message : String(error);
    this.noteEvent({ type: 'waiting', app: this.state.app, ref: undefined, code });
    this.wakeIn(Math.min(MAX_PASS_BACKOFF_MS, 250 * 2 ** this.failures));
  }

  /** Load, plan, save, effects; again until there is nothing left to do now. */
  private async pass(): Promise<void> {
    const { signal } = this.abort;
    if (this.state.desired === undefined) return;
    if (this.needsResolve) await this.resolve();
    for (let round = 0; round < MAX_ROUNDS && !signal.aborted; round += 1) {
      const inventory = await this.load();
      if (signal.aborted) return;
      this.plan = this.planNow(inventory);
      this.noteWaiting();
      // What is in force is judged and healed as long as something else has to wait.
      if (this.state.holdBack(this.isHeldBack(this.plan))) continue;
      if (this.isHeld()) break;
      await this.saveIntended(this.plan, inventory);
      const execution = { context: this.context, state: this.state, signal, landed: () => this.wake() };
      if (!(await executePlan(execution, this.plan))) break;
    }
    if (!signal.aborted) await this.finish();
  }

  private async resolve(): Promise<void> {
    this.needsResolve = false;
    await this.context.cluster.takeOver(this.state.app);
    this.state.resolveWanted(this.context.client.discovery);
    if (this.missesKinds) this.context.cluster.missesKind();
  }

  private async load(): Promise<Inventory> {
    this.waitsFor = this.state.isApplied ? undefined : this.context.cluster.waitsFor(this.state.app);
    this.noteWaiting();
    await readObjects(this.context, this.state);
    await judgeClaims(this.context, this.state);
    if (this.isObserved()) await observeApp(this.context, this.state);
    else await judgeDrifts(this.context, this.state);
    this.noteDrifts();
    return this.state.inventory;
  }

  private noteDrifts(): void {
    const now = instantOf(this.context.clock);
    this.drifts.expire(now);
    for (const { key, ref, drift, live } of this.state.tracked.values()) {
      if (drift === undefined) this.drifts.settle(key, live?.state === 'present' && live.matches, now);
      else if (this.drifts.note(key, drift.items, now)) {
        this.noteEvent({ type: 'drifted', app: this.state.app, ref, fields: drift.items.map((item) => item.field) });
      }
    }
  }

  private planNow(inventory: Inventory): ApplyPlan {
    const { app, tracked, desired } = this.state;
    if (desired === undefined) throw new Error('a pass needs a desired app');
    const { entry, policy } = desired;
    return planApply({
      app,
      life: entry.life,
      wanted: [...tracked.values()].flatMap((object) => (object.wanted === undefined ? [] : [object.wanted])),
      inventory,
      live: liveMap(tracked.values()),
      claims: this.context.cluster.claims(app),
      owners: this.context.cluster.owners(app),
      adopt: policy.apply.adopt.when,
      drift: policy.drift.policy,
      budget: policy.budget,
      approvedDeletions: entry.approvedDeletions,
      healOnly: this.waitsFor !== undefined && entry.life === 'active',
      inForce: [...tracked.values()].flatMap((object) => this.state.inForce(object) ?? []),
    });
  }

  private isHeldBack({ deletionSet }: ApplyPlan): boolean {
    return deletionSet !== undefined || (this.waitsFor !== undefined && this.state.desired?.entry.life === 'active');
  }

  /** Nothing is written while suspended, while a removal waits for another one, or when the app is only observed. */
  private isHeld(): boolean {
    const isRemovalHeld = this.waitsFor !== undefined && this.state.desired?.entry.life !== 'active';
    return this.suspendedForMs() > 0 || isRemovalHeld || this.isObserved();
  }

  private isObserved(): boolean {
    return this.state.desired?.entry.mode === 'observe' && this.state.desired.entry.life === 'active';
  }

  private suspendedForMs(): number {
    const until = Math.max(this.locallySuspendedUntil, this.state.desired?.entry.suspendedUntil ?? 0);
    const now = instantOf(this.context.clock);
    // Counted from when it was heard of: a clock that is set later neither ends nor prolongs it.
    if (until !== this.suspension.until) this.suspension = { until, endsAt: now.monotonic + until - now.wall };
    return Math.max(0, this.suspension.endsAt - now.monotonic);
  }

  /** Before the first change: what is about to be owned is written down. */
  private async saveIntended(plan: ApplyPlan, known: Inventory): Promise<void> {
    if (plan.intended === known) return;
    this.state.takeInventory(plan.intended);
    await this.save();
  }

  private async save(): Promise<void> {
    const { app, inventory, revision } = this.state;
    await this.context.store.save(app, inventory);
    this.savedRevision = revision;
    const { entries, complete } = inventory;
    this.noteEvent({ type: 'inventorySaved', app, entries: entries.length, complete });
  }

  /** After the last step: a complete pass is recorded, what was learnt is kept, and the report follows. */
  private async finish(): Promise<void> {
    const isComplete = this.plan?.complete === true && !this.isHeld();
    if (isComplete && this.isLeaving && !(await this.leavesStrays())) return this.finishRemoval();
    await this.record(isComplete && !this.isLeaving && !this.state.isApplied);
    this.failures = 0;
    this.explainer.watch(this.unready());
    this.tell();
    this.schedule();
  }

  private get isLeaving(): boolean {
    return this.state.desired?.entry.life !== 'active';
  }

  private async record(isNew: boolean): Promise<void> {
    const { app, evaluated } = this.state;
    if (isNew) this.state.markApplied();
    if (this.state.revision !== this.savedRevision) await this.save();
    if (isNew) this.noteEvent({ type: 'passCompleted', app, version: evaluated });
  }

  /** After the inventory was lost a removal that deleted all it can prove has not deleted all. */
  private async leavesStrays(): Promise<boolean> {
    return this.state.isLost && this.state.desired?.entry.life === 'prune' && (await this.strays.look());
  }

  private tell(): void {
    this.obstacles.look(this.atStake());
    this.publish();
  }

  /** What a person is asked about now. */
  private atStake(): DeletionSet | undefined {
    const set = this.plan?.deletionSet;
    if (set !== undefined || !this.isAsked || this.state.desired?.entry.life !== 'active') return set;
    const refs = this.state.inventory.entries;
    return { hash: `all ${refs.map(refKey).sort().join(' ')}`, refs };
  }

  private async finishRemoval(): Promise<void> {
    await this.context.store.remove(this.state.app);
    this.retire();
    this.context.events.removed(this.state.app);
  }

  private unready(): Map<string, KubeObject> {
    const found = new Map<string, KubeObject>();
    for (const { key, wanted, verdict, raw } of this.state.tracked.values()) {
      if (wanted !== undefined && verdict.health !== 'healthy' && raw !== undefined) found.set(key, raw);
    }
    return found;
  }

  private publish(): void {
    const { plan, waitsFor, drifts } = this;
    const { reasons } = this.explainer;
    const obstacles = this.obstacles.found;
    const strays = this.strays.found;
    this.reporter.publish({ plan, waitsFor, drifts, reasons, obstacles, strays, suspended: this.suspendedForMs() > 0 });
  }

  /** One timer for the next thing that time alone may change. */
  private schedule(): void {
    clearTimeout(this.timer);
    const look = { plan: this.plan, monotonic: this.context.clock.monotonic(), suspendedForMs: this.suspendedForMs() };
    const inMs = Math.min(
      nextLookMs(this.state, look) ?? Infinity,
      this.obstacles.nextLookMs(this.atStake()),
      this.strays.nextLookMs,
    );
    if (inMs !== Infinity) this.wakeIn(inMs);
  }

  private wakeIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      lookAgain(this.state, this.plan, instantOf(this.context.clock));
      this.wake();
    }, ms);
    this.timer.unref();
  }
}

function liveMap(objects: Iterable<TrackedObject>): Map<string, LiveObject> {
  const map = new Map<string, LiveObject>();
  for (const { key, live, blind } of objects) {
    if (blind) map.set(key, { state: 'unknown', because: 'the watch of its kind is broken' });
    else if (live !== undefined) map.set(key, live);
  }
  return map;
}
