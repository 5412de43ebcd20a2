import { describe, expect, it } from 'vitest';
import type { StrategyDefinition } from '../definitions/index.js';
import { MINUTE, RolloutWorld, SECOND, facts, strategy, target, wave } from './rollout-world.fixture.js';

const LONG = { healthyForMs: 60 * MINUTE };
const FAST = { failedFast: true, problem: 'ImagePullBackOff' };

type Do = StrategyDefinition['onFailure']['do'];
type Scope = StrategyDefinition['onFailure']['scope'];
type Offline = StrategyDefinition['offline'];
const COMBINATIONS = (['halt', 'rollback'] as const).flatMap((doing) =>
  (['wave', 'all'] as const).flatMap((scope) =>
    (['catchUp', 'wait', 'fail'] as const).map((offline): [Do, Scope, Offline] => [doing, scope, offline]),
  ),
);
const SIZES = [1, 2, 3] as const;

/** A canary that is done, and a last wave of `size` targets (2, 3, …) that are all on their way. */
function inLastWave([doing, scope, offline]: [Do, Scope, Offline], size: number): RolloutWorld {
  const waves = [wave('canary', '0'), wave('rest', undefined, { maxConcurrent: { percent: 100 } })];
  const rules = strategy(waves, { onFailure: { do: doing, scope }, offline, minHealthy: { percent: 50 } });
  const targets = [target(1, '0'), ...Array.from({ length: size }, (_, index) => target(index + 2, '1'))];
  const rollout = new RolloutWorld(facts(targets, { strategy: rules }));
  rollout.plan();
  rollout.report([1], 'healthy', LONG);
  rollout.plan(SECOND);
  expect(rollout.allowed()).toHaveLength(size + 1);
  return rollout;
}

/** What is still allowed the release after the answer to a failure in the last wave. */
function kept(doing: Do, scope: Scope, size: number): number[] {
  if (doing === 'halt') return Array.from({ length: size + 1 }, (_, index) => index + 1);
  return scope === 'wave' ? [1] : [];
}

const answered = (doing: Do): string => (doing === 'halt' ? 'halted' : 'rolledBack');

/** Nothing more comes of it, whatever time passes. */
function expectRest(rollout: RolloutWorld): void {
  for (const ms of [SECOND, MINUTE, 20 * MINUTE]) {
    const { assignments, rollbacks, failures, steps } = rollout.plan(ms);
    expect([assignments, rollbacks, failures, steps]).toEqual([[], [], [], []]);
  }
}

describe.each(COMBINATIONS)('onFailure: %s, scope: %s, offline: %s', (doing, scope, offline) => {
  it.each(SIZES)('a failure among %i is answered at once, also on a target that is away', (size) => {
    const rollout = inLastWave([doing, scope, offline], size);
    if (size > 1) rollout.disconnect(size + 1);
    rollout.report([2], 'failed', FAST);
    rollout.plan(SECOND);
    expect([rollout.last.rolloutState, rollout.allowed()]).toEqual([answered(doing), kept(doing, scope, size)]);
    expect(rollout.last.failures).toMatchObject([{ clusterId: 2, reason: 'failFast' }]);
    expect(rollout.last.holds).toHaveLength(doing === 'halt' ? 0 : 1);
    if (size === 1) expectRest(rollout);
  });

  it.each(SIZES)('one of %i that falls silent is let go, waited for, or a failure', (size) => {
    const rollout = inLastWave([doing, scope, offline], size);
    const others = Array.from({ length: size - 1 }, (_, index) => index + 3);
    rollout.disconnect(2);
    rollout.report(others, 'healthy', LONG);
    rollout.plan(SECOND);
    expect([rollout.last.rolloutState, rollout.last.failures]).toEqual(['running', []]);
    rollout.plan(31 * SECOND);
    if (offline === 'fail') {
      expect([rollout.last.rolloutState, rollout.allowed()]).toEqual([answered(doing), kept(doing, scope, size)]);
      expect(rollout.last.failures).toMatchObject([{ clusterId: 2, reason: 'offline' }]);
      return expectRest(rollout);
    }
    const done = offline === 'catchUp' && size > 1;
    expect([rollout.last.rolloutState, rollout.last.failures]).toEqual([done ? 'done' : 'running', []]);
    expect(rollout.blocks()).toContain('silent rest c002');
    if (offline === 'catchUp' && size === 1) expect(rollout.blocks()).toContain('minHealthy rest');
    expectRest(rollout);
    rollout.change((each) => (each.clusterId === 2 ? { ...each, sessionId: 'again' } : each));
    rollout.report([2], 'healthy', LONG);
    expect(rollout.plan(SECOND)).toMatchObject({ rolloutState: 'done', blockedBy: [] });
  });

  it('keeps within the budget what it allows, and goes on', () => {
    const rollout = inLastWave([doing, scope, offline], 3);
    const waves = [
      wave('canary', '0'),
      wave('rest', undefined, { maxFailures: { count: 1 }, maxConcurrent: { count: 1 } }),
    ];
    const more = { onFailure: { do: doing, scope }, offline, minHealthy: { percent: 50 } };
    const lenient = new RolloutWorld({ ...rollout.facts, memory: undefined, strategy: strategy(waves, more) });
    lenient.release(3, 'newer');
    lenient.plan();
    lenient.report([1], 'healthy', LONG);
    lenient.plan(SECOND);
    lenient.report([2], 'failed', FAST);
    lenient.plan(SECOND);
    expect([lenient.last.rolloutState, lenient.allowed('newer')]).toEqual(['running', [1, 2, 3]]);
    lenient.report([3], 'healthy', LONG);
    lenient.plan(SECOND);
    lenient.report([4], 'healthy', LONG);
    expect(lenient.plan(SECOND)).toMatchObject({ rolloutState: 'done', rollbacks: [] });
  });
});
