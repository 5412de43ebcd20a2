import type {
  ApplyPlan,
  AppReport,
  Health,
  Inventory,
  KubeObject,
  LiveObject,
  ObjectProblem,
  Version,
} from '@flotilla/domain';
import { planApply, refKey, refOf } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';
import { WorkloadExplainer } from '../observe/workload-explainer.js';
import { AppState } from './app-state.js';
import type { PassFacts } from './build-report.js';
import { buildReport, reportKey } from './build-report.js';
import { DriftLog } from './drift-log.js';
import { executePlan } from './execute-plan.js';
import { judgeDrifts } from './judge-drift.js';
import { readObjects } from './read-objects.js';
import type { ReconcileContext } from './reconcile-context.js';
import type { DesiredApp, ReconcileEvent } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';

const MAX_ROUNDS = 20;
const WAIT_RETRY_MS = 5_000;

/** Keeps one app as it is wanted. Everything that may change its state wakes it; a pass with nothing to do makes no call. */
export class AppReconciler {
  readonly state: AppState;
  private readonly drifts = new DriftLog();
  private readonly explainer: WorkloadExplainer;
  private plan: ApplyPlan | undefined;
  private waitsFor: string | undefined;
  private abort = new AbortController();
  private dirty = false;
  private stopped = false;
  private needsResolve = true;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastKey = '';
  private lastReport: AppReport | undefined;
  private healthySince: number | undefined;
  private lossCount = 0;
  private writes = 0;
  private failures = 0;
  private locallySuspendedUntil = 0;
  private savedRevision = 0;

  private readonly context: ReconcileContext;

  constructor(context: ReconcileContext, app: string, inventory: Inventory) {
    const { events } = context;
    const counting = {
      report: (report: AppReport) => events.report(report),
      removed: (name: string) => events.removed(name),
      event: (event: ReconcileEvent) => {
        if (WRITES.has(event.type)) this.writes += 1;
        events.event(event);
      },
    };
    this.context = { ...context, events: counting };
    this.state = new AppState(app, inventory);
    this.savedRevision = this.state.revision;
    this.explainer = new WorkloadExplainer(
      context.client,
      () => context.clock.monotonic(),
      () => this.publish(),
    );
  }

  get report(): AppReport | undefined {
    return this.lastReport;
  }

  /** Whether dependants may go on: all of this app is applied and healthy. */
  get isReady(): boolean {
    return this.lastReport?.phase === 'applied' && this.lastReport.health === 'healthy';
  }

