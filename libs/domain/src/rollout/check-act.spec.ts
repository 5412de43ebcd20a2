import { describe, expect, it } from 'vitest';
import type { ActProposal } from './check-act.js';
import { checkAct } from './check-act.js';
import { MINUTE, RolloutWorld, facts, strategy, target, wave, planAt } from './rollout-world.fixture.js';

const GUARDED = strategy([
  wave('canary', '0', { soakMs: 10 * MINUTE }),
  wave('rest', undefined, { approval: 'required' }),
]);

function world(): RolloutWorld {
  const rollout = new RolloutWorld(facts([target(1, '0'), target(2, '1'), target(3, '1')], { strategy: GUARDED }));
  rollout.plan();
  return rollout;
}

function verdict(rollout: RolloutWorld, act: ActProposal): string {
  const result = checkAct(act, planAt(rollout.facts, rollout.now), rollout.facts);
  return result.ok ? `yes ${result.wave ?? ''}`.trim() : result.reason;
}

describe('checkAct', () => {
  it('finds the wave that is meant', () => {
    const rollout = world();
    expect(verdict(rollout, { kind: 'approve' })).toBe('yes rest');
    expect(verdict(rollout, { kind: 'promote' })).toBe('yes canary');
    expect(verdict(rollout, { kind: 'approve', wave: 'canary' })).toBe('wave canary: no approval is waited for');
    expect(verdict(rollout, { kind: 'approve', wave: 'nowhere' })).toBe('there is no wave nowhere');
  });

  it.each([
    ['resume', 'it is not paused'],
    ['clear', 'the release is not held'],
    ['retry', 'no such target has failed'],
    ['overrideWindow', 'no window keeps it waiting'],
    ['approveDeletion', 'no target waits for that deletion set'],
    ['approveRemoval', 'no removal is asked or orphaned'],
    ['cancelRemoval', 'no removal is pruned or orphaned'],
    ['skip', 'a cluster must be named'],
  ] as const)('refuses %s when there is nothing to it: %s', (kind, reason) => {
    expect(verdict(world(), { kind })).toBe(reason);
  });

  it.each(['pause', 'abort', 'rollback', 'hold', 'suspendApp'] as const)('lets a running rollout be: %s', (kind) => {
    expect(verdict(world(), { kind })).toBe('yes');
  });

  it('refuses what has been done already, and clusters that are not targets', () => {
    const rollout = world();
    rollout.act({ kind: 'pause' });
    rollout.act({ kind: 'hold' });
    rollout.act({ kind: 'skip', clusterId: 2 });
    rollout.plan();
    expect(verdict(rollout, { kind: 'pause' })).toBe('it is paused already');
    expect(verdict(rollout, { kind: 'hold' })).toBe('the release is held already');
    expect(verdict(rollout, { kind: 'skip', clusterId: 2 })).toBe('it is skipped already');
    expect(verdict(rollout, { kind: 'skip', clusterId: 9 })).toBe('web does not target that cluster');
  });
});
