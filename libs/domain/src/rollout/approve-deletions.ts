import { orderVersions } from '../desired-state/index.js';
import type { RolloutFacts, RolloutTarget } from './facts.js';
import type { RolloutMemory } from './memory.js';
import type { PlannedAssignment, RolloutPlan } from './rollout-plan.js';

/** The deletion set that its present report says it waits for. */
export function waitingDeletions({ observation, allowed, sessionId }: RolloutTarget): string | undefined {
  if (observation === undefined || allowed === undefined || observation.sessionId !== sessionId) return undefined;
  return orderVersions(observation.evaluated, allowed.since) < 0 ? undefined : observation.deletionSet;
}

/** Whether somebody allowed the set, and the target has not used that yet. */
export function coversDeletion(
  { approvedDeletions }: Pick<RolloutMemory, 'approvedDeletions'>,
  set: string,
  { clusterId }: Pick<RolloutTarget, 'clusterId'>,
): boolean {
  return approvedDeletions.some((approval) => approval.set === set && !approval.usedBy.includes(clusterId));
}

/** Of targets that keep what they have: a set belongs to what the target runs now. */
export function approveDeletions(
  { targets }: Pick<RolloutFacts, 'targets'>,
  memory: RolloutMemory,
  assigned: readonly PlannedAssignment[],
): RolloutPlan['deletions'] {
  if (memory.approvedDeletions.length === 0) return [];
  const moving = new Set(assigned.map(({ clusterId }) => clusterId));
  return targets
    .flatMap((target) => {
      const { clusterId } = target;
      const set = waitingDeletions(target);
      if (set === undefined || moving.has(clusterId) || target.approvedDeletions.includes(set)) return [];
      return coversDeletion(memory, set, target) ? [{ clusterId, set }] : [];
    })
    .sort((a, b) => a.clusterId - b.clusterId);
}

/** An approval is for one occurrence on each target. */
export function useApprovals(memory: RolloutMemory, deletions: RolloutPlan['deletions']): RolloutMemory {
  if (deletions.length === 0) return memory;
  const approvedDeletions = memory.approvedDeletions.map((approval) => {
    const users = deletions.filter(({ set }) => set === approval.set).map(({ clusterId }) => clusterId);
    return { ...approval, usedBy: [...approval.usedBy, ...users].sort((a, b) => a - b) };
  });
  return { ...memory, approvedDeletions };
}
