import type { TargetLife } from '../release/index.js';
import type { RolloutAct, RolloutFacts, RolloutTarget } from './facts.js';
import type { PlannedRemoval } from './rollout-plan.js';

/**
 * What becomes of targets that leave. Each goes as the App's last stored policy says; when more than max(1, 10 %) of an
 * app's targets leave at once, each is asked about. `asked` keeps the objects running and healed until a person decides.
 */
export function planRemovals(facts: Pick<RolloutFacts, 'targets' | 'acts'>): PlannedRemoval[] {
  const going = facts.targets.filter(
    ({ life, allowed }) => allowed !== undefined && (life === 'leaving' || life === 'orphaned' || life === 'pruned'),
  );
  const guarded = going.length > Math.max(1, 0.1 * facts.targets.length);
  const removals: PlannedRemoval[] = [];
  for (const target of [...facts.targets].sort((a, b) => a.clusterId - b.clusterId)) {
    if (target.life === 'active') continue;
    const decision = decide(target, facts.acts) ?? byPolicy(target, guarded);
    if (decision && decision.to !== target.life) removals.push({ clusterId: target.clusterId, ...decision });
  }
  return removals;
}

interface Decision {
  readonly to: TargetLife;
  readonly because: string;
}

function byPolicy({ life, onDelete, allowed }: RolloutTarget, guarded: boolean): Decision | undefined {
  if (life !== 'leaving') return undefined;
  if (allowed === undefined) return { to: 'pruned', because: 'nothing runs there' };
  if (guarded) return { to: 'asked', because: 'many targets leave at once' };
  switch (onDelete) {
    case 'ask':
      return { to: 'asked', because: 'onDelete: ask' };
    case 'orphan':
      return { to: 'orphaned', because: 'onDelete: orphan' };
    case 'prune':
      return { to: 'pruned', because: 'onDelete: prune' };
  }
}

/** The last act about this target's removal. */
function decide(target: RolloutTarget, acts: readonly RolloutAct[]): Decision | undefined {
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
