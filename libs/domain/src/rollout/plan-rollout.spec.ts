import { describe, expect, it } from 'vitest';
import type { Amount, StrategyDefinition, WindowDefinition } from '../definitions/index.js';
import { concurrencyOf, failuresOf, minHealthyOf } from './amounts.js';
import { checkAct } from './check-act.js';
import { detectIsolation } from './detect-isolation.js';
import type { RolloutFacts } from './facts.js';
import { MINUTE, POLICY, RolloutWorld, SECOND, START, facts, strategy, target, wave } from './rollout-world.fixture.js';

const LONG = { healthyForMs: 24 * 60 * MINUTE };

const RINGS = strategy([
  wave('canary', '0', { soakMs: 10 * MINUTE }),
  wave('early', '1', { maxConcurrent: { count: 1 } }),
  wave('rest', undefined, { maxConcurrent: { percent: 100 } }),
]);

function world(more: Partial<RolloutFacts> = {}, rings = ['0', '1', '1', '2', '2']): RolloutWorld {
  return new RolloutWorld(
    facts(
      rings.map((ring, index) => target(index + 1, ring)),
      { strategy: RINGS, ...more },
    ),
  );
}

/** One wave, everything at once. */
function flat(more: Partial<StrategyDefinition> = {}, rings = ['1', '1', '1', '1']): RolloutWorld {
  return world({ strategy: strategy([wave('all', undefined, { maxConcurrent: { percent: 100 } })], more) }, rings);
}

describe('amounts', () => {
  const percent = (value: number): Amount => ({ percent: value });
  it.each([
    [1, 1, 0, 1],
    [2, 1, 0, 1],
    [3, 1, 0, 2],
    [4, 1, 1, 2],
    [8, 2, 2, 4],
  ])(
    'of %i targets: 25%% at once is %i, 25%% failures are %i, 50%% healthy are %i',
    (targets, atOnce, failures, healthy) => {
      expect(concurrencyOf(percent(25), targets)).toBe(atOnce);
      expect(failuresOf(percent(25), targets)).toBe(failures);
      expect(minHealthyOf(percent(50), targets)).toBe(healthy);
    },
  );

  it('never takes 0 for all, nor lets a wave pass with none healthy', () => {
    expect(failuresOf({ count: 0 }, 5)).toBe(0);
    expect(minHealthyOf({ count: 9 }, 3)).toBe(3);
    expect(minHealthyOf({ percent: 0 }, 3)).toBe(1);
  });
});

describe('soak', () => {
  it('counts the smaller of what the hub has seen and what the agent counts', () => {
    const rollout = world();
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    for (let step = 0; step < 19; step += 1) rollout.plan(30 * SECOND);
    expect(rollout.allowed()).toEqual([1]);
    rollout.plan(30 * SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
  });

  it('believes an agent that counts less than the hub has seen', () => {
    const rollout = world();
    rollout.plan();
    rollout.report([1], 'healthy');
    for (let step = 0; step < 19; step += 1) {
      rollout.report([1], 'healthy', { healthyForMs: SECOND });
      rollout.plan(30 * SECOND);
    }
    rollout.report([1], 'healthy', { healthyForMs: SECOND });
    rollout.plan();
    rollout.plan(MINUTE);
    expect(rollout.last.waves[0]).toMatchObject({ phase: 'soaking', soakedMs: MINUTE + SECOND });
  });

  it('starts again when health was lost', () => {
    const rollout = world();
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    for (let step = 0; step < 15; step += 1) rollout.plan(30 * SECOND);
    rollout.report([1], 'healthy', { ...LONG, lossCount: 1 });
    rollout.plan(0);
    expect(rollout.last.waves[0]?.soakedMs).toBe(0);
  });

  it('does not grow while the cluster is away, and goes on from there', () => {
    const rollout = world({ strategy: { ...RINGS, offline: 'wait' } });
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    for (let step = 0; step < 11; step += 1) rollout.plan(30 * SECOND);
    const before = rollout.last.waves[0]?.soakedMs ?? 0;
    rollout.disconnect(1);
    rollout.plan(0);
    for (let step = 0; step < 60; step += 1) rollout.plan(MINUTE);
    expect(rollout.blocks()).toContain('silent canary c001');
    rollout.change((each) => (each.clusterId === 1 ? { ...each, sessionId: 'again' } : each));
    rollout.report([1], 'healthy', LONG);
    rollout.plan(0);
    expect(rollout.last.waves[0]?.soakedMs).toBe(before);
  });

  it('ends by promote', () => {
    const rollout = world();
    rollout.plan();
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    rollout.act({ kind: 'promote', wave: 'canary' });
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
  });
});

describe('deadline', () => {
  it('does not run while the cluster is away, suspended, waits for a dependency or for an approval', () => {
    for (const obstacle of [
      { suspendedUntil: START + 90 * MINUTE },
      { dependencies: [{ app: 'db', state: 'notHealthy' as const }] },
      { sessionId: undefined },
    ]) {
      const rollout = flat({ offline: 'wait' });
      rollout.plan();
      rollout.change((each) => ({ ...each, ...obstacle }));
      for (let step = 0; step < 60; step += 1) rollout.plan(MINUTE);
      expect(rollout.last.rolloutState).toBe('running');
    }
  });

  it('does not run over a time in which nobody looked', () => {
    const rollout = flat();
    rollout.plan();
    rollout.plan(24 * 60 * MINUTE);
    expect(rollout.last.failures).toEqual([]);
    for (let step = 0; step < 15; step += 1) rollout.plan(MINUTE);
    expect(rollout.last.rolloutState).toBe('halted');
  });

  it('does not fail anything in the grace of a new leader', () => {
    const rollout = flat();
    rollout.plan();
    rollout.report([1], 'failed', { failedFast: true });
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, leaderSince: START } };
    rollout.plan(59 * SECOND);
    expect(rollout.last.failures).toEqual([]);
    expect(rollout.blocks()).toContain('newLeader');
    rollout.plan(SECOND);
    expect(rollout.last.failures).toMatchObject([{ clusterId: 1, reason: 'failFast' }]);
  });
});

