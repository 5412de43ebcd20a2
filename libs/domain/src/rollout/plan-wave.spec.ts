import { describe, expect, it } from 'vitest';
import type { StrategyDefinition, Wave, WindowDefinition } from '../definitions/index.js';
import { MINUTE, RolloutWorld, SECOND, START, facts, strategy, target, wave, planAt } from './rollout-world.fixture.js';

const LONG = { healthyForMs: 24 * 60 * MINUTE };
const FAST = { failedFast: true, problem: 'ImagePullBackOff' };

interface Setting {
  readonly rule?: Partial<Wave>;
  readonly more?: Partial<StrategyDefinition>;
}

/** One wave over so many clusters. */
function flat(clusters: number, { rule = {}, more = {} }: Setting = {}): RolloutWorld {
  const targets = Array.from({ length: clusters }, (_, index) => target(index + 1, '1'));
  return new RolloutWorld(facts(targets, { strategy: strategy([wave('all', undefined, rule)], more) }));
}

function away(rollout: RolloutWorld, id: number): void {
  rollout.disconnect(id);
  rollout.plan(SECOND);
  rollout.plan(31 * SECOND);
}

describe('small waves', () => {
  it.each([
    [1, '25%', [1]],
    [2, '50%', [1]],
    [3, '34%', [1]],
    [3, '67%', [1, 2]],
    [3, '100%', [1, 2, 3]],
    [2, 5, [1, 2]],
  ] as const)('of %i clusters at %s at once: %j', (clusters, atOnce, begun) => {
    const maxConcurrent = typeof atOnce === 'number' ? { count: atOnce } : { percent: Number.parseInt(atOnce, 10) };
    const rollout = flat(clusters, { rule: { maxConcurrent } });
    rollout.plan();
    expect(rollout.allowed()).toEqual(begun);
  });

  it.each([
    [1, 1, 'running', ['minHealthy all']],
    [2, 1, 'done', []],
    [3, 1, 'done', []],
    [3, 2, 'running', ['minHealthy all']],
  ])('of %i clusters with %i allowed failures that come: %s', (clusters, failures, state, blocks) => {
    const rule = { maxConcurrent: { percent: 100 }, maxFailures: { count: failures } };
    const rollout = flat(clusters, { rule });
    rollout.plan();
    const ids = Array.from({ length: clusters }, (_, index) => index + 1);
    rollout.report(ids.slice(0, failures), 'failed', FAST);
    rollout.report(ids.slice(failures), 'healthy', LONG);
    rollout.plan(SECOND);
    expect([rollout.last.rolloutState, rollout.blocks()]).toEqual([state, blocks]);
  });
});

describe('a cluster that falls silent on its way', () => {
  const oneByOne = { maxConcurrent: { count: 1 } };

  it('leaves the wave under catchUp, and makes room', () => {
    const rollout = flat(2, { rule: oneByOne, more: { offline: 'catchUp', minHealthy: { count: 1 } } });
    rollout.plan();
    away(rollout, 1);
    expect(rollout.allowed()).toEqual([1, 2]);
    rollout.report([2], 'healthy', LONG);
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
    expect(rollout.blocks()).toEqual(['silent all c001']);
  });

  it('keeps its slot under wait', () => {
    const rollout = flat(2, { rule: oneByOne, more: { offline: 'wait' } });
    rollout.plan();
    away(rollout, 1);
    expect([rollout.allowed(), rollout.blocks()]).toEqual([[1], ['maxConcurrent all', 'silent all c001']]);
  });

  it('fails under fail, whether it was assigned or not, and the budget counts it', () => {
    for (const failures of [0, 1]) {
      const rollout = flat(2, { rule: { ...oneByOne, maxFailures: { count: failures } }, more: { offline: 'fail' } });
      rollout.plan();
      away(rollout, 1);
      expect(rollout.last.waves[0]?.counts.failed).toBe(1);
      expect(rollout.allowed()).toEqual(failures === 0 ? [1] : [1, 2]);
    }
    const rollout = flat(2, { more: { offline: 'fail' } });
    rollout.change((each) => (each.clusterId === 2 ? { ...each, sessionId: undefined, lastSeenAt: undefined } : each));
    rollout.plan();
    expect([rollout.last.rolloutState, rollout.last.failures]).toMatchObject(['halted', [{ reason: 'offline' }]]);
    expect(rollout.allowed()).toEqual([]);
  });
});

