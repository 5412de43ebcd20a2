import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Part } from '../release/index.js';
import { assignmentsOf, joinParts } from '../release/index.js';
import { joinDifferences, pairParts } from './join-differences.js';

const parts = fc
  .dictionary(
    fc.integer({ min: 1, max: 12 }).map(String),
    fc.tuple(fc.constantFrom('b1', 'b2'), fc.constantFrom('p1', 'p2')),
  )
  .map((byCluster) =>
    joinParts(
      Object.entries(byCluster).map(([id, [bundle, policy]]): Part => ({ bundle, policy, clusterIds: [Number(id)] })),
    ),
  );

it('each cluster whose part differs is in exactly one pair, with what it had and has', () => {
  fc.assert(
    fc.property(parts, parts, (before, after) => {
      const pairs = pairParts(before, after);
      const [old, now] = [assignmentsOf(before), assignmentsOf(after)];
      const told = pairs.flatMap(({ clusterIds }) => clusterIds);
      expect(new Set(told).size).toBe(told.length);
      for (const pair of pairs) {
        for (const id of pair.clusterIds) expect([pair.before, pair.after]).toEqual([old.get(id), now.get(id)]);
      }
      const same = [...new Set([...old.keys(), ...now.keys()])].filter((id) => !told.includes(id));
      for (const id of same) expect(old.get(id)).toEqual(now.get(id));
    }),
  );
});

const difference = fc.record({
  clusterIds: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 3 }),
  objects: fc.constant([]),
  policy: fc.array(fc.record({ field: fc.constantFrom('a', 'b'), change: fc.constant('removed' as const) }), {
    maxLength: 1,
  }),
});

it('joins what is the same, whatever the order, and loses no cluster', () => {
  fc.assert(
    fc.property(fc.array(difference, { maxLength: 6 }), (given) => {
      const all = given.map((each, index) => ({ ...each, clusterIds: each.clusterIds.map((id) => id + index * 100) }));
      const joined = joinDifferences(all);
      expect(joinDifferences([...all].reverse())).toEqual(joined);
      expect(new Set(joined.map(({ policy }) => JSON.stringify(policy))).size).toBe(joined.length);
      const ids = (list: readonly { readonly clusterIds: readonly number[] }[]): number[] =>
        list.flatMap(({ clusterIds }) => clusterIds).sort((a, b) => a - b);
      expect(ids(joined)).toEqual(ids(all.filter(({ policy }) => policy.length > 0)));
    }),
  );
});