describe('failure', () => {
  it('counts while the failing part is being applied, and health counts only once it is applied', () => {
    const rollout = world({ strategy: strategy([wave('all', undefined)]) }, ['1']);
    rollout.plan();
    const old = { bundle: 'old', policy: POLICY } as const;
    rollout.report([1], 'healthy', old);
    rollout.plan(SECOND);
    expect(rollout.last.rolloutState).toBe('running');
    rollout.report([1], 'failed', { ...old, phase: 'applying', failedFast: true });
    rollout.plan(SECOND);
    expect(rollout.last.failures).toMatchObject([{ clusterId: 1, reason: 'failFast' }]);
  });

  it('of what was there before does not count', () => {
    const rollout = world({ strategy: strategy([wave('all', undefined)]) }, ['1']);
    rollout.plan();
    const old = { bundle: 'old', policy: POLICY } as const;
    rollout.report([1], 'failed', { ...old, attempted: old, failedFast: true });
    rollout.plan(SECOND);
    expect(rollout.last.failures).toEqual([]);
  });

  const half = { maxFailures: { count: 1 } };

  it('frees its slot and goes on within the budget', () => {
    const rollout = world({ strategy: strategy([wave('all', undefined, { ...half, maxConcurrent: { count: 1 } })]) }, [
      '1',
      '1',
      '1',
    ]);
    rollout.plan();
    rollout.report([1], 'failed', { failedFast: true });
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
    rollout.report([2], 'failed', { failedFast: true });
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
    expect(rollout.last.rolloutState).toBe('halted');
  });

  it('is forgotten by retry, which makes the agent try again', () => {
    const rollout = flat();
    rollout.plan();
    rollout.report([1], 'failed', { failedFast: true });
    rollout.plan(SECOND);
    rollout.act({ kind: 'retry', clusterId: 1 });
    expect(rollout.plan(SECOND)).toMatchObject({ retries: [1], rolloutState: 'running' });
    rollout.report([1, 2, 3, 4], 'healthy');
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
  });

  it('ends with the next release, which goes out at once', () => {
    const rollout = flat();
    rollout.plan();
    rollout.report([1], 'failed', { failedFast: true });
    rollout.plan(SECOND);
    rollout.release(3, 'fix');
    rollout.plan(SECOND);
    expect(rollout.last.rolloutState).toBe('running');
    expect(rollout.allowed('fix')).toEqual([1, 2, 3, 4]);
  });

  it('returns the moved targets of the wave, or of all, to what was proven on them before', () => {
    for (const [scope, back] of [
      ['wave', [2]],
      ['all', [1, 2]],
    ] as const) {
      const rollout = world({ strategy: { ...RINGS, onFailure: { do: 'rollback', scope } } });
      rollout.plan();
      rollout.report([1], 'healthy', LONG);
      for (let step = 0; step < 21; step += 1) rollout.plan(30 * SECOND);
      rollout.report([2], 'failed', { failedFast: true });
      const plan = rollout.plan(SECOND);
      expect(plan.rollbacks.map(({ clusterId, bundle }) => [clusterId, bundle])).toEqual(back.map((id) => [id, 'old']));
      expect(plan).toMatchObject({ rolloutState: 'rolledBack', assignments: [] });
      rollout.act({ kind: 'clear' });
      rollout.plan(SECOND);
      expect(rollout.last.assignments.map(({ clusterId }) => clusterId)).toEqual(scope === 'all' ? [1] : [2]);
    }
  });

  it('never returns to a release that was healthy and then rolled back', () => {
    const rollout = flat({ onFailure: { do: 'rollback', scope: 'all' } }, ['1']);
    rollout.plan();
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    rollout.act({ kind: 'rollback' });
    rollout.plan(SECOND);
    expect(rollout.allowed('old')).toEqual([1]);
    for (const [id, bundle] of [
      [3, 'fix'],
      [4, 'fix of the fix'],
    ] as const) {
      rollout.release(id, bundle);
      rollout.plan(SECOND);
      expect(rollout.allowed(bundle)).toEqual([1]);
      rollout.report([1], 'failed', { failedFast: true });
      expect(rollout.plan(SECOND).rollbacks).toMatchObject([{ clusterId: 1, bundle: 'old', releaseId: 1 }]);
    }
  });

  it('keeps a release that was rolled back by hand away until it is cleared', () => {
    const rollout = flat();
    rollout.plan();
    rollout.report([1, 2, 3, 4], 'healthy');
    rollout.plan(SECOND);
    rollout.act({ kind: 'rollback' });
    rollout.plan(SECOND);
    expect(rollout.allowed('old')).toEqual([1, 2, 3, 4]);
    rollout.plan(MINUTE);
    expect(rollout.blocks()).toContain('rolledBack');
    expect(rollout.allowed('old')).toEqual([1, 2, 3, 4]);
  });
});

