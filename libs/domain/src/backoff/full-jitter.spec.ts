import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullJitterMs } from './full-jitter.js';

const backoff = { baseMs: 500, capMs: 30_000 };

describe('fullJitterMs', () => {
  it('stays within a limit that doubles up to the cap', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (attempt, random) => {
        const wait = fullJitterMs(attempt, backoff, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(Math.min(backoff.capMs, backoff.baseMs * 2 ** attempt));
      }),
    );
  });

  it('spreads over the whole range', () => {
    expect([0, 0.5, 0.99].map((random) => fullJitterMs(2, backoff, random))).toEqual([0, 1000, 1980]);
  });
});
