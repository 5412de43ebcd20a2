import type { AppReport } from '@flotilla/domain';
import { reportDigest } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { Page } from './report-book.js';
import { ReportBook } from './report-book.js';

const report = (app: string, more: Partial<AppReport> = {}): AppReport => ({
  app,
  evaluated: { generation: 1, number: 1 },
  appliedBundle: 'a'.repeat(64),
  appliedPolicy: 'b'.repeat(64),
  attemptedBundle: 'a'.repeat(64),
  attemptedPolicy: 'b'.repeat(64),
  phase: 'applied',
  health: 'healthy',
  healthyForMs: 0,
  lossCount: 0,
  objects: 1,
  objectsReady: 1,
  problems: [],
  drifted: 0,
  drifts: [],
  deletionSet: undefined,
  deletions: [],
  failedFast: false,
  writes: 0,
  ...more,
});

const due = (book: ReportBook, inFlight: readonly string[] = []): string[] =>
  book.due(new Set(inFlight), 10).map((one) => one.report.app);

const page = (one: AppReport): Page => ({ report: one, digest: reportDigest(one) });

describe('ReportBook', () => {
  it('is silent about what did not change', () => {
    const book = new ReportBook();
    let changes = 0;
    book.onChange(() => (changes += 1));
    book.put(report('web'));
    book.stored(page(report('web')));
    book.put(report('web', { healthyForMs: 5000, writes: 3 }));
    expect(changes).toBe(1);
    expect(due(book)).toEqual([]);
  });

  it('keeps the newest of each app and offers it until the hub has stored that one', () => {
    const book = new ReportBook();
    book.put(report('web', { health: 'progressing' }));
    book.put(report('web', { health: 'healthy' }));
    expect(book.due(new Set(), 10)).toEqual([page(report('web', { health: 'healthy' }))]);
    book.stored(page(report('web', { health: 'progressing' })));
    expect(due(book)).toEqual(['web']);
    expect(due(book, ['web'])).toEqual([]);
    book.stored(page(report('web')));
    expect(due(book)).toEqual([]);
  });

  it('sends what changed since it stated its hash, though the hub knew all that was stated', () => {
    const book = new ReportBook();
    book.put(report('a'));
    expect(book.state()).toBe(book.hash());
    book.put(report('b'));
    book.open(true);
    expect(due(book)).toEqual(['b']);
    book.state();
    book.open(true);
    expect(due(book)).toEqual([]);
  });

  it('sends all in a new session unless the hub knows all', () => {
    const book = new ReportBook();
    for (const app of ['a', 'b', 'c']) book.put(report(app));
    book.state();
    book.open(true);
    expect(due(book)).toEqual([]);
    book.open(false);
    expect(due(book)).toEqual(['a', 'b', 'c']);
    expect(book.due(new Set(), 2)).toHaveLength(2);
  });

  it('changes its hash with what is reported, and forgets removed apps', () => {
    const book = new ReportBook();
    const empty = book.hash();
    book.put(report('web'));
    const one = book.hash();
    expect(one).not.toBe(empty);
    book.put(report('web', { health: 'failed' }));
    expect(book.hash()).not.toBe(one);
    book.remove('web');
    expect(book.hash()).toBe(empty);
    expect(due(book)).toEqual([]);
  });

  it('cuts reports to what the hub takes', () => {
    const book = new ReportBook();
    book.limitTo(2_000);
    const ref = { group: '', kind: 'Pod', namespace: 'web', name: 'web' };
    book.put(report('web', { deletions: Array.from({ length: 500 }, () => ref) }));
    expect(JSON.stringify(book.due(new Set(), 1)[0]?.report).length).toBeLessThanOrEqual(2_000);
  });
});
