import type { AppEntry } from '@flotilla/domain';
import { diffDesiredState, hashDesiredState } from '@flotilla/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeldState } from './held-state.js';

const digest = fc.constantFrom('aa', 'bb', 'cc').map((two) => two.repeat(32));
const entry: fc.Arbitrary<AppEntry> = fc.record({
  app: fc.constantFrom('a', 'api', 'b', 'web', 'web-2', 'z'),
  bundle: digest,
  policy: digest,
  life: fc.constantFrom('active', 'prune', 'orphan'),
  mode: fc.constantFrom('manage', 'observe'),
  pendingBundle: fc.option(digest, { nil: undefined }),
  approvedDeletions: fc.array(digest, { maxLength: 2 }),
  suspendedUntil: fc.constantFrom(0, 1),
  retry: fc.constantFrom(0, 1),
  since: fc.record({ generation: fc.constant(1), number: fc.constantFrom(1, 2) }),
});
const entries = fc.uniqueArray(entry, { selector: ({ app }) => app, maxLength: 6 });

it('makes the same difference as the entries themselves', () => {
  fc.assert(
    fc.property(entries, entries, (held, wanted) => {
      const packed = HeldState.of({ generation: 1, number: 1 }, held);
      expect(packed.hash).toBe(hashDesiredState(held));
      expect(packed.diff(wanted)).toEqual(diffDesiredState(held, wanted));
      for (const { app, bundle, policy } of held) {
        expect([packed.bundleOf(app), packed.policyOf(app)]).toEqual([bundle, policy]);
      }
    }),
  );
});

it('tells which active apps would go by absence', () => {
  fc.assert(
    fc.property(entries, entries, (held, wanted) => {
      const names = new Set(wanted.map(({ app }) => app));
      const lost = held.filter(({ app, life }) => life === 'active' && !names.has(app)).map(({ app }) => app);
      expect(HeldState.of({ generation: 1, number: 1 }, held).strangers(wanted)).toEqual(lost.sort());
    }),
  );
});