describe('acts', () => {
  it('pauses, also for a newer release, until somebody resumes', () => {
    const rollout = flat();
    rollout.act({ kind: 'pause' });
    rollout.plan();
    expect(rollout.allowed()).toEqual([]);
    rollout.release(3, 'newer');
    rollout.plan(SECOND);
    expect(rollout.last.rolloutState).toBe('paused');
    rollout.act({ kind: 'resume' });
    rollout.plan(SECOND);
    expect(rollout.allowed('newer')).toEqual([1, 2, 3, 4]);
  });

  it('moves the approval of a wave without changed targets to the next that has some', () => {
    const guarded = strategy([
      wave('canary', '0'),
      wave('early', '1', { approval: 'required' }),
      wave('rest', undefined),
    ]);
    const rollout = world({ strategy: guarded }, ['0', '2']);
    rollout.plan();
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    expect(rollout.blocks()).toContain('approval rest');
    rollout.act({ kind: 'approve', wave: 'rest' });
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
  });

  it('skips a cluster, which then counts neither way', () => {
    const rollout = world();
    rollout.act({ kind: 'skip', clusterId: 1 });
    rollout.plan();
    expect(rollout.allowed()).toEqual([2]);
    expect(rollout.last.waves[0]).toMatchObject({ phase: 'done', counts: { skipped: 1 } });
    rollout.release(3, 'newer');
    rollout.plan(SECOND);
    expect(rollout.allowed('newer')).toEqual([1]);
  });

  it('leaves who was skipped alone also after a hold was cleared', () => {
    const rollout = flat();
    rollout.act({ kind: 'hold' });
    rollout.act({ kind: 'skip', clusterId: 1 });
    rollout.plan();
    rollout.act({ kind: 'clear' });
    rollout.plan(SECOND);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toContain(2);
    expect(rollout.allowed()).not.toContain(1);
  });

  it('retries by the name of the wave also the one that went ahead alone', () => {
    const rollout = world({}, ['1', '1']);
    rollout.plan();
    expect(rollout.last.waves.map(({ name, targets }) => [name, targets])).toContainEqual(['early:first', 1]);
    rollout.report([1], 'failed', { failedFast: true });
    expect(rollout.plan(SECOND).rolloutState).toBe('halted');
    expect(checkAct({ kind: 'retry', wave: 'early' }, rollout.last, rollout.facts)).toEqual({ ok: true });
    rollout.act({ kind: 'retry', wave: 'early' });
    expect(rollout.plan(SECOND)).toMatchObject({ rolloutState: 'running', retries: [1] });
  });

  it('aborts: moved targets stay, nobody else moves', () => {
    const rollout = world();
    rollout.plan();
    rollout.act({ kind: 'abort' });
    rollout.report([1], 'healthy', LONG);
    for (let step = 0; step < 30; step += 1) rollout.plan(30 * SECOND);
    expect(rollout.allowed()).toEqual([1]);
    expect(rollout.last).toMatchObject({ rolloutState: 'aborted', holds: [{ releaseId: 2 }] });
  });

  it('approves a deletion set for every target that waits for it', () => {
    const rollout = flat();
    rollout.plan();
    rollout.report([1, 2], 'progressing', { phase: 'blocked', deletionSet: 'set' });
    rollout.plan(SECOND);
    expect(rollout.blocks()).toContain('deletionApproval all c001');
    rollout.act({ kind: 'approveDeletion', deletionSet: 'set' });
    expect(rollout.plan(SECOND).deletions).toEqual([
      { clusterId: 1, set: 'set' },
      { clusterId: 2, set: 'set' },
    ]);
    expect(rollout.plan(SECOND).deletions).toEqual([]);
  });

  it('covers a target that comes to wait for the approved set later, once', () => {
    const rollout = flat();
    rollout.plan();
    const blocked = { phase: 'blocked', deletionSet: 'set' } as const;
    rollout.report([1], 'progressing', blocked);
    rollout.act({ kind: 'approveDeletion', deletionSet: 'set' });
    expect(rollout.plan(SECOND).deletions).toEqual([{ clusterId: 1, set: 'set' }]);
    rollout.report([2], 'progressing', blocked);
    expect(rollout.plan(SECOND).deletions).toEqual([{ clusterId: 2, set: 'set' }]);
  });

  it('asks again when the same move recurs: by newer releases, or within one', () => {
    const rollout = flat();
    const blocked = { phase: 'blocked', deletionSet: 'set' } as const;
    rollout.plan();
    rollout.report([1], 'progressing', blocked);
    rollout.act({ kind: 'approveDeletion', deletionSet: 'set' });
    expect(rollout.plan(SECOND).deletions).toHaveLength(1);
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    rollout.release(3, 'old');
    rollout.plan(SECOND);
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    rollout.release(4, 'new');
    rollout.plan(SECOND);
    expect(rollout.allowed()).toContain(1);
    rollout.report([1], 'progressing', blocked);
    expect(rollout.plan(SECOND).deletions).toEqual([]);
    expect(rollout.blocks()).toContain('deletionApproval all c001');

    rollout.act({ kind: 'approveDeletion', deletionSet: 'set' });
    expect(rollout.plan(SECOND).deletions).toHaveLength(1);
    for (const bundle of ['old', 'new']) {
      rollout.report([1], 'healthy');
      rollout.plan(SECOND);
      rollout.change((each) => ({ ...each, desired: { bundle, policy: 'policy' } }));
      rollout.plan(SECOND);
    }
    rollout.report([1], 'progressing', blocked);
    expect(rollout.plan(SECOND).deletions).toEqual([]);
    expect(rollout.blocks()).toContain('deletionApproval all c001');
  });
});

