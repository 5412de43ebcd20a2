import { describe, expect, it } from 'vitest';
import type { ActKind, RolloutAct, RolloutTarget } from './facts.js';
import { planRemovals } from './plan-removals.js';
import { RolloutWorld, SECOND, START, facts, hub, target, planAt } from './rollout-world.fixture.js';

const NOW = { acts: [], mayJudge: true };

const leaving = (count: number, onDelete: 'ask' | 'prune' | 'orphan', of = 30): RolloutTarget[] =>
  Array.from({ length: of }, (_, index) => target(index + 1, '1', index < count ? { life: 'leaving', onDelete } : {}));

const lives = (targets: readonly RolloutTarget[], mayJudge = true): string[] =>
  planRemovals(targets, { acts: [], mayJudge }).map(({ to }) => to);

const act = (kind: ActKind, clusterId?: number): RolloutAct => ({
  id: 1,
  kind,
  ...(clusterId !== undefined && { clusterId }),
  actor: 'ana',
  reason: 'gone',
  at: START,
});

describe('planRemovals', () => {
  it('goes as the policy says', () => {
    expect(lives(leaving(1, 'ask'))).toEqual(['asked']);
    expect(lives(leaving(1, 'orphan'))).toEqual(['orphaned']);
    expect(lives(leaving(3, 'prune'))).toEqual(['pruned', 'pruned', 'pruned']);
  });

  it('asks when more than max(1, 10 %) leave at once', () => {
    expect(lives(leaving(4, 'prune'))).toEqual(['asked', 'asked', 'asked', 'asked']);
    expect(lives(leaving(1, 'prune', 1))).toEqual(['pruned']);
    expect(lives(leaving(2, 'prune', 2))).toEqual(['asked', 'asked']);
    expect(lives(leaving(2, 'prune', 20))).toEqual(['pruned', 'pruned']);
    expect(lives(leaving(2, 'prune', 19))).toEqual(['asked', 'asked']);
  });

  it('counts what left within the window, one by one, as if it left at once', () => {
    const one = leaving(1, 'prune', 27);
    const after = (clusterIds: number[]): string[] =>
      planRemovals(one, { ...NOW, departures: { clusterIds, elsewhere: { left: 0, targets: 0 } } }).map(({ to }) => to);
    expect(after([1])).toEqual(['pruned']);
    expect(after([1, 101])).toEqual(['pruned']);
    expect(after([1, 101, 102])).toEqual(['asked']);
    const asked = one.map((each) => (each.clusterId === 2 || each.clusterId === 3 ? { ...each, life: 'asked' } : each));
    const course = { ...NOW, departures: { clusterIds: [1, 2, 3], elsewhere: { left: 0, targets: 0 } } };
    expect(planRemovals(asked as RolloutTarget[], course)).toMatchObject([{ clusterId: 1, to: 'asked' }]);
    const back = one.map((each) => (each.clusterId === 1 ? each : { ...each, life: 'active' }));
    expect(planRemovals(back as RolloutTarget[], course)).toMatchObject([{ clusterId: 1, to: 'pruned' }]);
  });

  it('asks when more than max(3, 10 %) of the fleet leave, whatever share each app has of them', () => {
    const guarded = (left: number, targets: number): string[] => {
      const course = { ...NOW, departures: { clusterIds: [1], elsewhere: { left, targets } } };
      return planRemovals(leaving(1, 'prune', 1), course).map(({ to, because }) => `${to}: ${because}`);
    };
    expect(guarded(2, 3)).toEqual(['pruned: onDelete: prune']);
    expect(guarded(3, 3)).toEqual(['asked: many targets of the fleet leave at once']);
    expect(guarded(9, 99)).toEqual(['pruned: onDelete: prune']);
    expect(guarded(10, 99)).toEqual(['asked: many targets of the fleet leave at once']);
  });

  it('counts those whose removal is still under way', () => {
    const targets = leaving(2, 'prune', 10).map((each, index) => (index === 0 ? { ...each, life: 'pruned' } : each));
    expect(lives(targets as RolloutTarget[])).toEqual(['asked']);
  });

  it('lets nothing leave by policy before the hub trusts its own view; it may ask', () => {
    expect(lives(leaving(1, 'prune'), false)).toEqual([]);
    expect(lives(leaving(1, 'orphan'), false)).toEqual([]);
    expect(lives(leaving(1, 'ask'), false)).toEqual(['asked']);
    expect(lives(leaving(4, 'prune'), false)).toEqual(['asked', 'asked', 'asked', 'asked']);
  });

  it('does what a person says, of one cluster or of all', () => {
    const targets = [target(1, '1', { life: 'asked' }), target(2, '1', { life: 'asked' })];
    const one = planRemovals(targets, { ...NOW, acts: [act('approveRemoval', 1)] });
    expect(one).toEqual([{ clusterId: 1, to: 'pruned', because: 'ana: gone' }]);
    const all = planRemovals(targets, { ...NOW, acts: [act('orphanRemoval')] });
    expect(all.map(({ to }) => to)).toEqual(['orphaned', 'orphaned']);
    const back = planRemovals([target(1, '1', { life: 'pruned' })], { ...NOW, acts: [act('cancelRemoval')] });
    expect(back.map(({ to }) => to)).toEqual(['asked']);
    expect(planRemovals([target(1, '1')], { ...NOW, acts: [act('approveRemoval')] })).toEqual([]);
  });

  it('goes with its cluster as the person who removes that said, whatever the policy and the guard say', () => {
    const targets = leaving(3, 'ask', 3).map((each): RolloutTarget => ({ ...each, clusterRemoval: 'prune' }));
    expect(lives(targets, false)).toEqual(['pruned', 'pruned', 'pruned']);
    expect(lives(leaving(1, 'prune', 1).map((each) => ({ ...each, clusterRemoval: 'orphan' as const })))).toEqual([
      'orphaned',
    ]);
  });

  it('forgets at once a target on which nothing ever ran', () => {
    expect(lives([target(1, '1', { life: 'leaving', allowed: undefined })], false)).toEqual(['pruned']);
  });
});

