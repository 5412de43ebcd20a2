import type { TargetLife } from '../release/index.js';
import type { Departures, RolloutAct, RolloutTarget } from './facts.js';
import type { PlannedRemoval } from './rollout-plan.js';

export interface RemovalCourse {
  /** What people said since the last plan: each answer is to a question that stands now, and to no later one. */
  readonly acts: readonly RolloutAct[];
  /** Whether the hub trusts its own view: until then nothing leaves by policy. */
  readonly mayJudge: boolean;
  /** What left before, within the guard's window. */
  readonly departures?: Departures;
}

/** The most that may leave by policy within the window: a share of what there was, and a few in any case. */
const APP_GUARD = { atLeast: 1, share: 0.1, because: 'many targets leave at once' };
const FLEET_GUARD = { atLeast: 3, share: 0.1, because: 'many targets of the fleet leave at once' };

/**
 * What becomes of targets that leave. Each goes as the App's last stored policy says; when more than max(1, 10 %) of the
 * app's targets, or more than max(3, 10 %) of the fleet's, leave within the window, whether together or one by one, each is
 * asked about. `asked` keeps the objects running and healed until a person decides. A target that leaves on a person's word
 * with its cluster is not counted.
 */
export function planRemovals(targets: readonly RolloutTarget[], course: RemovalCourse): PlannedRemoval[] {
  const going = targets.filter(({ life, clusterRemoval }) => life !== 'active' || clusterRemoval !== undefined);
  if (going.length === 0) return [];
  const guarded = guardOf(targets, course.departures);
  const removals: PlannedRemoval[] = [];
  for (const target of going.sort((a, b) => a.clusterId - b.clusterId)) {
    const decision = ofCluster(target) ?? decide(target, course.acts) ?? byPolicy(target, { ...course, guarded });
    if (decision && decision.to !== target.life) removals.push({ clusterId: target.clusterId, ...decision });
  }
  return removals;
}

/** Why targets that leave are asked about, whatever their policy says. */
function guardOf(targets: readonly RolloutTarget[], departures: Departures | undefined): string | undefined {
  const { clusterIds = [], elsewhere = { left: 0, targets: 0 } } = departures ?? {};
  const known = new Map(targets.map((target) => [target.clusterId, target]));
  const left = new Set(targets.filter((target) => isGoing(target)).map(({ clusterId }) => clusterId));
  const gone = new Set(clusterIds.filter((id) => !known.has(id)));
  for (const id of clusterIds) if (hasLeft(known.get(id))) left.add(id);
  const before = targets.length + gone.size;
  if (isMany(left.size, before, APP_GUARD)) return APP_GUARD.because;
  const fleet = isMany(left.size + elsewhere.left, before + elsewhere.targets, FLEET_GUARD);
  return fleet ? FLEET_GUARD.because : undefined;
}

function isMany(left: number, of: number, { atLeast, share }: typeof APP_GUARD): boolean {
  return left > Math.max(atLeast, share * of);
}

/** It left within the window, and is not back; one that is gone for good left as well. */
function hasLeft(target: RolloutTarget | undefined): boolean {
  if (target === undefined) return true;
  return target.life !== 'active' && target.clusterRemoval === undefined;
}

/** It leaves and was not asked about. */
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
  { guarded, mayJudge }: { readonly guarded: string | undefined; readonly mayJudge: boolean },
): Decision | undefined {
  if (life !== 'leaving') return undefined;
  if (allowed === undefined) return { to: 'pruned', because: 'nothing runs there' };
  if (guarded !== undefined) return { to: 'asked', because: guarded };
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
