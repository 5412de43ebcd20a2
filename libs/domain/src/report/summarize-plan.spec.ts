import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplyPlan, ApplyWait } from '../apply/index.js';
import { EMPTY_INVENTORY } from '../apply/index.js';
import type { ObjectRef } from '../json/index.js';
import type { ObservedObject } from './summarize-plan.js';
import { summarizePlan } from './summarize-plan.js';

const ref = (name: string): ObjectRef => ({ group: '', kind: 'ConfigMap', namespace: 'web', name });
const place = { phase: 0, rank: 0 } as never;
const apply = (
  name: string,
  why: 'create' | 'change' | 'adopt' | 'recreate' | 'drift',
): ApplyPlan['steps'][number] => ({
  do: 'apply',
  ref: ref(name),
  why,
  place,
});
const seen = (name: string, more: Partial<ObservedObject> = {}): ObservedObject => ({
  ref: ref(name),
  differs: false,
  from: [],
  claims: [],
  refusal: '',
  ...more,
});

function planned(more: Partial<ApplyPlan>): ApplyPlan {
  const nothing = { steps: [], later: [], waits: [], deletionSet: undefined, refused: undefined, complete: false };
  return { ...nothing, intended: EMPTY_INVENTORY, ...more };
}

describe('summarizePlan', () => {
  it('says of each object what would be done, conflicts first', () => {
    const waits: ApplyWait[] = [
      { ref: ref('differs'), code: 'adoptDiffers', detail: '' },
      { ref: ref('late'), code: 'earlierPhase', detail: '' },
      { ref: ref('kind'), code: 'kindMissing', detail: '' },
    ];
    const plan = planned({
      steps: [apply('new', 'create'), apply('taken', 'adopt'), apply('claimed', 'change')],
      later: [apply('late', 'create'), { do: 'prune', ref: ref('old'), uid: 'u', resourceVersion: '1' }],
      waits,
    });
    const observed = [
      seen('new', { differs: true }),
      seen('taken', { from: ['helm'] }),
      seen('claimed', { differs: true, claims: ['/data/x (operator)'] }),
      seen('differs', { differs: true, from: ['argocd-controller'] }),
      seen('late'),
      seen('kind'),
      seen('right'),
      seen('bad', { refusal: 'spec.replicas: must be 0 or more' }),
    ];
    const { counts, objects } = summarizePlan(plan, observed, 100);
    expect(counts).toEqual({ create: 2, change: 0, adopt: 1, delete: 1, conflict: 3, wait: 1, leave: 1 });
    expect(objects.map(({ action, ref: { name }, managers, because }) => [action, name, ...managers, because])).toEqual(
      [
        ['conflict', 'claimed', 'held by other managers: /data/x (operator)'],
        ['conflict', 'differs', 'argocd-controller', 'exists and differs; apply.adopt.when: ifEqual'],
        ['conflict', 'bad', 'spec.replicas: must be 0 or more'],
        ['delete', 'old', ''],
        ['adopt', 'taken', 'helm', ''],
        ['create', 'new', ''],
        ['create', 'late', ''],
        ['wait', 'kind', 'kindMissing'],
      ],
    );
  });

  it('law: every wanted object is counted once, and cutting the list changes no count', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
    const whys = fc.constantFrom('create' as const, 'change' as const, 'adopt' as const, undefined);
    fc.assert(
      fc.property(names, fc.infiniteStream(whys), fc.nat(3), fc.boolean(), (wanted, stream, max, differs) => {
        const steps = wanted.flatMap((name) => {
          const why = stream.next().value as 'create' | 'change' | 'adopt' | undefined;
          return why === undefined ? [] : [apply(name, why)];
        });
        const observed = wanted.map((name) => seen(name, { differs }));
        const whole = summarizePlan(planned({ steps }), observed, 100);
        expect(Object.values(whole.counts).reduce((sum, count) => sum + count, 0)).toBe(wanted.length);
        expect(whole.objects.length).toBe(wanted.length - whole.counts.leave);
        expect(summarizePlan(planned({ steps }), observed, max).counts).toEqual(whole.counts);
      }),
    );
  });
});
