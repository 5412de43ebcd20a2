import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppDefinition } from '../definitions/index.js';
import type { EvaluatedApp } from './evaluation.js';
import type { Part } from './part.js';
import { assignmentsOf, joinParts, partsEqual } from './part.js';
import type { AppInForce, TargetInForce } from './plan-app.js';
import { planApp } from './plan-app.js';
import { planRelease } from './plan-release.js';

const CLUSTERS = [1, 2, 3, 4, 5];

/** Each cluster in at most one part, as parts of a release are. */
const parts = fc
  .dictionary(fc.constantFrom(...CLUSTERS.map(String)), fc.constantFrom('b1 p1', 'b1 p2', 'b2 p1'))
  .map((byCluster) =>
    joinParts(
      Object.entries(byCluster).map(([id, key]): Part => {
        const [bundle = '', policy = ''] = key.split(' ');
        return { bundle, policy, clusterIds: [Number(id)] };
      }),
    ),
  );

function evaluated(inputs: string, next: readonly Part[]): EvaluatedApp {
  const reasons = new Map([...assignmentsOf(next).keys()].map((id) => [id, 'all clusters']));
  return {
    definition: { name: 'web' } as AppDefinition,
    inputs,
    assembled: { parts: next, bundles: new Map(), policies: new Map(), problems: [] },
    reasons,
    frozenBecause: '',
    definitionFrozen: false,
    unreadable: false,
    problems: [],
  };
}

function inForce(inputs: string, held: readonly Part[]): AppInForce {
  const targets = [...assignmentsOf(held).keys()].map((id): [number, TargetInForce] => [
    id,
    { life: 'active', reason: 'all clusters' },
  ]);
  return { inputs, parts: held, targets: new Map(targets) };
}

const all = new Set(CLUSTERS);

describe('planRelease', () => {
  it('makes none for equal parts, a release for other inputs, and changes parts for other clusters', () => {
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (previous, next, sameInputs) => {
        const { kind } = planRelease({ previousInputs: 'a', previous, inputs: sameInputs ? 'a' : 'b', parts: next });
        expect(kind).toBe(partsEqual(previous, next) ? 'none' : sameInputs ? 'parts' : 'release');
      }),
    );
  });

  it('makes the first release when there is a part', () => {
    expect(planRelease({ previousInputs: undefined, previous: undefined, inputs: 'a', parts: [] }).kind).toBe('none');
    const part = { bundle: 'b', policy: 'p', clusterIds: [1] };
    expect(planRelease({ previousInputs: undefined, previous: undefined, inputs: 'a', parts: [part] }).kind).toBe(
      'release',
    );
  });
});

describe('joinParts', () => {
  it('is idempotent, and does not depend on order', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const split = some.flatMap((part) => part.clusterIds.map((id) => ({ ...part, clusterIds: [id] })));
        expect(joinParts(split.reverse())).toEqual(some);
        expect(joinParts(some)).toEqual(some);
      }),
    );
  });
});

describe('planApp', () => {
  it('has nothing to do after what it planned', () => {
    fc.assert(
      fc.property(parts, parts, (held, next) => {
        const now = evaluated('b', next);
        const first = planApp({ before: inForce('a', held), now, clusterIds: all, doubt: undefined });
        const second = planApp({ before: inForce('b', first.parts), now, clusterIds: all, doubt: undefined });
        expect(second.release.kind).toBe('none');
        expect([...second.wanted, ...second.leaving]).toEqual([]);
      }),
    );
  });

  it('lets nothing leave in doubt, and moves the rest', () => {
    fc.assert(
      fc.property(parts, parts, (held, next) => {
        const plan = planApp({
          before: inForce('a', held),
          now: evaluated('b', next),
          clusterIds: all,
          doubt: 'a problem',
        });
        expect([...plan.leaving]).toEqual([]);
        expect(assignmentsOf(plan.parts)).toEqual(new Map([...assignmentsOf(held), ...assignmentsOf(next)]));
      }),
    );
  });

  it('without doubt, exactly what is not wanted any more leaves', () => {
    fc.assert(
      fc.property(parts, parts, (held, next) => {
        const plan = planApp({
          before: inForce('a', held),
          now: evaluated('b', next),
          clusterIds: all,
          doubt: undefined,
        });
        const gone = [...assignmentsOf(held).keys()].filter((id) => !assignmentsOf(next).has(id));
        expect([...plan.leaving.keys()].sort()).toEqual(gone.sort());
        expect(partsEqual(plan.parts, next)).toBe(true);
      }),
    );
  });

  it('leaves targets of clusters alone that are not there', () => {
    const held = [{ bundle: 'b1', policy: 'p1', clusterIds: [1, 2] }];
    const next = [{ bundle: 'b2', policy: 'p1', clusterIds: [1] }];
    const plan = planApp({
      before: inForce('a', held),
      now: evaluated('b', next),
      clusterIds: new Set([1]),
      doubt: undefined,
    });
    expect([...plan.leaving]).toEqual([]);
    expect(assignmentsOf(plan.parts).get(2)).toEqual({ bundle: 'b1', policy: 'p1' });
  });

  it('wants a target again that was leaving', () => {
    const held = [{ bundle: 'b1', policy: 'p1', clusterIds: [1] }];
    const before = {
      ...inForce('a', held),
      targets: new Map([[1, { life: 'asked', reason: 'all clusters' }] as const]),
    };
    const plan = planApp({ before, now: evaluated('a', held), clusterIds: all, doubt: undefined });
    expect(plan.release.kind).toBe('none');
    expect([...plan.wanted]).toEqual([[1, 'all clusters']]);
  });
});
