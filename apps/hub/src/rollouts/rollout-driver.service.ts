import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { RolloutMemory, RolloutPlan } from '@flotilla/domain';
import { Fault, planRollout } from '@flotilla/domain';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import { AppQueue } from './app-queue.js';
import { describeStep } from './describe-step.js';
import { FleetLiveness } from './fleet-liveness.service.js';
import type { LoadedRollout } from './rollout-facts.repository.js';
import { RolloutFactsRepository } from './rollout-facts.repository.js';
import { RolloutPlanRepository } from './rollout-plan.repository.js';

const PLANS_AT_ONCE = 3;
/** How long a plan waits after a failure of the database. */
const RETRY_MS = 1000;
/**
 * How often a rollout's clocks are saved while nothing else changes; oftener where silence is judged sooner: time that
 * was not saved counts for no longer than two silences.
 */
const SAVE_CLOCKS_MS = 20_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The only place where rollouts move: load → planRollout → save → tell. Runs while this hub leads; everything it needs is
 * in Postgres, so that another hub goes on where this one stopped.
 */
@Injectable()
export class RolloutDriver implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly queue = new AppQueue((appId) => this.plan(appId), PLANS_AT_ONCE);
  private readonly timers = new Map<number, NodeJS.Timeout>();
  /** Apps in which something waits: reports and sessions concern only these. */
  private readonly waiting = new Set<number>();
  private dependents = new Map<number, number[]>();
  private reconnected = new Set<number>();
  private stopped = false;

  constructor(
    @Inject(RolloutFactsRepository) private readonly facts: RolloutFactsRepository,
    @Inject(RolloutPlanRepository) private readonly plans: RolloutPlanRepository,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(FleetLiveness) private readonly liveness: FleetLiveness,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.leader.onChange((leading) => (leading ? void this.begin() : this.end()));
    this.events.on('partsChanged', ({ appIds }) => void this.partsChanged(appIds));
    this.events.on('definitionsChanged', () => this.mark([...this.waiting]));
    this.events.on('clusterLeaves', ({ clusterId }) => void this.clusterLeaves(clusterId));
    this.events.on('acted', ({ appIds }) => this.mark(appIds, true));
    this.events.on('reportsStored', ({ appIds }) => this.reported(appIds));
    this.events.on('targetRemoved', ({ app, clusterId }) => void this.finishRemoval(app, clusterId));
    this.events.on('sessionOpened', ({ clusterId }) => this.sessionChanged(clusterId));
    this.events.on('sessionClosed', ({ clusterId }) => this.sessionChanged(clusterId));
    this.liveness.onChange(() => this.mark([...this.waiting]));
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    this.end();
  }

  private async begin(): Promise<void> {
    this.liveness.begin();
    await this.guarded(async () => {
      await this.loadDependents();
      this.mark(await this.facts.loadAppIds());
    });
  }

  private end(): void {
    this.queue.clear();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.waiting.clear();
  }

  private mark(appIds: readonly number[], urgent = false): void {
    if (!this.leader.leading || this.stopped) return;
    for (const appId of appIds) this.queue.mark(appId, urgent);
  }

  private async partsChanged(appIds: readonly number[]): Promise<void> {
    this.mark(appIds, true);
    await this.guarded(() => this.loadDependents());
    this.mark(appIds.flatMap((appId) => this.dependents.get(appId) ?? []));
  }

  private reported(appIds: readonly number[]): void {
    const concerned = appIds.flatMap((appId) => [appId, ...(this.dependents.get(appId) ?? [])]);
    this.mark(concerned.filter((appId) => this.waiting.has(appId)));
  }

  /** Thousands may come back at once: their apps are looked up together. */
  private sessionChanged(clusterId: number): void {
    if (!this.leader.leading) return;
    this.reconnected.add(clusterId);
    if (this.reconnected.size > 1) return;
    setImmediate(() => {
      const clusterIds = [...this.reconnected];
      this.reconnected = new Set();
      void this.guarded(async () => {
        const appIds = await this.facts.loadAppsOf(clusterIds);
        this.mark(appIds.filter((appId) => this.waiting.has(appId)));
      });
    });
  }

  private async clusterLeaves(clusterId: number): Promise<void> {
    await this.guarded(async () => this.mark(await this.facts.loadAppsOf([clusterId]), true));
  }

  private async finishRemoval(app: string, clusterId: number): Promise<void> {
    await this.guarded(async () => {
      await this.leader.decide((tx) => this.plans.finishRemoval(tx, app, clusterId));
      this.events.emit('assigned', { clusterIds: [clusterId] });
      this.events.emit('changed', { kind: 'target', app, message: `${app} removed` });
    });
  }

  private async loadDependents(): Promise<void> {
    const dependents = new Map<number, number[]>();
    for (const { app, dependsOn } of await this.facts.loadDependents()) {
      dependents.set(dependsOn, [...(dependents.get(dependsOn) ?? []), app]);
    }
    this.dependents = dependents;
  }

  private async plan(appId: number): Promise<void> {
    if (!this.leader.leading || this.stopped) return;
    this.waiting.add(appId);
    const done = await this.guarded(async () => {
      const loaded = await this.facts.load(appId);
      if (!loaded) return;
      const plan = planRollout(loaded.facts, loaded.now);
      if (changes(loaded, plan)) await this.save(loaded, plan);
      this.lookAgain(appId, plan, loaded.now);
    });
    if (!done && this.leader.leading) this.arm(appId, RETRY_MS);
  }

  /** A push that came while the plan was made voids it: nothing is saved, and the app is planned again. */
  private async save(loaded: LoadedRollout, plan: RolloutPlan): Promise<void> {
    const clusterIds = await this.leader.decide(async (tx) => {
      if (!(await this.plans.isNewest(tx, loaded))) return undefined;
      await this.plans.saveRollout(tx, loaded, plan);
      return this.plans.saveDecisions(tx, loaded, plan);
    });
    if (clusterIds === undefined) return this.mark([loaded.appId], true);
    if (clusterIds.length > 0) this.events.emit('assigned', { clusterIds });
    this.tell(loaded, plan);
    if (loaded.row !== undefined && loaded.row.state === plan.rolloutState) return;
    const waiting = [...(this.dependents.get(loaded.appId) ?? [])];
    this.mark(waiting.filter((appId) => this.waiting.has(appId)));
  }

  private tell({ facts }: LoadedRollout, plan: RolloutPlan): void {
    const names = new Map(facts.targets.map(({ clusterId, name }) => [clusterId, name]));
    for (const step of plan.steps) {
      const cluster = step.clusterId === undefined ? undefined : names.get(step.clusterId);
      const message = describeStep(step, { app: facts.app, number: facts.release.number, cluster });
      const kind = cluster === undefined ? 'rollout' : 'target';
      this.events.emit('changed', { kind, app: facts.app, ...(cluster !== undefined && { cluster }), message });
    }
  }

  private lookAgain(appId: number, plan: RolloutPlan, now: number): void {
    if (plan.nextLookAt === undefined) this.waiting.delete(appId);
    else this.waiting.add(appId);
    clearTimeout(this.timers.get(appId));
    this.timers.delete(appId);
    if (plan.nextLookAt !== undefined) this.arm(appId, plan.nextLookAt - now);
  }

  private arm(appId: number, delayMs: number): void {
    clearTimeout(this.timers.get(appId));
    this.timers.set(
      appId,
      setTimeout(() => this.mark([appId]), Math.min(delayMs, LONGEST_TIMER_MS)),
    );
  }

  /** Whether it worked. Losing the lead is no failure; a frozen hub waits; anything else is logged and tried again. */
  private async guarded(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (this.stopped || (error instanceof Fault && error.code === 'notLeader')) return true;
      if (error instanceof Fault && error.code === 'frozen') return false;
      this.logger.warn({ err: error }, 'a rollout could not be planned; it is tried again');
      return false;
    }
  }
}

