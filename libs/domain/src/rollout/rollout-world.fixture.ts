import fc from 'fast-check';
import type { StrategyDefinition, Wave } from '../definitions/index.js';
import { DEFAULT_STRATEGY } from '../definitions/index.js';
import type { Health } from '../report/index.js';
import { carryOut } from './carry-out.js';
import type { Observation, RolloutAct, RolloutFacts, RolloutTarget } from './facts.js';
import type { RolloutPlan } from './rollout-plan.js';
import { planRollout } from './plan-rollout.js';

export const START = 1_700_000_000_000;
export const SECOND = 1000;
export const MINUTE = 60_000;
export const POLICY = 'policy';

/** A wave of clusters with `ring=…`; without a ring, the rest. */
export function wave(name: string, ring: string | undefined, more: Partial<Wave> = {}): Wave {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (!defaults) throw new Error('the default strategy has a wave');
  const requirements = [{ op: 'in' as const, key: 'ring', values: [ring ?? ''] }];
  const choice = { by: 'selector' as const, selector: { text: `ring=${ring ?? ''}`, requirements } };
  return { ...defaults, name, ...(ring !== undefined && { choice }), ...more };
}

export function strategy(waves: readonly Wave[], more: Partial<StrategyDefinition> = {}): StrategyDefinition {
  return { ...DEFAULT_STRATEGY, name: 'rings', waves, ...more };
}

/** A target that runs `old` and should run `new`. */
export function target(clusterId: number, ring: string, more: Partial<RolloutTarget> = {}): RolloutTarget {
  const old = { bundle: 'old', policy: POLICY, releaseId: 1 };
  return {
    clusterId,
    name: `c${String(clusterId).padStart(3, '0')}`,
    labels: { ring },
    life: 'active',
    lifeSince: START,
    onDelete: 'ask',
    desired: { bundle: 'new', policy: POLICY },
    allowed: { ...old, since: { generation: 1, number: 1 }, at: START },
    proven: old,
    observation: undefined,
    sessionId: `s${clusterId}`,
    lastSeenAt: START,
    silentForMs: 0,
    suspendedUntil: 0,
    approvedDeletions: [],
    dependencies: [],
    ...more,
  };
}

/** A hub that leads since then, by a wall clock that nobody sets. */
export function hub(leaderSince: number): RolloutFacts['hub'] {
  const clock = { epoch: leaderSince, ms: leaderSince };
  return { leaderSince, ledForMs: 0, clock, graceMs: MINUTE, silentAfterMs: 30 * SECOND, isolatedSince: undefined };
}

/** The facts as a hub sees them that has observed all time until now. */
export function observed(given: RolloutFacts, now: number): RolloutFacts {
  const { leaderSince } = given.hub;
  const clock = { epoch: leaderSince, ms: now };
  const targets = given.targets.map((each) => ({
    ...each,
    silentForMs: each.lastSeenAt === undefined ? undefined : now - each.lastSeenAt,
  }));
  return { ...given, targets, hub: { ...given.hub, ledForMs: now - leaderSince, clock } };
}

/** Plans for a hub that has observed all time until now. */
export function planAt(given: RolloutFacts, now: number): RolloutPlan {
  return planRollout(observed(given, now), now);
}

export function facts(targets: readonly RolloutTarget[], more: Partial<RolloutFacts> = {}): RolloutFacts {
  return {
    app: 'web',
    release: { id: 2, number: 2 },
    strategy: strategy([wave('all', undefined)]),
    groups: {},
    windows: {},
    targets,
    acts: [],
    hub: hub(START - 3_600_000),
    memory: undefined,
    ...more,
  };
}

/** What a target's agent says of what it is allowed. */
export function observation(of: RolloutTarget, health: Health, more: Partial<Observation> = {}): Observation {
  return {
    sessionId: of.sessionId ?? 'none',
    evaluated: of.allowed?.since ?? { generation: 0, number: 0 },
    bundle: of.allowed?.bundle,
    policy: of.allowed?.policy,
    attempted: of.allowed && { bundle: of.allowed.bundle, policy: of.allowed.policy },
    phase: 'applied',
    health,
    healthyForMs: 0,
    lossCount: 0,
    failedFast: false,
    deletionSet: undefined,
    problem: '',
    reportedAt: START,
    ...more,
  };
}

