import type { KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { AppState } from './app-state.js';

const HOUR = 3_600_000;
const STARTED = Date.parse('2026-01-01T00:00:00Z');
const REF = { group: 'x.io', kind: 'Thing', namespace: 'shop', name: 'a' };

const thing = (metadata: Record<string, string | string[]>): KubeObject => ({
  apiVersion: 'x.io/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '1', ...metadata },
});

describe('a clock that is set', () => {
  it.each([-HOUR, 0, HOUR])('by %s ms neither ends nor prolongs the time in which an object settles', (step) => {
    const state = new AppState('web');
    const tracked = state.track(REF);
    tracked.changedAt = 5_000;
    const made = thing({ creationTimestamp: new Date(STARTED).toISOString() });
    const healthAfter = (ms: number): string =>
      state.judge(tracked, made, { wall: STARTED + ms + step, monotonic: 5_000 + ms }).health;
    expect([healthAfter(9_000), healthAfter(11_000)]).toEqual(['progressing', 'healthy']);
  });

  it.each([-HOUR, 0, HOUR])('by %s ms does not change when a deletion counts as stuck', (step) => {
    const state = new AppState('web');
    const tracked = state.track(REF);
    const going = (version: string): KubeObject =>
      thing({ deletionTimestamp: 'x', finalizers: ['example.com/hold'], resourceVersion: version });
    const stuckAfter = (ms: number, version: string): unknown => {
      state.observe(tracked, going(version), { wall: STARTED + ms + (ms === 0 ? 0 : step), monotonic: 5_000 + ms });
      return tracked.live?.state === 'present' ? tracked.live.stuckBy : undefined;
    };
    expect([stuckAfter(0, '1'), stuckAfter(9_000, '2')]).toEqual([undefined, undefined]);
    expect(stuckAfter(11_000, '3')).toContain('example.com/hold');
  });
});
