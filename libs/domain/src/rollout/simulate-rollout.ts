import type { StrategyDefinition, WindowDefinition } from '../definitions/index.js';
import type { Groups } from '../match/index.js';
import type { Health } from '../report/index.js';
import { carryOut } from './carry-out.js';
import type { Observation, RolloutAct, RolloutFacts, RolloutTarget } from './facts.js';
import { samePart } from './facts.js';
import { planRollout } from './plan-rollout.js';
import type { Block, RolloutPlan, RolloutStep } from './rollout-plan.js';

/** ready: healthy after a while · failing: fails fast after that while · stuck: never healthy · away: not connected. */
export type ScriptedBehaviour = 'ready' | 'failing' | 'stuck' | 'away';

export interface ScriptedCluster {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly behaviour: ScriptedBehaviour;
  /** From the assignment to the report that decides. */
  readonly afterMs: number;
}

export interface Simulation {
  readonly app: string;
  readonly strategy: StrategyDefinition;
  readonly groups: Groups;
  readonly windows: Readonly<Record<string, WindowDefinition>>;
  readonly clusters: readonly ScriptedCluster[];
  /** Unix ms. */
  readonly startsAt: number;
  /** How long a person takes to approve a wave; undefined: nobody does. */
  readonly approvesAfterMs: number | undefined;
  /** Simulated time after which it ends anyway. */
  readonly limitMs: number;
}

export interface SimulatedStep extends RolloutStep {
  readonly at: number;
  readonly cluster: string | undefined;
}

export interface SimulatedRollout {
  readonly steps: readonly SimulatedStep[];
  /** How it ended. */
  readonly plan: RolloutPlan;
  readonly endedAt: number;
}

const BEFORE = { bundle: 'before', policy: 'policy' };
const RELEASE = { bundle: 'release', policy: 'policy' };
const SESSION = 'simulated';

/** Plays the real planner against scripted reports, from event to event in simulated time. Deterministic. */
export function simulateRollout(simulation: Simulation): SimulatedRollout {
  const { startsAt, limitMs } = simulation;
  let now = startsAt;
  let facts = firstFacts(simulation);
  const steps: SimulatedStep[] = [];
  for (;;) {
    facts = report(facts, simulation, now);
    const plan = planRollout(facts, now);
    steps.push(...plan.steps.map((step) => ({ ...step, at: now, cluster: nameOf(simulation, step.clusterId) })));
    facts = carryOut(facts, plan, now);
    const next = nextTime(facts, { simulation, plan, now });
    if (plan.rolloutState === 'done' || next === undefined || next > startsAt + limitMs) {
      return { steps, plan, endedAt: now };
    }
    now = next;
    facts = { ...facts, acts: [...facts.acts, ...approvals(plan.blockedBy, now, { simulation, facts })] };
  }
}

function nameOf(simulation: Simulation, clusterId: number | undefined): string | undefined {
  return clusterId === undefined ? undefined : simulation.clusters[clusterId - 1]?.name;
}

function firstFacts({ app, strategy, groups, windows, clusters, startsAt }: Simulation): RolloutFacts {
  const since = { generation: 1, number: 1 };
  const targets = clusters.map(({ name, labels, behaviour }, index): RolloutTarget => {
    const away = behaviour === 'away';
    return {
      clusterId: index + 1,
      name,
      labels,
      life: 'active',
      lifeSince: startsAt,
      onDelete: 'ask',
      desired: RELEASE,
      allowed: { ...BEFORE, releaseId: 1, since, at: startsAt },
      proven: { ...BEFORE, releaseId: 1 },
      observation: undefined,
      sessionId: away ? undefined : SESSION,
      lastSeenAt: away ? undefined : startsAt,
      silentForMs: away ? undefined : 0,
      suspendedUntil: 0,
      approvedDeletions: [],
      dependencies: [],
    };
  });
  const hub = {
    leaderSince: startsAt,
    ledForMs: 0,
    clock: { epoch: 1, ms: startsAt },
    graceMs: 0,
    silentAfterMs: 30_000,
    isolatedSince: undefined,
  };
  return { app, release: { id: 2, number: 2 }, strategy, groups, windows, targets, acts: [], hub, memory: undefined };
}