describe('what follows from a failure', () => {
  it.each([
    { doing: 'halt', scope: 'wave', offline: 'catchUp', keep: [1, 2], state: 'halted' },
    { doing: 'halt', scope: 'all', offline: 'wait', keep: [1, 2], state: 'halted' },
    { doing: 'rollback', scope: 'wave', offline: 'catchUp', keep: [1], state: 'rolledBack' },
    { doing: 'rollback', scope: 'wave', offline: 'fail', keep: [1], state: 'rolledBack' },
    { doing: 'rollback', scope: 'all', offline: 'wait', keep: [], state: 'rolledBack' },
  ] as const)('$doing, scope $scope, offline $offline: $state', ({ doing, scope, offline, keep, state }) => {
    const waves = [wave('canary', '0'), wave('rest', undefined, { maxConcurrent: { count: 1 } })];
    const rings = strategy(waves, { onFailure: { do: doing, scope }, offline });
    const targets = ['0', '1', '1'].map((ring, index) => target(index + 1, ring));
    const rollout = new RolloutWorld(facts(targets, { strategy: rings }));
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    rollout.report([2], 'failed', FAST);
    rollout.plan(SECOND);
    expect([rollout.allowed(), rollout.last.rolloutState]).toEqual([keep, state]);
    expect(rollout.plan(MINUTE)).toMatchObject({ assignments: [], rollbacks: [], failures: [] });
  });

  it('of a latecomer in a wave that was done: nobody who passed it with the release is returned', () => {
    const rollout = flat(1, { more: { onFailure: { do: 'rollback', scope: 'all' } } });
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
    const fresh = target(2, '1', { allowed: undefined, proven: undefined });
    rollout.facts = { ...rollout.facts, targets: [...rollout.facts.targets, fresh] };
    rollout.plan(SECOND);
    rollout.report([2], 'failed', FAST);
    expect(rollout.plan(SECOND)).toMatchObject({ rolloutState: 'halted', rollbacks: [] });
    expect(rollout.allowed()).toEqual([1, 2]);
  });

  it('leaves nothing behind of a target that was on its way when it was returned', () => {
    const rollout = flat(2, {
      rule: { maxConcurrent: { count: 1 } },
      more: { onFailure: { do: 'rollback', scope: 'wave' } },
    });
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
    rollout.report([1], 'failed', FAST);
    const { memory, rollbacks } = rollout.plan(SECOND);
    expect(rollbacks.map(({ clusterId }) => clusterId)).toEqual([1, 2]);
    expect(Object.keys(memory.targets)).toEqual(['1']);
    expect(rollout.plan().memory).toEqual(memory);
  });

  it('of a person: a rollback by hand does not wait for the grace of a new leader, but for an isolated hub', () => {
    const rollout = flat(1);
    rollout.plan();
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, leaderSince: rollout.now, isolatedSince: START } };
    rollout.act({ kind: 'rollback' });
    expect(rollout.plan(SECOND).rollbacks).toEqual([]);
    expect(rollout.blocks()).toContain('hubIsolated');
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, isolatedSince: undefined } };
    expect(rollout.plan(SECOND).rollbacks).toMatchObject([{ clusterId: 1, bundle: 'old' }]);
  });
});