/** A small world: facts that change step by step, and the planner as its only decider. */
export class RolloutWorld {
  now = START;
  readonly plans: RolloutPlan[] = [];

  constructor(public facts: RolloutFacts) {}

  get last(): RolloutPlan {
    const plan = this.plans.at(-1);
    if (!plan) throw new Error('nothing was planned yet');
    return plan;
  }

  /** Connected clusters are heard; then the plan is made and carried out. */
  plan(afterMs = 0): RolloutPlan {
    this.now += afterMs;
    this.change((each) => (each.sessionId === undefined ? each : { ...each, lastSeenAt: this.now }));
    this.facts = observed(this.facts, this.now);
    const plan = planRollout(this.facts, this.now);
    this.facts = carryOut(this.facts, plan, this.now);
    this.plans.push(plan);
    return plan;
  }

  report(ids: readonly number[], health: Health, more: Partial<Observation> = {}): void {
    this.change((each) => {
      if (!ids.includes(each.clusterId)) return each;
      const seen = observation(each, health, { reportedAt: this.now, ...more });
      const proven = health === 'healthy' && each.allowed ? each.allowed : each.proven;
      return { ...each, observation: seen, proven };
    });
  }

  disconnect(...ids: readonly number[]): void {
    this.change((each) => (ids.includes(each.clusterId) ? { ...each, sessionId: undefined } : each));
  }

  act(act: Omit<RolloutAct, 'id' | 'actor' | 'reason' | 'at'>): void {
    const id = this.facts.acts.length + 1;
    this.facts = {
      ...this.facts,
      acts: [...this.facts.acts, { ...act, id, actor: 'ana', reason: 'why', at: this.now }],
    };
  }

  release(id: number, bundle: string): void {
    this.facts = { ...this.facts, release: { id, number: id }, acts: [] };
    this.change((each) => ({ ...each, desired: { bundle, policy: POLICY } }));
  }

  change(how: (target: RolloutTarget) => RolloutTarget): void {
    this.facts = { ...this.facts, targets: this.facts.targets.map(how) };
  }

  /** Ids of clusters that are allowed a bundle, ascending. */
  allowed(bundle = 'new'): number[] {
    return this.facts.targets.filter(({ allowed }) => allowed?.bundle === bundle).map(({ clusterId }) => clusterId);
  }

  blocks(): string[] {
    return this.last.blockedBy.map(({ kind, wave: name, cluster }) =>
      [kind, name, cluster].filter((part) => part).join(' '),
    );
  }
}

const amount = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
);

const failures = fc.oneof(
  fc.record({ count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ percent: fc.integer({ min: 0, max: 50 }) }),
);

const anyWave = (name: string, ring: string | undefined): fc.Arbitrary<Wave> =>
  fc
    .record({
      soakMs: fc.constantFrom(0, MINUTE, 5 * MINUTE),
      maxConcurrent: amount,
      maxFailures: failures,
      approval: fc.constantFrom('none' as const, 'none' as const, 'required' as const),
    })
    .map((more) => wave(name, ring, more));

export const anyStrategy: fc.Arbitrary<StrategyDefinition> = fc
  .record({
    canary: anyWave('canary', '0'),
    early: anyWave('early', '1'),
    rest: anyWave('rest', undefined),
    doing: fc.constantFrom('halt' as const, 'rollback' as const),
    scope: fc.constantFrom('wave' as const, 'all' as const),
    offline: fc.constantFrom('catchUp' as const, 'wait' as const, 'fail' as const),
    minHealthy: amount,
  })
  .map(({ canary, early, rest, doing, scope, offline, minHealthy }) =>
    strategy([canary, early, rest], { onFailure: { do: doing, scope }, offline, minHealthy }),
  );

export const anyTargets: fc.Arbitrary<RolloutTarget[]> = fc
  .array(fc.record({ ring: fc.constantFrom('0', '1', '2', '3'), fresh: fc.boolean(), away: fc.nat(9) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((list) =>
    list.map(({ ring, fresh, away }, index) => {
      const gone = away === 0 ? { sessionId: undefined, lastSeenAt: undefined } : {};
      return target(index + 1, ring, { ...(fresh && { allowed: undefined, proven: undefined }), ...gone });
    }),
  );