describe('membership', () => {
  it('gives latecomers the release when their wave has started, else with the wave', () => {
    const rollout = world();
    rollout.plan();
    const joined = (id: number, ring: string): void => {
      const fresh = target(id, ring, { allowed: undefined, proven: undefined, lastSeenAt: rollout.now });
      rollout.facts = { ...rollout.facts, targets: [...rollout.facts.targets, fresh] };
    };
    joined(6, '0');
    joined(7, '2');
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 6]);
  });

  it('takes a cluster that joins after the end, and one that returns after a week, to the newest release', () => {
    const rollout = flat();
    rollout.disconnect(4);
    rollout.change((each) => (each.clusterId === 4 ? { ...each, lastSeenAt: START - 60 * MINUTE } : each));
    rollout.plan();
    rollout.report([1, 2, 3], 'healthy');
    expect(rollout.plan(SECOND)).toMatchObject({ rolloutState: 'done' });
    expect(rollout.blocks()).toContain('silent all c004');
    rollout.change((each) => (each.clusterId === 4 ? { ...each, sessionId: 'back' } : each));
    expect(rollout.plan(7 * 24 * 60 * MINUTE)).toMatchObject({ rolloutState: 'running' });
    expect(rollout.allowed()).toEqual([1, 2, 3, 4]);
    rollout.report([4], 'healthy');
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
  });

  it('lets a wave whose clusters are all silent not pass', () => {
    const rollout = world();
    rollout.plan();
    rollout.disconnect(1);
    for (let step = 0; step < 5; step += 1) rollout.plan(MINUTE);
    expect(rollout.allowed()).toEqual([1]);
    expect(rollout.blocks()).toContain('minHealthy canary');
  });

  it('applies an edit of the strategy to waves that have not started', () => {
    const rollout = world();
    rollout.plan();
    const edited = strategy([
      wave('canary', '0'),
      wave('early', '1', { maxConcurrent: { percent: 100 } }),
      wave('rest', undefined),
    ]);
    rollout.facts = { ...rollout.facts, strategy: edited };
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1]);
    for (let step = 0; step < 21; step += 1) rollout.plan(30 * SECOND);
    expect(rollout.allowed()).toEqual([1, 2, 3]);
  });

  it('goes through its waves anew when parts change after the end', () => {
    const rollout = world({
      strategy: strategy([wave('canary', '0'), wave('rest', undefined, { maxConcurrent: { percent: 100 } })]),
    });
    rollout.plan();
    rollout.report([1], 'healthy');
    rollout.plan(SECOND);
    rollout.report([2, 3, 4, 5], 'healthy');
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
    rollout.change((each) => ({ ...each, desired: { bundle: 'other values', policy: 'policy' } }));
    rollout.plan(SECOND);
    expect(rollout.allowed('other values')).toEqual([1]);
  });
});