describe('time that does not count', () => {
  it('is that of a suspended app, for soak', () => {
    const rollout = flat(1, { rule: { soakMs: 10 * MINUTE } });
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    rollout.plan(30 * SECOND);
    const before = rollout.last.waves[0]?.soakedMs;
    rollout.change((each) => ({ ...each, suspendedUntil: rollout.now + 20 * MINUTE }));
    rollout.plan(0);
    for (let step = 0; step < 15; step += 1) rollout.plan(MINUTE);
    expect([before, rollout.last.waves[0]?.soakedMs]).toEqual([30 * SECOND, 30 * SECOND]);
  });

  it('is that of an isolated hub, for deadlines', () => {
    const rollout = flat(1);
    rollout.plan();
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, isolatedSince: START } };
    for (let step = 0; step < 20; step += 1) rollout.plan(MINUTE);
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, isolatedSince: undefined } };
    expect(rollout.plan(0).failures).toEqual([]);
    for (let step = 0; step < 15; step += 1) rollout.plan(MINUTE);
    expect(rollout.last.rolloutState).toBe('halted');
  });

  it('is that of a deletion that waits for an approval, as its present report says', () => {
    const rollout = flat(1);
    rollout.plan();
    rollout.report([1], 'progressing', { phase: 'blocked', deletionSet: 'set' });
    for (let step = 0; step < 20; step += 1) rollout.plan(MINUTE);
    expect([rollout.last.rolloutState, rollout.blocks()]).toEqual([
      'running',
      ['health all', 'deletionApproval all c001'],
    ]);
    rollout.report([1], 'progressing', { phase: 'blocked', deletionSet: 'set', sessionId: 'older' });
    for (let step = 0; step < 15; step += 1) rollout.plan(MINUTE);
    expect(rollout.last.rolloutState).toBe('halted');
  });
});

describe('a release whose parts change after its end', () => {
  it('leaves out who was skipped: only the next release is offered to it', () => {
    const rollout = flat(2, { rule: { maxConcurrent: { percent: 100 } } });
    rollout.act({ kind: 'skip', clusterId: 2 });
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
    rollout.change((each) => ({ ...each, desired: { bundle: 'other', policy: 'policy' } }));
    rollout.plan(SECOND);
    expect(rollout.allowed('other')).toEqual([1]);
  });
});

describe('a hub that may not trust its view', () => {
  const hubOf = (rollout: RolloutWorld, more: object): void => {
    rollout.facts = { ...rollout.facts, hub: { ...rollout.facts.hub, ...more } };
  };
  const pair = { rule: { maxConcurrent: { percent: 100 } }, more: { minHealthy: { count: 1 } } };

  it('takes no report as evidence once its cluster was not heard for three heartbeats', () => {
    const rollout = flat(1);
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    expect(planAt(rollout.facts, rollout.now + 30 * SECOND).rolloutState).toBe('done');
    expect(planAt(rollout.facts, rollout.now + 31 * SECOND).waves[0]?.counts).toMatchObject({ healthy: 0 });
  });

  it('lets no silent cluster go in the grace of a new leader', () => {
    const rollout = flat(2, pair);
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    hubOf(rollout, { leaderSince: rollout.now });
    rollout.disconnect(2);
    rollout.plan(50 * SECOND);
    expect(rollout.last).toMatchObject({ rolloutState: 'running', waves: [{ counts: { silent: 0, inFlight: 1 } }] });
    rollout.plan(10 * SECOND);
    expect(rollout.last.rolloutState).toBe('done');
  });

  it('finishes no wave while it is isolated', () => {
    const rollout = flat(1);
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    hubOf(rollout, { isolatedSince: START });
    expect(rollout.plan(SECOND).waves).toMatchObject([{ finishedAt: undefined }]);
    hubOf(rollout, { isolatedSince: undefined });
    expect(rollout.plan(SECOND).rolloutState).toBe('done');
  });

  it('counts no time in which no hub led', () => {
    const rollout = flat(1, { rule: { soakMs: 10 * MINUTE } });
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    hubOf(rollout, { leaderSince: rollout.now + 50 * SECOND });
    rollout.plan(55 * SECOND);
    expect(rollout.last.waves[0]?.soakedMs).toBe(5 * SECOND);
  });

  it('fails no cluster for a deadline that passed in the grace when it has gone meanwhile', () => {
    const rollout = flat(1, { more: { deadlineMs: 20 * SECOND, offline: 'wait' } });
    rollout.plan();
    hubOf(rollout, { leaderSince: rollout.now });
    rollout.plan(30 * SECOND);
    rollout.disconnect(1);
    rollout.plan(31 * SECOND);
    expect(rollout.last).toMatchObject({ rolloutState: 'running', failures: [], waves: [{ counts: { silent: 1 } }] });
  });
});

