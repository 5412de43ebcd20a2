import { describe, expect, it } from 'vitest';
import { Outage } from './outage.js';

function start() {
  const clock = { now: 0 };
  const outage = new Outage(() => clock.now);
  /** Tries until somebody is let through; ms that took. */
  const probeAfter = (): number => {
    const from = clock.now;
    for (;;) {
      try {
        if (outage.enter()) return clock.now - from;
        throw new Error('let through without being the probe');
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'refused') throw error;
        clock.now += 10;
      }
    }
  };
  const probeFails = (): void => {
    outage.failed('refused', true);
    outage.probed();
  };
  return { clock, outage, probeAfter, probeFails };
}

describe('Outage', () => {
  it('lets everything through while the server can be reached', () => {
    const { outage } = start();
    expect([outage.enter(), outage.enter()]).toEqual([false, false]);
    outage.ended();
    expect(outage.enter()).toBe(false);
  });

  it('lets one call find out, ever more seldom but every second, and says why to the others', () => {
    const { outage, probeAfter, probeFails } = start();
    outage.failed('refused', false);
    const pauses = Array.from({ length: 7 }, () => {
      const pause = probeAfter();
      expect(() => outage.enter()).toThrow('refused');
      probeFails();
      return pause;
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('takes calls that had begun together for one failure', () => {
    const { outage, probeAfter } = start();
    for (let call = 0; call < 50; call += 1) outage.failed('refused', false);
    expect(probeAfter()).toBe(100);
  });

  it('lets everything through again as soon as one call was answered, whoever made it', () => {
    const { outage, probeAfter } = start();
    outage.failed('refused', false);
    probeAfter();
    outage.ended();
    outage.probed();
    expect(outage.enter()).toBe(false);
  });

  it('lets another find out when the first was cancelled', () => {
    const { outage, probeAfter } = start();
    outage.failed('refused', false);
    probeAfter();
    outage.probed();
    expect(outage.enter()).toBe(true);
  });
});
