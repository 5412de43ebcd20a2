import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SetSize } from './plan-rolling-update.js';
import { planRollingUpdate, resolveLimits } from './plan-rolling-update.js';

const strategy = fc.record({ maxSurge: fc.nat(3), maxUnavailable: fc.nat(3) });
const size: fc.Arbitrary<SetSize> = fc
  .record({ replicas: fc.nat(6), ready: fc.nat(6) })
  .map(({ replicas, ready }) => ({ replicas, pods: replicas, available: Math.min(ready, replicas) }));

function specOf(replicas: number, rollingUpdate: object): Parameters<typeof planRollingUpdate>[0] {
  return { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { ...rollingUpdate } } };
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, one) => sum + one, 0);

describe('planRollingUpdate', () => {
  it('never starts Pods beyond the surge', () => {
    fc.assert(
      fc.property(fc.nat(6), strategy, size, fc.array(size, { maxLength: 3 }), (replicas, rolling, fresh, old) => {
        const spec = specOf(replicas, rolling);
        const before = fresh.replicas + total(old.map((set) => set.replicas));
        const after = total(planRollingUpdate(spec, { fresh, old }));
        expect(after).toBeLessThanOrEqual(Math.max(before, replicas + resolveLimits(spec).maxSurge));
      }),
    );
  });

  it('never gives up an available old Pod that the minimum needs', () => {
    fc.assert(
      fc.property(fc.nat(6), strategy, size, fc.array(size, { maxLength: 3 }), (replicas, rolling, fresh, old) => {
        const spec = specOf(replicas, rolling);
        const [, ...sizes] = planRollingUpdate(spec, { fresh, old });
        const lost = total(old.map((set, index) => Math.max(0, set.available - (sizes[index] ?? 0))));
        const available = fresh.available + total(old.map((set) => set.available));
        expect(available - lost).toBeGreaterThanOrEqual(
          Math.min(available, replicas - resolveLimits(spec).maxUnavailable),
        );
      }),
    );
  });

  it('arrives, when every Pod it starts gets available', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), strategy, (replicas, rolling) => {
        let state = { fresh: 0, old: replicas };
        for (let step = 0; step < 20 && (state.fresh !== replicas || state.old > 0); step++) {
          const whole = (count: number): SetSize => ({ replicas: count, pods: count, available: count });
          const [fresh = 0, old = 0] = planRollingUpdate(specOf(replicas, rolling), {
            fresh: whole(state.fresh),
            old: [whole(state.old)],
          });
          state = { fresh, old };
        }
        expect(state).toEqual({ fresh: replicas, old: 0 });
      }),
    );
  });

  it('waits under Recreate until the old Pods are gone', () => {
    const spec = { replicas: 2, strategy: { type: 'Recreate' } };
    const fresh = { replicas: 0, pods: 0, available: 0 };
    expect(planRollingUpdate(spec, { fresh, old: [{ replicas: 2, pods: 2, available: 2 }] })).toEqual([0, 0]);
    expect(planRollingUpdate(spec, { fresh, old: [{ replicas: 0, pods: 1, available: 0 }] })).toEqual([0, 0]);
    expect(planRollingUpdate(spec, { fresh, old: [{ replicas: 0, pods: 0, available: 0 }] })).toEqual([2, 0]);
  });
});
