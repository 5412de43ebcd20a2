import { describe, expect, it } from 'vitest';
import { SteadyClock } from './steady-clock.js';

describe('SteadyClock', () => {
  let monotonic = 1_000;
  const clock = new SteadyClock(() => monotonic);

  it('counts what is observed, step by step', () => {
    expect(clock.now()).toBe(0);
    monotonic += 1_500;
    expect(clock.now()).toBe(1_500);
    expect(clock.now()).toBe(1_500);
  });

  it('stands still while the process does', () => {
    monotonic += 600_000;
    expect(clock.now()).toBe(3_500);
    monotonic += 500;
    expect(clock.now()).toBe(4_000);
  });

  it('never goes back', () => {
    monotonic -= 10_000;
    expect(clock.now()).toBe(4_000);
    monotonic += 100;
    expect(clock.now()).toBe(4_100);
  });
});
