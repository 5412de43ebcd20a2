import { coversDeletion, waitingDeletions } from './approve-deletions.js';
import type { LivenessRule } from './assess-evidence.js';
import { isLive, isOverdue } from './assess-evidence.js';
import type { RolloutFacts, RolloutTarget } from './facts.js';
import type { RolloutMemory, TargetMemory } from './memory.js';
import { observe } from './stopwatch.js';

/** One look at a rollout: what is fixed while a plan is made. */
export interface Look extends LivenessRule {
  readonly facts: RolloutFacts;
  readonly memory: RolloutMemory;
  /** Unix ms by the database's clock: for windows, suspensions and display only. */
  readonly now: number;
  /** Observed time now: what the clocks of the rollout run on. */
  readonly observedMs: number;
  /** Unix ms until which a new leader judges nothing; in the past when it may. */
  readonly graceUntil: number;
  /** Whether failures, time-outs, rollbacks and silence may be concluded now. */
  readonly mayJudge: boolean;
}

export function takeLook(facts: RolloutFacts, memory: RolloutMemory, now: number): Look {
  const { clock, ledForMs, graceMs, silentAfterMs, isolatedSince } = facts.hub;
  const { looked } = memory;
  const times = { looked, observedMs: memory.observedMs, now: clock, ledForMs, boundMs: 2 * silentAfterMs };
  const observedMs = observe(times);
  const graceUntil = now + graceMs - ledForMs;
  const mayJudge = ledForMs >= graceMs && isolatedSince === undefined;
  return { facts, memory, now, silentAfterMs, observedMs, graceUntil, mayJudge };
}

/** A cluster that is away, as far as this hub may conclude that. */
export function isSilent(target: RolloutTarget, look: Look): boolean {
  return look.mayJudge && isOverdue(target, look);
}

/** What keeps a target from being assigned or from running its deadline, whoever's turn it is. */
export type TargetObstacle = 'away' | 'suspended' | 'dependsOn' | 'deletionApproval';

export function obstacleOf(target: RolloutTarget, look: Look): TargetObstacle | undefined {
  if (!isLive(target, look)) return 'away';
  if (target.suspendedUntil > look.now) return 'suspended';
  if (target.dependencies.some(({ state }) => state !== 'ready')) return 'dependsOn';
  const set = waitingDeletions(target);
  return set !== undefined && !isApproved(target, set, look.memory) ? 'deletionApproval' : undefined;
}

function isApproved(target: RolloutTarget, set: string, memory: RolloutMemory): boolean {
  return target.approvedDeletions.includes(set) || coversDeletion(memory, set, target);
}

const NOTHING: TargetMemory = {};

export function targetMemory(memory: RolloutMemory, target: RolloutTarget): TargetMemory {
  return memory.targets[target.clusterId] ?? NOTHING;
}
