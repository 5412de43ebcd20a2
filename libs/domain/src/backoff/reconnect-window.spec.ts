import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RECONNECT_WINDOW_MS, reconnectWaitMs, reconnectWindowMs } from './reconnect-window.js';

const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe('reconnectWindowMs', () => {
  it('lets a small fleet back at once and spreads a large one', () => {
    expect([0, 5, 200, 1_000, 5_000, 50_000].map(reconnectWindowMs)).toEqual([
      1_000,
      1_000,
      1_000,
      5_000,
      25_000,
      MAX_RECONNECT_WINDOW_MS,
    ]);
  });

  it('never shrinks when the fleet grows', () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.nat(1_000), (clusters, more) => {
        expect(reconnectWindowMs(clusters + more)).toBeGreaterThanOrEqual(reconnectWindowMs(clusters));
      }),
    );
  });
});

describe('reconnectWaitMs', () => {
  it('spreads the first tries over the whole window', () => {
    const wait = (at: number): number => reconnectWaitMs({ windowMs: 25_000, capMs: 30_000, awayMs: 0 }, at);
    expect([0, 0.5, 0.99].map(wait)).toEqual([0, 12_500, 24_750]);
  });

  it('never exceeds the cap, nor the larger of the window and a tenth of the absence', () => {
    const absence = fc.record({
      windowMs: fc.nat(60_000),
      capMs: fc.integer({ min: 1, max: 60_000 }),
      awayMs: fc.nat(),
    });
    fc.assert(
      fc.property(absence, random, (away, at) => {
        const wait = reconnectWaitMs(away, at);
        expect(wait).toBeLessThan(away.capMs);
        expect(wait).toBeLessThanOrEqual(Math.max(away.windowMs, away.awayMs / 10));
      }),
    );
  });

  it('backs off when the hub stays away', () => {
    const wait = (awayMs: number): number => reconnectWaitMs({ windowMs: 1_000, capMs: 30_000, awayMs }, 0.5);
    expect([0, 5_000, 60_000, 3_600_000].map(wait)).toEqual([500, 500, 3_000, 15_000]);
  });
});