/** Whether there is anything to save: decisions, steps, what people see, or clocks that ran for a while. */
function changes({ facts, row }: LoadedRollout, plan: RolloutPlan): boolean {
  const decisions = [plan.assignments, plan.rollbacks, plan.retries, plan.deletions, plan.removals, plan.steps];
  if (row === undefined || facts.memory?.releaseId !== facts.release.id) return true;
  if (decisions.some((list) => list.length > 0) || row.state !== plan.rolloutState) return true;
  const saveAfterMs = Math.min(SAVE_CLOCKS_MS, facts.hub.silentAfterMs);
  const sameTerm = plan.memory.looked.epoch === facts.memory.looked.epoch;
  const passedMs = plan.memory.looked.ms - facts.memory.looked.ms;
  if (plan.nextLookAt !== undefined && (passedMs >= saveAfterMs || !sameTerm)) return true;
  const shown = (value: Pick<RolloutPlan, 'waves' | 'blockedBy'>, memory: RolloutMemory): string => {
    const waves = value.waves.map((wave) => ({ ...wave, soakedMs: 0 }));
    return JSON.stringify([waves, value.blockedBy, { ...memory, looked: undefined, observedMs: 0 }]);
  };
  return shown(row, facts.memory) !== shown(plan, plan.memory);
}
