import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppEntry } from './desired-state.js';
import { applyDelta, diffDesiredState, isEmptyDelta } from './diff-desired-state.js';
import { EMPTY_STATE_HASH, entryText, hashDesiredState, orderEntries } from './hash-desired-state.js';

const digest = fc.constantFrom('a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64));
const entry: fc.Arbitrary<AppEntry> = fc.record({
  app: fc.constantFrom('web', 'api', 'db', 'Cache', 'a-very-long-name'),
  bundle: digest,
  policy: digest,
  life: fc.constantFrom('active', 'prune', 'orphan'),
  mode: fc.constantFrom('manage', 'observe'),
  pendingBundle: fc.option(digest, { nil: undefined }),
  approvedDeletions: fc.uniqueArray(digest).map((all) => all.sort()),
  suspendedUntil: fc.constantFrom(0, 1_800_000_000_000),
  retry: fc.nat(3),
  since: fc.record({ generation: fc.nat(2), number: fc.nat(5) }),
});
const state = fc.uniqueArray(entry, { selector: (one) => one.app });

const texts = (apps: readonly AppEntry[]): string[] => orderEntries(apps).map(entryText);

describe('desired state', () => {
  it('is reached from any other by their difference', () => {
    fc.assert(
      fc.property(state, state, (held, wanted) => {
        expect(texts(applyDelta(held, diffDesiredState(held, wanted)))).toEqual(texts(wanted));
      }),
    );
  });

  it('has an empty difference to itself, in any order', () => {
    const permuted = state.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(permuted, ([one, other]) => {
        expect(isEmptyDelta(diffDesiredState(one, other))).toBe(true);
        expect(hashDesiredState(other)).toBe(hashDesiredState(one));
      }),
    );
  });

  it('has the hash of another exactly when they are equal', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        expect(hashDesiredState(a) === hashDesiredState(b)).toBe(isEmptyDelta(diffDesiredState(a, b)));
      }),
    );
  });

  it('loses nothing by absence', () => {
    fc.assert(
      fc.property(state, state, (held, set) => {
        const after = applyDelta(held, { set, forget: [] }).map((one) => one.app);
        expect(after).toEqual(expect.arrayContaining(held.map((one) => one.app)));
      }),
    );
  });

  it('has a frozen hash, whatever the order in which deletions were approved', () => {
    const one: AppEntry = {
      app: 'web',
      bundle: 'a'.repeat(64),
      policy: 'b'.repeat(64),
      life: 'active',
      mode: 'manage',
      pendingBundle: undefined,
      approvedDeletions: ['a', 'b'],
      suspendedUntil: 0,
      retry: 0,
      since: { generation: 1, number: 2 },
    };
    expect(hashDesiredState([{ ...one, approvedDeletions: ['b', 'a', 'b'] }])).toBe(hashDesiredState([one]));
    expect(hashDesiredState([one])).toBe('2a9aa884ebce94f2ef78812b5c39611f51173f5213c964632c71b4709aa64e36');
    expect(EMPTY_STATE_HASH).toBe('a67aa6f1addc1b801c124a7d2ff52c90e4915f89b674610d3cf52f2fdebd67c7');
  });
});
