import type { Assignment, RolloutFacts, RolloutTarget } from './facts.js';
import type { PlannedAssignment, RolloutPlan } from './rollout-plan.js';

/** The facts after a plan was carried out at `now`: what the driver makes true in the database. */
export function carryOut(facts: RolloutFacts, plan: RolloutPlan, now: number): RolloutFacts {
  const assigned = new Map<number, PlannedAssignment>();
  for (const each of [...plan.assignments, ...plan.rollbacks]) assigned.set(each.clusterId, each);
  const retried = new Set(plan.retries);
  const lives = new Map(plan.removals.map(({ clusterId, to }) => [clusterId, to]));
  const targets = facts.targets.map((target): RolloutTarget => {
    const { clusterId, allowed } = target;
    const given = assigned.get(clusterId);
    const life = lives.get(clusterId) ?? target.life;
    const lifeSince = lives.has(clusterId) ? now : target.lifeSince;
    const again = retried.has(clusterId) && allowed ? { ...allowed, since: nextVersion(target) } : allowed;
    const sets = plan.deletions.flatMap((each) => (each.clusterId === clusterId ? [each.set] : []));
    const approvedDeletions = [...(given ? [] : target.approvedDeletions), ...sets];
    return { ...target, life, lifeSince, approvedDeletions, allowed: given ? assign(target, given, now) : again };
  });
  return { ...facts, targets, memory: plan.memory };
}

function assign(target: RolloutTarget, { bundle, policy, releaseId }: PlannedAssignment, now: number): Assignment {
  return { bundle, policy, releaseId, since: nextVersion(target), at: now };
}

function nextVersion({ allowed }: RolloutTarget): Assignment['since'] {
  return { generation: 1, number: (allowed?.since.number ?? 0) + 1 };
}
