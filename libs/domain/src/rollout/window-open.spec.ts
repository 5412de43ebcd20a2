import { describe, expect, it } from 'vitest';
import type { WindowDefinition, WindowSpan } from '../definitions/index.js';
import { WindowBook, spanAt } from './window-open.js';

const at = (text: string): number => Date.parse(text);
const HOUR = 3_600_000;

const OFFICE: WindowSpan = { cron: '0 9 * * 1-5', durationMs: 8 * HOUR, timeZone: 'Europe/Berlin' };

function window(name: string, more: Partial<WindowDefinition>): WindowDefinition {
  const place = { file: '', line: 0, column: 0 };
  return { kind: 'Window', name, labels: {}, place, allow: [], deny: [], apps: [], ...more };
}

describe('spanAt', () => {
  it.each([
    ['2026-11-25T07:59:59Z', false, '2026-11-25T08:00:00Z'],
    ['2026-11-25T08:00:00Z', true, '2026-11-25T16:00:00Z'],
    ['2026-11-25T15:59:59Z', true, '2026-11-25T16:00:00Z'],
    ['2026-11-25T16:00:00Z', false, '2026-11-26T08:00:00Z'],
    ['2026-11-27T16:00:00Z', false, '2026-11-30T08:00:00Z'],
  ])('at %s office hours in Berlin are %s until %s', (now, open, changesAt) => {
    expect(spanAt(OFFICE, at(now))).toEqual({ open, changesAt: at(changesAt) });
  });

  it('keeps the local hour when daylight saving begins and ends', () => {
    expect(spanAt(OFFICE, at('2026-03-27T08:30:00Z'))).toEqual({ open: true, changesAt: at('2026-03-27T16:00:00Z') });
    expect(spanAt(OFFICE, at('2026-03-30T07:30:00Z'))).toEqual({ open: true, changesAt: at('2026-03-30T15:00:00Z') });
    expect(spanAt(OFFICE, at('2026-10-23T07:30:00Z')).open).toBe(true);
    expect(spanAt(OFFICE, at('2026-10-26T07:30:00Z')).open).toBe(false);
    expect(spanAt(OFFICE, at('2026-10-26T08:00:00Z')).open).toBe(true);
  });

  it('lasts its duration of elapsed time over a night that is an hour shorter or longer', () => {
    const night: WindowSpan = { cron: '0 0 * * *', durationMs: 4 * HOUR, timeZone: 'Europe/Berlin' };
    expect(spanAt(night, at('2026-03-29T00:00:00Z')).changesAt).toBe(at('2026-03-29T03:00:00Z'));
    expect(spanAt(night, at('2026-10-25T01:30:00Z')).changesAt).toBe(at('2026-10-25T02:00:00Z'));
  });

  it('opens once, and not never, when its hour is skipped by daylight saving', () => {
    const skipped: WindowSpan = { cron: '30 2 * * *', durationMs: HOUR, timeZone: 'Europe/Berlin' };
    const opens = spanAt(skipped, at('2026-03-29T00:00:00Z')).changesAt ?? 0;
    expect(opens).toBeGreaterThanOrEqual(at('2026-03-29T01:00:00Z'));
    expect(opens).toBeLessThanOrEqual(at('2026-03-29T01:30:00Z'));
  });
});

describe('WindowBook', () => {
  const now = at('2026-11-25T20:00:00Z');
  const state = (windows: Record<string, WindowDefinition>, named: string[], labels = {}, app = 'web') =>
    new WindowBook({ app, windows }, now).stateFor({ labels }, named).closedBy;

  it('asks only for allowed times of windows that the wave names', () => {
    const windows = { office: window('office', { allow: [OFFICE] }) };
    expect(state(windows, ['office'])).toBe('office');
    expect(state(windows, [])).toBeUndefined();
  });

  it('denies without being named, for the apps and clusters that it selects', () => {
    const evening = [{ cron: '0 20 * * *', durationMs: HOUR, timeZone: 'UTC' }];
    const requirements = [{ op: 'in' as const, key: 'env', values: ['prod'] }];
    const freeze = {
      freeze: window('freeze', { deny: evening, apps: ['web'], selector: { text: 'env=prod', requirements } }),
    };
    expect(state(freeze, [], { env: 'prod' })).toBe('freeze');
    expect(state(freeze, [], { env: 'lab' })).toBeUndefined();
    expect(state(freeze, [], { env: 'prod' }, 'other')).toBeUndefined();
  });

  it('opens when one of its allowed times does and no denied one', () => {
    const always = { cron: '0 0 * * *', durationMs: 24 * HOUR, timeZone: 'UTC' };
    expect(state({ w: window('w', { allow: [OFFICE, always] }) }, ['w'])).toBeUndefined();
    expect(state({ w: window('w', { allow: [always], deny: [always] }) }, ['w'])).toBe('w');
  });
});
