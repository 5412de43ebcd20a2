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

describe('a day on which clocks change', () => {
  /** When the span opens on three days in a row, in UTC. */
  function openings(timeZone: string, cron: string, from: string): string[] {
    const opened: string[] = [];
    for (let now = at(from); opened.length < 3;) {
      const state = spanAt({ cron, timeZone, durationMs: 60_000 }, now);
      now = state.changesAt ?? Infinity;
      if (!state.open) opened.push(new Date(now).toISOString().slice(0, 16));
    }
    return opened;
  }

  it.each([
    // By half an hour: 02:00 to 02:30 does not exist, then 01:30 to 02:00 comes twice.
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-02T18:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:15', '2026-10-05T15:15'],
    ],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-03T18:00Z',
      ['2026-04-04T14:45', '2026-04-05T15:15', '2026-04-06T15:15'],
    ],
    // At midnight: that day begins at 01:00, then 23:00 to 24:00 comes twice.
    [
      'America/Santiago',
      '0 0 * * *',
      '2026-09-05T12:00Z',
      ['2026-09-06T04:00', '2026-09-07T03:00', '2026-09-08T03:00'],
    ],
    [
      'America/Santiago',
      '30 23 * * *',
      '2026-04-04T12:00Z',
      ['2026-04-05T02:30', '2026-04-06T03:30', '2026-04-07T03:30'],
    ],
  ] as const)('in %s, %s opens once', (timeZone, cron, from, expected) => {
    expect(openings(timeZone, cron, from)).toEqual(expected);
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