/** Every connected agent is heard, and says what its script has come to. */
function report(facts: RolloutFacts, simulation: Simulation, now: number): RolloutFacts {
  const targets = facts.targets.map((target) => {
    const script = simulation.clusters[target.clusterId - 1];
    if (script === undefined || target.sessionId === undefined) return target;
    return { ...target, lastSeenAt: now, observation: observationOf(target, script, now) };
  });
  return { ...facts, targets, hub: { ...facts.hub, clock: { epoch: 1, ms: now } } };
}

function observationOf({ allowed }: RolloutTarget, script: ScriptedCluster, now: number): Observation | undefined {
  if (allowed === undefined) return undefined;
  const released = samePart(allowed, RELEASE);
  const decidedAt = released ? allowed.at + script.afterMs : allowed.at;
  const health = now < decidedAt ? 'progressing' : released ? OUTCOMES[script.behaviour] : 'healthy';
  const failedFast = health === 'failed';
  return {
    sessionId: SESSION,
    evaluated: allowed.since,
    bundle: allowed.bundle,
    policy: allowed.policy,
    attempted: { bundle: allowed.bundle, policy: allowed.policy },
    phase: 'applied',
    health,
    healthyForMs: health === 'healthy' ? now - decidedAt : 0,
    lossCount: 0,
    failedFast,
    deletionSet: undefined,
    problem: failedFast ? 'ImagePullBackOff' : '',
    reportedAt: now,
  };
}

/** What a script comes to on the release. */
const OUTCOMES: Readonly<Record<ScriptedBehaviour, Health>> = {
  ready: 'healthy',
  failing: 'failed',
  stuck: 'progressing',
  away: 'unknown',
};

interface Moment {
  readonly simulation: Simulation;
  readonly plan: RolloutPlan;
  readonly now: number;
}

/** The next report that decides, approval, or look; undefined when only a person could change anything. */
function nextTime(facts: RolloutFacts, { simulation, plan, now }: Moment): number | undefined {
  const reports = facts.targets.flatMap(({ allowed, clusterId }) => {
    const script = simulation.clusters[clusterId - 1];
    return script && samePart(allowed, RELEASE) && allowed ? [allowed.at + script.afterMs] : [];
  });
  const approved = approvalAsked(plan.blockedBy, { simulation, facts })?.approvedAt;
  // Who approves at once does so after what asks for it.
  const answer = approved === undefined ? [] : [Math.max(now + 1, approved)];
  const times = [...reports, ...answer].filter((at) => at > now);
  if (plan.nextLookAt !== undefined && (times.length > 0 || movesByItself(plan))) times.push(plan.nextLookAt);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether time alone changes something: a deadline, a soak, a window. */
function movesByItself({ blockedBy, rolloutState }: RolloutPlan): boolean {
  if (rolloutState === 'halted' || rolloutState === 'rolledBack') return false;
  return blockedBy.some(({ kind }) => kind === 'health' || kind === 'soak' || kind === 'window');
}

/** Nobody approves a wave after a failure. */
function hasFailed(blockedBy: readonly Block[]): boolean {
  return blockedBy.some(({ kind }) => kind === 'failureBudget');
}

interface Asked {
  readonly simulation: Simulation;
  readonly facts: RolloutFacts;
}

/** The approval that the simulated person is asked for and has not given, and when it comes. */
function approvalAsked(
  blockedBy: readonly Block[],
  { simulation: { approvesAfterMs }, facts }: Asked,
): { readonly wave: string; readonly approvedAt: number } | undefined {
  if (approvesAfterMs === undefined || hasFailed(blockedBy)) return undefined;
  for (const { kind, since, wave = '' } of blockedBy) {
    if (kind !== 'approval' || blockedBy.some((other) => other.kind === 'earlierWave' && other.wave === wave)) continue;
    const base = wave.replace(/:first$/, '');
    if (!facts.acts.some((act) => act.wave === base)) return { wave: base, approvedAt: since + approvesAfterMs };
  }
  return undefined;
}

function approvals(blockedBy: readonly Block[], now: number, { simulation, facts }: Asked): RolloutAct[] {
  const asked = approvalAsked(blockedBy, { simulation, facts });
  if (asked === undefined || asked.approvedAt > now) return [];
  const { wave } = asked;
  return [{ id: facts.acts.length + 1, kind: 'approve', wave, actor: 'simulated person', reason: '', at: now }];
}
