import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundReport } from './bound-report.js';
import type { AppReport, DriftEntry, ObjectProblem } from './report.js';
import { reportDigest, reportsHash } from './report-digest.js';

const ref = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' };
const problem: ObjectProblem = { ref, code: 'ImagePullBackOff', message: 'not found', summary: '1 of 3 stuck 61s' };
const drift: DriftEntry = {
  ref,
  kind: 'edited',
  field: '/spec/replicas',
  wanted: '3',
  live: '5',
  manager: 'kubectl',
  at: 1_700_000_000_000,
  healed: true,
  seenAt: 1_700_000_000_050,
  healedAt: 1_700_000_000_090,
  left: '',
};
const report: AppReport = {
  app: 'web',
  evaluated: { generation: 1, number: 7 },
  appliedBundle: 'a'.repeat(64),
  appliedPolicy: 'b'.repeat(64),
  attemptedBundle: 'a'.repeat(64),
  attemptedPolicy: 'b'.repeat(64),
  phase: 'applied',
  health: 'healthy',
  healthyForMs: 1000,
  lossCount: 0,
  objects: 3,
  objectsReady: 3,
  problems: [problem],
  drifted: 1,
  drifts: [drift],
  deletionSet: undefined,
  deletions: [],
  failedFast: false,
  writes: 4,
};

describe('reportDigest', () => {
  it('does not see what grows by itself', () => {
    const later: AppReport = {
      ...report,
      healthyForMs: 9000,
      writes: 5,
      problems: [{ ...problem, summary: '1 of 3 stuck 2m5s', message: 'not found' }],
      drifts: [{ ...drift, at: 1_700_000_009_000, seenAt: 1, healedAt: 2 }],
    };
    expect(reportDigest(later)).toBe(reportDigest(report));
  });

  it.each<Partial<AppReport>>([
    { evaluated: { generation: 1, number: 8 } },
    { health: 'progressing' },
    { phase: 'partial' },
    { lossCount: 1 },
    { objectsReady: 2 },
    { appliedBundle: undefined },
    { attemptedBundle: 'd'.repeat(64) },
    { failedFast: true },
    { problems: [{ ...problem, summary: '2 of 3 stuck 61s' }] },
    { drifts: [{ ...drift, healed: false }] },
    { drifts: [{ ...drift, left: 'contested' }] },
    { deletionSet: 'c'.repeat(64) },
  ])('sees %j', (change) => {
    expect(reportDigest({ ...report, ...change })).not.toBe(reportDigest(report));
  });
});

describe('reportsHash', () => {
  it('does not depend on the order, and depends on every app and digest', () => {
    const states = fc.uniqueArray(fc.record({ app: fc.string(), digest: fc.constantFrom('a', 'b') }), {
      selector: (one) => one.app,
    });
    fc.assert(
      fc.property(states, (all) => {
        expect(reportsHash([...all].reverse())).toBe(reportsHash(all));
        const changed = all.map((one, index) => (index === 0 ? { ...one, digest: 'c' } : one));
        if (all.length > 0) expect(reportsHash(changed)).not.toBe(reportsHash(all));
      }),
    );
  });
});

describe('boundReport', () => {
  const many = <T>(item: T): T[] => Array.from({ length: 200 }, () => item);
  const huge: AppReport = {
    ...report,
    problems: many({ ...problem, message: 'é'.repeat(5000) }),
    drifts: many(drift),
    deletions: many(ref),
    drifted: 200,
  };

  it('leaves a small report as it is', () => {
    expect(boundReport(report, 16_384)).toEqual(report);
  });

  it('cuts lists and texts to the limit and keeps counts', () => {
    const bounded = boundReport(huge, 16_384);
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(16_384);
    expect(bounded).toMatchObject({ drifted: 200, objects: 3, deletions: [], drifts: [] });
    expect(bounded.problems.length).toBeGreaterThan(0);
  });

  it('cuts a cut report no further', () => {
    const bounded = boundReport(huge, 16_384);
    expect(reportDigest(boundReport(bounded, 16_384))).toBe(reportDigest(bounded));
  });
});