describe('a removal in a plan', () => {
  it('says who is asked in the plan that asks, and since when', () => {
    const { blockedBy, removals } = planAt(facts(leaving(2, 'ask', 2)), START + SECOND);
    expect(removals.map(({ to }) => to)).toEqual(['asked', 'asked']);
    expect(blockedBy.map(({ kind, cluster, since }) => [kind, cluster, since])).toEqual([
      ['removalApproval', 'c001', START + SECOND],
      ['removalApproval', 'c002', START + SECOND],
    ]);
  });

  it('answers the question that stood when the person answered, and no later one', () => {
    const world = new RolloutWorld(facts(leaving(1, 'ask', 3)));
    world.plan();
    world.act({ kind: 'approveRemoval' });
    expect(world.plan(SECOND).removals).toMatchObject([{ clusterId: 1, to: 'pruned' }]);
    world.change((each) => (each.clusterId === 1 ? { ...each, life: 'active' } : each));
    world.plan(SECOND);
    world.change((each) => (each.clusterId === 2 ? { ...each, life: 'leaving' } : each));
    expect(world.plan(SECOND).removals).toMatchObject([{ clusterId: 2, to: 'asked' }]);
  });

  it('says why it does not end: the cluster is away, or an object will not go', () => {
    const world = new RolloutWorld(facts([target(1, '1', { life: 'pruned' }), target(2, '1', { life: 'pruned' })]));
    const held = 'stuck: ConfigMap web/settings is being deleted and held by: example.com/keep';
    world.plan(SECOND);
    expect(world.last.blockedBy).toEqual([]);
    world.disconnect(2);
    world.report([1], 'progressing', { phase: 'removing', problem: held });
    world.plan(SECOND);
    expect(world.last.blockedBy).toEqual([
      { kind: 'removing', who: 'c001', since: START, unblocks: held, cluster: 'c001' },
      { kind: 'silent', who: 'c002', since: START, unblocks: 'the cluster connects', cluster: 'c002' },
    ]);
    expect(world.last.nextLookAt).toBeGreaterThan(world.now);
    world.report([1], 'progressing', { phase: 'applied', problem: held, evaluated: { generation: 1, number: 0 } });
    world.plan(SECOND);
    expect(world.blocks()).toEqual(['silent c002']);
  });

  it('waits out the grace of a new leader, and says so', () => {
    const world = new RolloutWorld(facts(leaving(1, 'prune'), { hub: hub(START) }));
    world.report(
      world.facts.targets.map(({ clusterId }) => clusterId),
      'healthy',
    );
    expect(world.plan(SECOND).removals).toEqual([]);
    expect(world.blocks()).toContain('newLeader');
    expect(world.last.nextLookAt).toBeLessThanOrEqual(START + 60 * SECOND);
    expect(world.plan(59 * SECOND).removals).toMatchObject([{ to: 'pruned' }]);
  });
});
