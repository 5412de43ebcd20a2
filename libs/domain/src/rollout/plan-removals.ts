import type { TargetLife } from '../release/index.js';
import type { RolloutAct, RolloutTarget } from './facts.js';
import type { PlannedRemoval } from './rollout-plan.js';

export interface RemovalCourse {
  /** What people said since the last plan: each answer is to a question that stands now, and to no later one. */
  readonly acts: readonly RolloutAct[];
  /** Whether the hub trusts its own view: until then nothing leaves by policy. */
  readonly mayJudge: boolean;
}

/**
 * What becomes of targets that leave. Each goes as the App's last stored policy says; when more than max(1, 10 %) of an
 * app's targets leave at once, each is asked about. `asked` keeps the objects running and healed until a person decides.
 */
export function planRemovals(targets: readonly RolloutTarget[], course: RemovalCourse): PlannedRemoval[] {
  const going = targets.filter((target) => isGoing(target));
  const guarded = going.length > Math.max(1, 0.1 * targets.length);
  const removals: PlannedRemoval[] = [];
  for (const target of [...targets].sort((a, b) => a.clusterId - b.clusterId)) {
    const decision = ofCluster(target) ?? decide(target, course.acts) ?? byPolicy(target, { ...course, guarded });
    if (decision && decision.to !== target.life) removals.push({ clusterId: target.clusterId, ...decision });
  }
  return removals;
}

function isGoing({ life, allowed, clusterRemoval }: RolloutTarget): boolean {
  if (allowed === undefined || clusterRemoval !== undefined) return false;
  return life === 'leaving' || life === 'orphaned' || life === 'pruned';
}

interface Decision {
  readonly to: TargetLife;
  readonly because: string;
}

/** A person removes the whole cluster, and said how. */
function ofCluster({ clusterRemoval }: RolloutTarget): Decision | undefined {
  if (clusterRemoval === undefined) return undefined;
  return { to: clusterRemoval === 'prune' ? 'pruned' : 'orphaned', because: 'clusterRemoved' };
}

function byPolicy(
  { life, onDelete, allowed }: RolloutTarget,
  { guarded, mayJudge }: { readonly guarded: boolean; readonly mayJudge: boolean },
): Decision | undefined {
  if (life !== 'leaving') return undefined;
  if (allowed === undefined) return { to: 'pruned', because: 'nothing runs there' };
  if (guarded) return { to: 'asked', because: 'many targets leave at once' };
  if (onDelete === 'ask') return { to: 'asked', because: 'onDelete: ask' };
  if (!mayJudge) return undefined;
  return { to: onDelete === 'prune' ? 'pruned' : 'orphaned', because: `onDelete: ${onDelete}` };
}

/** The last act about this target's removal. */
function decide(target: RolloutTarget, acts: readonly RolloutAct[]): Decision | undefined {
  if (target.life === 'active') return undefined;
  let decision: Decision | undefined;
  let latest = 0;
  for (const act of acts) {
    if (act.id < latest || (act.clusterId !== undefined && act.clusterId !== target.clusterId)) continue;
    const to = LIFE_AFTER[act.kind];
    if (to === undefined) continue;
    latest = act.id;
    decision = { to, because: `${act.actor}: ${act.reason}` };
  }
  return decision;
}

const LIFE_AFTER: Partial<Record<RolloutAct['kind'], TargetLife>> = {
  approveRemoval: 'pruned',
  orphanRemoval: 'orphaned',
  cancelRemoval: 'asked',
};
