import { describe, expect, it } from 'vitest';
import { PublishPace } from './publish-pace.js';

describe('PublishPace', () => {
  it('holds nothing back before anything was answered', () => {
    const pace = new PublishPace();
    expect(pace.waitMs(0)).toBe(0);
    pace.begin(0);
    expect(pace.waitMs(0)).toBe(0);
  });

  it('lets as much time pass as the last one took, and no more than 300 ms from its beginning', () => {
    const pace = new PublishPace();
    pace.begin(1_000);
    pace.end(1_040);
    expect([1_040, 1_060, 1_080, 2_000].map((now) => pace.waitMs(now))).toEqual([40, 20, 0, 0]);
    pace.begin(5_000);
    pace.end(5_250);
    expect(pace.waitMs(5_250)).toBe(50);
  });
});