describe('a window that closes in the middle of a wave', () => {
  it('starts no further target, and lets what has started finish', () => {
    const span = { cron: '0 0 * * *', durationMs: 60 * MINUTE, timeZone: 'UTC' };
    const place = { file: '', line: 0, column: 0 };
    const window: WindowDefinition = {
      kind: 'Window',
      name: 'night',
      labels: {},
      place,
      allow: [span],
      deny: [],
      apps: [],
    };
    const rollout = flat(2, { rule: { maxConcurrent: { count: 1 }, windows: ['night'] } });
    rollout.facts = { ...rollout.facts, windows: { night: window } };
    rollout.now = Date.UTC(2026, 5, 1, 0, 59);
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(MINUTE);
    expect([rollout.allowed(), rollout.blocks()]).toEqual([[1], ['window all']]);
    expect(rollout.last.waves[0]?.counts).toMatchObject({ healthy: 1, waiting: 1 });
    rollout.plan(23 * 60 * MINUTE);
    expect(rollout.allowed()).toEqual([1, 2]);
  });
});

it('says what helps a wave of which too few are healthy', () => {
  const rule = { maxConcurrent: { percent: 100 }, maxFailures: { count: 1 } };
  const rollout = flat(3, { rule, more: { minHealthy: { percent: 100 } } });
  rollout.plan();
  rollout.report([1], 'failed', FAST);
  rollout.report([2, 3], 'healthy', LONG);
  rollout.plan(SECOND);
  const help = (): unknown => rollout.last.blockedBy.find(({ kind }) => kind === 'minHealthy')?.unblocks;
  expect(help()).toBe('retry or skip what failed');
  away(rollout, 3);
  expect(help()).toBe('retry or skip what failed; silent clusters connect, or are skipped');
});

it('looks again at the deadline of what it assigns, also when nobody reports', () => {
  const rollout = flat(1, { more: { deadlineMs: 5 * SECOND } });
  const { nextLookAt } = rollout.plan();
  expect(nextLookAt).toBe(START + 5 * SECOND);
  rollout.plan(5 * SECOND);
  expect([rollout.last.rolloutState, rollout.last.failures[0]?.reason]).toEqual(['halted', 'deadline']);
});

describe('the soak of a wave that is done', () => {
  const rule = { soakMs: MINUTE, maxConcurrent: { percent: 100 } };

  it('stays what it was, whatever its targets say later', () => {
    const rollout = flat(2, { rule });
    rollout.plan();
    rollout.report([1, 2], 'healthy', LONG);
    rollout.plan(SECOND);
    rollout.plan(MINUTE);
    expect(rollout.last.waves[0]).toMatchObject({ phase: 'done', soakedMs: MINUTE });
    rollout.disconnect(1, 2);
    rollout.plan(5 * MINUTE);
    expect(rollout.last.waves[0]).toMatchObject({ phase: 'done', soakedMs: MINUTE });
  });

  it('is less than asked for when somebody promoted it', () => {
    const rollout = flat(2, { rule });
    rollout.plan();
    rollout.report([1, 2], 'healthy', LONG);
    rollout.plan(SECOND);
    rollout.act({ kind: 'promote', wave: 'all' });
    rollout.plan(20 * SECOND);
    rollout.plan(MINUTE);
    expect(rollout.last.waves[0]).toMatchObject({ phase: 'done', soakedMs: 20 * SECOND });
  });
});
