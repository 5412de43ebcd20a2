import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriftEntry } from './report.js';
import type { DriftChanges, KnownDrift } from './track-drifts.js';
import { trackDrifts } from './track-drifts.js';

const NOW = 9_000;
const base: DriftEntry = {
  ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
  kind: 'edited',
  field: '/spec/replicas',
  wanted: '2',
  live: '5',
  manager: 'kubectl-scale',
  at: 100,
  healed: false,
  seenAt: 110,
  healedAt: 0,
  left: '',
};
const healed: DriftEntry = { ...base, healed: true, healedAt: 150 };

/** The history after a report. */
function after(known: readonly KnownDrift[], items: readonly DriftEntry[], drifted?: number): KnownDrift[] {
  const open = items.filter((item) => !item.healed).length;
  return save(known, trackDrifts(known, { items, drifted: drifted ?? open }, NOW));
}

function save(known: readonly KnownDrift[], { opened, changed }: DriftChanges): KnownDrift[] {
  const kept = known.map((drift) => changed.find(({ id }) => id === drift.id) ?? drift);
  return [...kept, ...opened.map((drift, index) => ({ ...drift, id: String(known.length + index) }))];
}

describe('trackDrifts', () => {
  it('follows a drift from the first look to its healing', () => {
    const seen = after([], [base]);
    expect(seen).toMatchObject([{ state: 'open', seenAt: 110, endedAt: 0, manager: 'kubectl-scale' }]);
    expect(after(seen, [healed])).toMatchObject([{ state: 'healed', seenAt: 110, endedAt: 150 }]);
  });

  it('keeps one that was healed before the hub heard of it', () => {
    expect(after([], [healed])).toMatchObject([{ state: 'healed', seenAt: 110, endedAt: 150 }]);
  });

  it('says why one is left as it is', () => {
    const left = after(after([], [base]), [{ ...base, left: 'contested' }]);
    expect(left).toMatchObject([{ state: 'contested', endedAt: 0 }]);
  });

  it('says that one is gone when nobody healed it, unless the list was cut', () => {
    const seen = after([], [base]);
    expect(after(seen, [])).toMatchObject([{ state: 'gone', endedAt: NOW }]);
    expect(after(seen, [], 3)).toMatchObject([{ state: 'open' }]);
  });

  it('knows an open drift again that a restarted agent notices anew, and its healing', () => {
    const again = after(after([], [base]), [{ ...base, seenAt: 500 }]);
    expect(again).toMatchObject([{ state: 'open', seenAt: 110, mark: 500 }]);
    const over = after(again, [{ ...healed, seenAt: 500, healedAt: 600 }]);
    expect(over).toMatchObject([{ state: 'healed', seenAt: 110, endedAt: 600 }]);
    expect(after(over, [{ ...healed, seenAt: 500, healedAt: 600 }])).toEqual(over);
  });

  it('tells two drifts of the same field apart', () => {
    const first = after([], [healed]);
    const second = after(first, [{ ...base, seenAt: 300 }, healed]);
    expect(second.map(({ state, seenAt }) => [state, seenAt])).toEqual([
      ['healed', 110],
      ['open', 300],
    ]);
  });

  const entry: fc.Arbitrary<DriftEntry> = fc
    .record({
      field: fc.constantFrom('/spec/replicas', '/data/x'),
      seenAt: fc.integer({ min: 1, max: 6 }),
      healed: fc.boolean(),
      live: fc.constantFrom('1', '2'),
      left: fc.constantFrom('', 'contested'),
    })
    .map((part): DriftEntry => ({
      ...base,
      ...part,
      left: part.healed ? '' : (part.left as DriftEntry['left']),
      healedAt: part.healed ? part.seenAt + 1 : 0,
    }));
  /** As agents report: of one field one drift is open, the newest; `seenAt` names one. */
  const report = fc
    .uniqueArray(entry, { maxLength: 5, selector: ({ field, seenAt }) => `${field} ${seenAt}` })
    .map((items) => items.sort((a, b) => b.seenAt - a.seenAt))
    .map((items) =>
      items.filter((item, at) => item.healed || items.findIndex(({ field }) => field === item.field) === at),
    );

  it('law: the same report twice changes nothing; what is over stays; open drifts are those reported', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 5 }), (reports) => {
        let known: KnownDrift[] = [];
        for (const items of reports) {
          const next = after(known, items);
          expect(after(next, items)).toEqual(next);
          for (const old of known.filter(({ endedAt }) => endedAt !== 0)) expect(next).toContainEqual(old);
          const open = next.filter(({ endedAt }) => endedAt === 0).map(({ field }) => field);
          expect(new Set(open).size).toBe(open.length);
          known = next;
        }
      }),
    );
  });
});