  setDesired(desired: DesiredApp, version: Version): void {
    this.state.desired = desired;
    this.state.evaluated = version;
    this.needsResolve = true;
    this.lossCount = 0;
    if (this.running !== undefined) this.context.events.event({ type: 'superseded', app: this.state.app, version });
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

  /** Discovery changed: scopes and kinds are resolved again. */
  resolveAgain(): void {
    this.needsResolve = true;
    this.wake();
  }

  wake(): void {
    if (this.stopped) return;
    this.dirty = true;
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.abort.abort();
    clearTimeout(this.timer);
    this.explainer.stop();
    await this.running;
    await Promise.all([...this.state.tracked.values()].map((tracked) => tracked.writing));
  }

  /** A watched object of ours changed. Whether it is ours is a matter of the inventory. */
  changed(object: KubeObject): void {
    const tracked = this.state.tracked.get(refKey(refOf(object)));
    if (tracked?.entry === undefined || !this.state.isTypeOf(tracked, object)) return;
    if (tracked.writing !== undefined) {
      tracked.missed = object;
      return;
    }
    const before = tracked.live;
    const verdict = tracked.verdict;
    if (!this.state.observe(tracked, object, this.context.clock.now())) return;
    if (tracked.verdict.health === 'healthy' && verdict.health !== 'healthy' && isCrd(tracked))
      this.context.cluster.kindEstablished();
    const isSame =
      JSON.stringify([stripVersion(before), verdict]) === JSON.stringify([stripVersion(tracked.live), tracked.verdict]);
    if (!isSame) this.wake();
  }

  /** The watch says deleted; a label that was taken off looks the same, so it is read before anything is made anew. */
  deleted(object: KubeObject): void {
    const tracked = this.state.tracked.get(refKey(refOf(object)));
    if (tracked?.entry === undefined || !this.state.isTypeOf(tracked, object)) return;
    tracked.live = undefined;
    this.wake();
  }

  /** A fresh list of a type came: what is ours and not in it is read. */
  listed(type: ResourceType, present: ReadonlySet<string>): void {
    for (const tracked of this.state.tracked.values()) {
      if (tracked.type !== type || tracked.entry === undefined || present.has(tracked.key)) continue;
      if (tracked.live?.state === 'absent') continue;
      tracked.live = undefined;
      this.wake();
    }
  }

  /** The watch of a type is broken (`blind`), or goes on without having missed anything. */
  setBlind(type: ResourceType, blind: boolean): void {
    let isChanged = false;
    for (const tracked of this.state.tracked.values()) {
      if (tracked.type !== type || tracked.entry === undefined || tracked.blind === blind) continue;
      tracked.blind = blind;
      isChanged = true;
    }
    if (isChanged) this.wake();
  }

  /** Something that this app may wait for happened to another one. */
  pokeWaiting(): void {
    const waiting = new Set(
      (this.plan?.waits ?? []).filter((wait) => wait.code === 'ownedBy').map((wait) => refKey(wait.ref)),
    );
    for (const tracked of this.state.tracked.values()) if (waiting.has(tracked.key)) tracked.live = undefined;
    if (waiting.size > 0 || this.waitsFor !== undefined) this.wake();
  }

  get missesKinds(): boolean {
    return [...this.state.tracked.values()].some((tracked) => tracked.type === undefined);
  }

  private async run(): Promise<void> {
    await Promise.resolve();
    while (this.dirty && !this.stopped) {
      this.dirty = false;
      await this.pass().catch((error: unknown) => this.passFailed(error));
    }
  }

  /** Nothing of a pass may end the loop: what it could not do is tried again. */
  private passFailed(error: unknown): void {
    this.failures += 1;
    this.context.events.event({ type: 'waiting', app: this.state.app, ref: undefined, code: describe(error) });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), Math.min(30_000, 500 * 2 ** this.failures));
    this.timer.unref();
  }

  private async pass(): Promise<void> {
    const { signal } = this.abort;
    if (this.state.desired === undefined) return;
    if (this.needsResolve) this.resolve();
    this.waitsFor = this.dependency();
    for (let round = 0; round < MAX_ROUNDS && !signal.aborted; round += 1) {
      await readObjects(this.context, this.state);
      if (signal.aborted) return;
      await judgeDrifts(this.context, this.state);
      if (signal.aborted) return;
      this.noteDrifts();
      const { inventory } = this.state;
      this.plan = this.planNow(inventory);
      if (this.isHeld()) break;
      await this.saveIntended(this.plan, inventory);
      if (!(await executePlan({ context: this.context, state: this.state, signal }, this.plan))) break;
    }
    if (signal.aborted) return;
    await this.finish();
  }

  private noteDrifts(): void {
    const now = this.context.clock.monotonic();
    this.drifts.expire(now);
    for (const tracked of this.state.tracked.values()) {
      if (tracked.drift === undefined)
        this.drifts.settle(tracked.key, tracked.live?.state === 'present' && tracked.live.matches);
      else if (this.drifts.note(tracked.key, tracked.drift.items, now)) {
        const fields = tracked.drift.items.map((item) => item.field);
        this.context.events.event({ type: 'drifted', app: this.state.app, ref: tracked.ref, fields });
      }
    }
  }

  private resolve(): void {
    this.needsResolve = false;
    this.state.resolveWanted(this.context.client.discovery);
    for (const tracked of this.state.tracked.values()) {
      if (tracked.type === undefined && tracked.wanted !== undefined) this.context.cluster.missesKind();
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
    });
  }

  private dependency(): string | undefined {
    return this.state.isApplied ? undefined : this.context.cluster.waitsFor(this.state.app);
  }

  /** Nothing is written while suspended, while another app comes first, or when the app is only observed. */
  private isHeld(): boolean {
    return this.isSuspended() || this.waitsFor !== undefined || this.state.desired?.entry.mode === 'observe';
  }

  private isSuspended(): boolean {
    return this.suspendedUntil() > this.context.clock.now();
  }

  private suspendedUntil(): number {
    return Math.max(this.locallySuspendedUntil, this.state.desired?.entry.suspendedUntil ?? 0);
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
    this.context.events.event({
      type: 'inventorySaved',
      app,
      entries: inventory.entries.length,
      complete: inventory.complete,
    });
  }

  /** After the last step: a complete pass is recorded, what was learnt is kept, and the report follows. */
  private async finish(): Promise<void> {
    const { desired } = this.state;
    if (desired === undefined) return;
    const isComplete = this.plan?.complete === true && !this.isHeld();
    if (isComplete && desired.entry.life !== 'active') return this.finishRemoval();
    const isNew = isComplete && !this.state.isApplied;
    if (isNew) this.state.markApplied();
    if (this.state.revision !== this.savedRevision) await this.save();
    if (isNew) this.context.events.event({ type: 'passCompleted', app: this.state.app, version: this.state.evaluated });
    this.failures = 0;
    this.explainer.watch(this.unready());
    this.publish();
    this.schedule();
  }

  private unready(): Map<string, KubeObject> {
    const found = new Map<string, KubeObject>();
    for (const { key, wanted, verdict, raw } of this.state.tracked.values()) {
      if (wanted !== undefined && verdict.health !== 'healthy' && raw !== undefined) found.set(key, raw);
    }
    return found;
  }

  private async finishRemoval(): Promise<void> {
    await this.context.store.remove(this.state.app);
    this.stopped = true;
    clearTimeout(this.timer);
    this.explainer.stop();
    this.context.events.removed(this.state.app);
  }

  private publish(): void {
    const report = this.makeReport();
    const key = reportKey(report);
    if (key === this.lastKey) return;
    const wasReady = this.isReady;
    this.lastKey = key;
    this.lastReport = report;
    this.context.events.report(report);
    if (wasReady !== this.isReady) this.context.cluster.poke('');
  }

  private makeReport(): AppReport {
    const facts = (healthyForMs: number): PassFacts => ({
      plan: this.plan,
      suspended: this.isSuspended(),
      waitsFor: this.waitsFor,
      healthyForMs,
      lossCount: this.lossCount,
      writes: this.writes,
      drifts: this.drifts,
      reasons: this.explainer.reasons,
    });
    this.noteHealth(buildReport(this.state, facts(0)).health);
    const since = this.healthySince;
    return buildReport(this.state, facts(since === undefined ? 0 : this.context.clock.monotonic() - since));
  }

  private noteHealth(health: Health): void {
    if (health === 'healthy') this.healthySince ??= this.context.clock.monotonic();
    else {
      if (this.healthySince !== undefined) this.lossCount += 1;
      this.healthySince = undefined;
    }
  }

  /** One timer for the next thing that time alone may change. */
  private schedule(): void {
    clearTimeout(this.timer);
    const now = this.context.clock.monotonic();
    const waits: number[] = [];
    for (const tracked of this.state.tracked.values()) {
      if (tracked.retryAt > now) waits.push(tracked.retryAt - now);
      if (tracked.verdict.lookAgainMs !== undefined) waits.push(tracked.verdict.lookAgainMs);
    }
    if (this.isSuspended()) waits.push(this.suspendedUntil() - this.context.clock.now());
    if (this.plan?.waits.some((wait) => NEEDS_READING.has(wait.code)) === true) waits.push(WAIT_RETRY_MS);
    if (waits.length === 0) return;
    this.timer = setTimeout(() => this.lookAgain(), Math.max(10, Math.min(...waits)));
    this.timer.unref();
  }

  private lookAgain(): void {
    const now = this.context.clock.now();
    const waiting = new Set(
      (this.plan?.waits ?? []).filter((wait) => NEEDS_READING.has(wait.code)).map((wait) => refKey(wait.ref)),
    );
    for (const tracked of this.state.tracked.values()) {
      if (waiting.has(tracked.key)) tracked.live = undefined;
      else this.judgeAgain(tracked, now);
    }
    this.wake();
  }

  private judgeAgain(tracked: TrackedObject, now: number): void {
    if (tracked.verdict.lookAgainMs === undefined || tracked.raw === undefined || tracked.live?.state !== 'present')
      return;
    tracked.verdict = this.state.judge(tracked, tracked.raw, now);
    tracked.live = { ...tracked.live, health: tracked.verdict.health };
  }
}

const WRITES: ReadonlySet<ReconcileEvent['type']> = new Set(['applied', 'released', 'pruned']);

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Objects that no watch tells us about while they wait. */
const NEEDS_READING: ReadonlySet<string> = new Set(['unknown', 'terminating', 'ownedBy', 'notOwned', 'adoptDiffers']);

function isCrd({ ref }: TrackedObject): boolean {
  return ref.kind === 'CustomResourceDefinition' && ref.group === 'apiextensions.k8s.io';
}

function liveMap(objects: Iterable<TrackedObject>): Map<string, LiveObject> {
  const map = new Map<string, LiveObject>();
  for (const { key, live, blind } of objects) {
    if (blind) map.set(key, { state: 'unknown', because: 'the watch of its kind is broken' });
    else if (live !== undefined) map.set(key, live);
  }
  return map;
}

function stripVersion(live: TrackedObject['live']): unknown {
  return live?.state === 'present' ? { ...live, resourceVersion: '' } : live;
}
