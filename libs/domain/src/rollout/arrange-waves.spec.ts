import { describe, expect, it } from 'vitest';
import { RolloutWorld, MINUTE, SECOND, facts, strategy, target, wave } from './rollout-world.fixture.js';

const LONG = { healthyForMs: 24 * 60 * MINUTE };
const ALL = { maxConcurrent: { percent: 100 } };

function world(rings: readonly string[], waves: Parameters<typeof strategy>[0]): RolloutWorld {
  return new RolloutWorld(
    facts(
      rings.map((ring, index) => target(index + 1, ring)),
      { strategy: strategy(waves) },
    ),
  );
}

function join(rollout: RolloutWorld, id: number, ring: string): void {
  const fresh = target(id, ring, { allowed: undefined, proven: undefined, lastSeenAt: rollout.now });
  rollout.facts = { ...rollout.facts, targets: [...rollout.facts.targets, fresh] };
}

describe('arrangeWaves', () => {
  it('begins no wave beside a started one when a cluster joins an earlier wave that had nothing to do', () => {
    const waves = [wave('canary', '0'), wave('early', '1', ALL), wave('rest', undefined, ALL)];
    const rollout = world(['1', '1', '2'], waves);
    rollout.plan();
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
    join(rollout, 4, '0');
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2]);
    expect(rollout.blocks()).toContain('earlierWave canary');
    rollout.report([2], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2, 4]);
    rollout.report([4], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2, 3, 4]);
  });

  it('begins no wave beside a started one when an edit puts it before', () => {
    const rollout = world(['0', '1', '2'], [wave('canary', '0', { soakMs: MINUTE }), wave('rest', undefined, ALL)]);
    rollout.plan();
    const edited = strategy([wave('lab', '1'), wave('canary', '0'), wave('rest', undefined)]);
    rollout.facts = { ...rollout.facts, strategy: edited };
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1]);
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1]);
    rollout.plan(MINUTE);
    expect(rollout.allowed()).toEqual([1, 2]);
    rollout.report([2], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2, 3]);
  });

  it('finishes a started wave that an edit took out, by the rules it started with', () => {
    const waves = [wave('canary', '0', { soakMs: MINUTE }), wave('rest', undefined, ALL)];
    const rollout = world(['0', '1'], waves);
    rollout.plan();
    rollout.facts = { ...rollout.facts, strategy: strategy([wave('everything', undefined, ALL)]) };
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    expect([rollout.allowed(), rollout.blocks()]).toEqual([[1], ['soak canary', 'earlierWave everything']]);
    rollout.plan(MINUTE);
    expect(rollout.allowed()).toEqual([1, 2]);
  });

  it('asks once for a wave whose approval came from an empty one, also for the target that goes ahead', () => {
    const waves = [
      wave('canary', '0', { approval: 'required', soakMs: MINUTE }),
      wave('early', '1', { approval: 'required', ...ALL }),
      wave('rest', undefined, ALL),
    ];
    const rollout = world(['1', '1', '2'], waves);
    rollout.plan();
    expect(rollout.blocks()).toEqual([
      'approval early:first',
      'earlierWave early',
      'approval early',
      'earlierWave rest',
    ]);
    rollout.act({ kind: 'approve', wave: 'early' });
    rollout.plan(SECOND);
    rollout.report([1], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1]);
    rollout.plan(MINUTE);
    rollout.report([2], 'healthy', LONG);
    rollout.plan(SECOND);
    expect(rollout.allowed()).toEqual([1, 2, 3]);
  });

  it('sends ahead a target that can start, rather than one that is suspended or waits for another app', () => {
    const rollout = world(['1', '1', '1', '1'], [wave('canary', '0'), wave('rest', undefined, ALL)]);
    rollout.change((each) => {
      if (each.clusterId === 1) return { ...each, suspendedUntil: rollout.now + MINUTE };
      return each.clusterId === 2 ? { ...each, dependencies: [{ app: 'db', state: 'notHealthy' }] } : each;
    });
    rollout.plan();
    expect(rollout.allowed()).toEqual([3]);
  });

  it('puts what no wave takes into a last wave of its own name', () => {
    const rollout = world(['0', '7'], [wave('canary', '0'), wave('others', '1')]);
    rollout.plan();
    expect(rollout.last.waves.map(({ name, targets }) => [name, targets])).toEqual([
      ['canary', 1],
      ['others', 0],
      ['others:implicit', 1],
    ]);
  });

  it('is done at once when no target differs from the release', () => {
    const rollout = world(['0', '1'], [wave('canary', '0', { approval: 'required' }), wave('rest', undefined)]);
    rollout.change((each) => ({ ...each, desired: each.allowed }));
    expect(rollout.plan()).toMatchObject({ rolloutState: 'done', blockedBy: [], assignments: [] });
    expect(rollout.last.nextLookAt).toBeUndefined();
  });
});
