import { describe, expect, it } from 'vitest';
import type { AppReport } from '../report/index.js';
import { MAX_SUSPENSION_MS, appObjectName, appOfObject, parseSuspension, renderAppObject } from './app-object.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');

const REPORT: AppReport = {
  app: 'web',
  evaluated: { generation: 1, number: 3 },
  appliedBundle: 'abcdef0123456789',
  appliedPolicy: 'b',
  attemptedBundle: 'c',
  attemptedPolicy: 'b',
  phase: 'partial',
  health: 'progressing',
  healthyForMs: 0,
  lossCount: 0,
  objects: 3,
  objectsReady: 2,
  problems: [
    {
      ref: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
      code: 'invalid',
      message: 'm'.repeat(2_000),
      summary: '',
    },
  ],
  drifted: 1,
  drifts: [],
  deletionSet: undefined,
  deletions: [],
  failedFast: false,
  writes: 4,
};

describe('parseSuspension', () => {
  it.each([
    ['1h', NOW + 3_600_000],
    ['90m', NOW + 5_400_000],
    ['2026-01-01T13:00:00Z', NOW + 3_600_000],
    ['2026-01-01T14:00:00+01:00', NOW + 3_600_000],
    ['2025-01-01T00:00:00Z', Date.parse('2025-01-01T00:00:00Z')],
    ['30d', NOW + MAX_SUSPENSION_MS],
    ['2036-01-01T00:00:00Z', NOW + MAX_SUSPENSION_MS],
    ['', undefined],
    ['tomorrow', undefined],
    ['-1h', undefined],
    ['2026-99-01T00:00:00Z', undefined],
  ])('%s', (text, until) => expect(parseSuspension(text, NOW)).toBe(until));
});

describe('an app’s parent object', () => {
  it('has its app in its name', () => {
    expect(appOfObject(appObjectName('web'))).toBe('web');
    expect(appOfObject('kube-root-ca.crt')).toBeUndefined();
    expect(appOfObject('flotilla-app-')).toBeUndefined();
  });

  it('says in few words how the app is', () => {
    const { data, labels } = renderAppObject(REPORT, '');
    expect(data).toMatchObject({ phase: 'partial', health: 'progressing', bundle: 'abcdef0', objects: '2/3' });
    expect(data['message']).toMatch(/^Service shop\/web: invalid: m+…$/);
    expect(labels).toMatchObject({ 'flotilla.dev/kind': 'app', 'flotilla.dev/phase': 'partial' });
  });

  it('does not change by what grows by itself', () => {
    const later = { ...REPORT, writes: 9, healthyForMs: 5_000, evaluated: { generation: 1, number: 4 } };
    expect(renderAppObject(later, '')).toEqual(renderAppObject(REPORT, ''));
  });
});