describe('waiting', () => {
  it('assigns nothing before a dependency is healthy on the same cluster', () => {
    const rollout = flat();
    rollout.change((each) => ({
      ...each,
      dependencies: [{ app: 'db', state: each.clusterId === 1 ? 'ready' : 'notHealthy' }],
    }));
    rollout.plan();
    expect(rollout.allowed()).toEqual([1]);
    expect(rollout.last.blockedBy).toContainEqual(
      expect.objectContaining({ kind: 'dependsOn', who: 'db', cluster: 'c002' }),
    );
  });

  it('starts nothing while a window is closed, lets started targets finish, and can be overridden', () => {
    const closed: WindowDefinition = {
      kind: 'Window',
      name: 'freeze',
      labels: {},
      place: { file: '', line: 0, column: 0 },
      allow: [],
      deny: [{ cron: '0 0 * * *', durationMs: 24 * 60 * MINUTE, timeZone: 'UTC' }],
      apps: [],
    };
    const rollout = flat();
    rollout.facts = { ...rollout.facts, windows: { freeze: closed } };
    rollout.plan();
    expect(rollout.allowed()).toEqual([]);
    expect(rollout.last.blockedBy).toContainEqual(expect.objectContaining({ kind: 'window', who: 'freeze' }));
    rollout.act({ kind: 'overrideWindow', wave: 'all' });
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2, 3, 4]);
  });

  it('holds everything while the hub is isolated', () => {
    const rollout = flat(
      {},
      Array.from({ length: 8 }, () => '1'),
    );
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, isolatedSince: START } };
    rollout.plan();
    expect(rollout.allowed()).toEqual([]);
    expect(rollout.blocks()).toContain('hubIsolated');
  });
});

describe('detectIsolation', () => {
  const heard = (connected: number, lost: number, agoMs = SECOND) =>
    Array.from({ length: connected + lost }, (_, index) => ({
      clusterId: index,
      connected: index < connected,
      silentSinceMs: index < connected ? START : START - agoMs,
    }));

  it.each([
    [5, 3, false],
    [5, 4, true],
    [97, 20, false],
    [79, 21, true],
  ])('of %i connected and %i lost within a minute: %s', (connected, lost, isolated) => {
    expect(detectIsolation(heard(connected, lost), undefined, START) !== undefined).toBe(isolated);
  });

  it('is not made of clusters that fell silent one by one, and lasts until they return', () => {
    expect(detectIsolation(heard(5, 10, 2 * MINUTE), undefined, START)).toBeUndefined();
    const isolation = detectIsolation(heard(5, 10), undefined, START);
    expect(detectIsolation(heard(5, 10, 60 * MINUTE), isolation, START)?.sinceMs).toBe(START);
    expect(detectIsolation(heard(13, 2, 60 * MINUTE), isolation, START)).toBeUndefined();
  });
});
