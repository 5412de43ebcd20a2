import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppQueue } from './app-queue.js';

describe('AppQueue', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Plans last until they are let go. */
  function scripted(atOnce = 1) {
    const begun: number[] = [];
    const open: (() => void)[] = [];
    const queue = new AppQueue((appId) => {
      begun.push(appId);
      return new Promise((resolve) => open.push(resolve));
    }, atOnce);
    const finish = async (): Promise<void> => {
      open.shift()?.();
      await vi.advanceTimersByTimeAsync(0);
    };
    return { queue, begun, finish };
  }

  it('plans at once, then at most once per 100 ms, however often it is marked', async () => {
    const { queue, begun, finish } = scripted();
    queue.mark(1);
    expect(begun).toEqual([1]);
    await finish();
    for (let times = 0; times < 5; times += 1) queue.mark(1);
    await vi.advanceTimersByTimeAsync(99);
    expect(begun).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual([1, 1]);
  });

  it('never runs two plans of one app, and runs again for a mark that came meanwhile', async () => {
    const { queue, begun, finish } = scripted(3);
    queue.mark(1);
    queue.mark(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(begun).toEqual([1]);
    await finish();
    await vi.advanceTimersByTimeAsync(100);
    expect(begun).toEqual([1, 1]);
  });

  it('leaves two thirds of the time to others when plans take long, but not to what is urgent', async () => {
    const { queue, begun, finish } = scripted();
    queue.mark(1);
    await vi.advanceTimersByTimeAsync(60);
    await finish();
    queue.mark(1);
    await vi.advanceTimersByTimeAsync(119);
    expect(begun).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(90);
    await finish();
    queue.mark(1);
    await vi.advanceTimersByTimeAsync(9);
    expect(begun).toEqual([1, 1]);
    queue.mark(1, true);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual([1, 1, 1]);
  });

  it('bounds how many apps are planned at once; urgent ones come first', async () => {
    const { queue, begun, finish } = scripted(2);
    for (const appId of [1, 2, 3, 4, 5]) queue.mark(appId);
    queue.mark(5, true);
    expect(begun).toEqual([1, 2]);
    await finish();
    expect(begun).toEqual([1, 2, 5]);
    await finish();
    expect(begun).toEqual([1, 2, 5, 3]);
  });

  it('forgets what was marked when it is cleared', async () => {
    const { queue, begun, finish } = scripted();
    queue.mark(1);
    queue.mark(2);
    queue.clear();
    await finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(begun).toEqual([1]);
  });
});
