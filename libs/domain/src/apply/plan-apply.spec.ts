import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectRef } from '../json/index.js';
import { refKey } from '../json/index.js';
import type { Inventory, InventoryEntry } from './inventory.js';
import { EMPTY_INVENTORY, intendedEntry } from './inventory.js';
import { deletionSetOf } from './judge-deletions.js';
import type { ApplyInput, ApplyPlan, LiveObject, PresentObject, WantedObject } from './apply-plan.js';
import { planApply } from './plan-apply.js';
import { rankOfKind } from './order-objects.js';

const ref = (name: string, kind = 'ConfigMap'): ObjectRef => ({
  group: '',
  kind,
  namespace: kind === 'Namespace' ? '' : 'shop',
  name,
});

const wanted = (name: string, options: { digest?: string; phase?: number; kind?: string } = {}): WantedObject => ({
  ref: ref(name, options.kind),
  digest: options.digest ?? 'd1',
  place: { phase: options.phase ?? 0, rank: rankOfKind('', options.kind ?? 'ConfigMap') },
});

const present = (uid: string, options: Partial<PresentObject> = {}): PresentObject => ({
  state: 'present',
  uid,
  resourceVersion: '1',
  app: 'web',
  managed: true,
  terminating: false,
  matches: true,
  equal: undefined,
  health: 'healthy',
  pruneFirst: false,
  ...options,
});

const owned = (name: string, options: Partial<InventoryEntry> = {}): InventoryEntry => ({
  ...intendedEntry(ref(name)),
  uid: `uid-${name}`,
  applied: 'd1',
  baseline: 'b',
  ...options,
});

function input(parts: Partial<ApplyInput>): ApplyInput {
  return {
    app: 'web',
    life: 'active',
    wanted: [],
    inventory: EMPTY_INVENTORY,
    live: new Map(),
    claims: new Map(),
    owners: new Map(),
    adopt: 'ifEqual',
    drift: 'correct',
    budget: { maxDeletes: { objects: 10, percent: 20 }, confirm: ['Namespace'] },
    approvedDeletions: [],
    ...parts,
  };
}

const inventoryOf = (...entries: InventoryEntry[]): Inventory => ({ ...EMPTY_INVENTORY, entries, complete: true });
const liveOf = (states: Record<string, LiveObject>): Map<string, LiveObject> =>
  new Map(Object.entries(states).map(([name, live]) => [refKey(ref(name)), live]));
const said = (plan: ApplyPlan): string[] =>
  plan.steps.map((step) => `${step.do} ${step.ref.name}${step.do === 'apply' ? ` ${step.why}` : ''}`);

describe('planApply', () => {
  it('creates what is absent and writes down first what it will own', () => {
    const plan = planApply(input({ wanted: [wanted('a')], live: liveOf({ a: { state: 'absent' } }) }));
    expect(said(plan)).toEqual(['apply a create']);
    expect(plan.intended.entries.map((entry) => entry.name)).toEqual(['a']);
    expect(plan.complete).toBe(false);
  });

  it('does nothing when everything is as it was applied', () => {
    const plan = planApply(
      input({ wanted: [wanted('a')], inventory: inventoryOf(owned('a')), live: liveOf({ a: present('uid-a') }) }),
    );
    expect(plan.steps).toEqual([]);
    expect(plan.complete).toBe(true);
  });

  it('tells drift, deletion and a new version apart', () => {
    const inventory = inventoryOf(owned('drifted'), owned('gone'), owned('changed', { applied: 'd0' }));
    const live = liveOf({
      drifted: present('uid-drifted', { matches: false }),
      gone: { state: 'absent' },
      changed: present('uid-changed'),
    });
    const plan = planApply(input({ wanted: [wanted('drifted'), wanted('gone'), wanted('changed')], inventory, live }));
    expect(said(plan)).toEqual(['apply changed change', 'apply drifted drift', 'apply gone recreate']);
  });

  it('only reports drift under that policy, and goes on with the rest', () => {
    const inventory = inventoryOf(owned('drifted'), owned('old'));
    const live = liveOf({ drifted: present('uid-drifted', { matches: false }), old: present('uid-old') });
    const plan = planApply(input({ wanted: [wanted('drifted')], inventory, live, drift: 'report' }));
    expect(said(plan)).toEqual(['prune old']);
    expect(plan.waits.map((wait) => wait.code)).toEqual(['drifted']);
  });

  it('counts what cannot be read, or was deleted by hand and would be made again, to a deletion set', () => {
    const inventory = inventoryOf(owned('a'), owned('x'), owned('y'));
    const budget = { maxDeletes: { objects: 1, percent: 0 }, confirm: [] };
    const known = { a: present('uid-a'), x: present('uid-x') };
    const both = deletionSetOf([ref('x'), ref('y')]);
    const plan = (y: LiveObject | undefined, more: Partial<ApplyInput> = {}): ApplyPlan => {
      const live = liveOf(y === undefined ? known : { ...known, y });
      return planApply(input({ wanted: [wanted('a')], inventory, live, budget, ...more }));
    };
    const inForce = [wanted('a'), wanted('x'), wanted('y')];
    for (const one of [plan(undefined), plan(present('uid-y')), plan({ state: 'absent' }, { inForce })]) {
      expect([one.deletionSet, one.steps.filter((step) => step.do === 'prune')]).toEqual([both, []]);
    }
    const approved = plan(undefined, { approvedDeletions: [both.hash] });
    expect(said(approved)).toEqual(['prune x']);
    // Approved with the others: it is not asked about again when it can be read.
    expect(approved.intended.entries.map((entry) => `${entry.name} ${entry.doomed}`)).toEqual([
      'a false',
      'x true',
      'y true',
    ]);
  });

  it('heals what is in force while the wanted waits, also what that changes or drops', () => {
    const inventory = inventoryOf(owned('same'), owned('changed'), owned('dropped'), owned('gone'), owned('lost'));
    const live = liveOf({
      same: present('uid-same', { matches: false }),
      changed: present('uid-changed', { matches: false }),
      dropped: present('uid-dropped', { matches: false }),
      gone: { state: 'absent' },
      // Nobody has what was applied of it.
      lost: present('uid-lost', { matches: false }),
    });
    const inForce = ['same', 'changed', 'dropped', 'gone'].map((name) => wanted(name));
    const next = [wanted('same'), wanted('changed', { digest: 'd2' }), wanted('new')];
    const plan = planApply(input({ wanted: next, inventory, live, inForce, healOnly: true }));
    expect(said(plan).sort()).toEqual([
      'apply changed drift',
      'apply dropped drift',
      'apply gone recreate',
      'apply same drift',
    ]);
    expect(plan.steps.every((step) => step.do === 'apply' && step.again === true)).toBe(true);
    expect(plan.intended).toBe(inventory);
  });

  it('never takes unknown for absent', () => {
    const inventory = inventoryOf(owned('a'), owned('old'));
    const plan = planApply(input({ wanted: [wanted('a')], inventory }));
    expect(plan.steps).toEqual([]);
    expect(plan.waits.map((wait) => `${wait.code} ${wait.ref.name}`)).toEqual(['unknown a', 'unknown old']);
    expect(plan.intended).toBe(inventory);
  });

  it('reports a deletion under that policy, and makes nothing anew', () => {
    const parts = {
      wanted: [wanted('a')],
      inventory: inventoryOf(owned('a')),
      live: liveOf({ a: { state: 'absent' } }),
    };
    const plan = planApply(input({ ...parts, drift: 'report' }));
    expect(plan.steps).toEqual([]);
    expect(plan.waits).toEqual([{ ref: ref('a'), code: 'drifted', detail: '' }]);
    expect(said(planApply(input({ ...parts, drift: 'correct' })))).toEqual(['apply a recreate']);
  });

  it('tells an object that somebody made anew under the same name', () => {
    const live = liveOf({ a: present('another', { matches: true }) });
    const plan = planApply(input({ wanted: [wanted('a')], inventory: inventoryOf(owned('a')), live }));
    expect(said(plan)).toEqual(['apply a recreate']);
  });

  it('what was intended and cut short is ours only by our mark', () => {
    const inventory = inventoryOf(owned('a', { uid: '', applied: '' }));
    const parts = { wanted: [wanted('a')], inventory, adopt: 'never' as const };
    expect(said(planApply(input({ ...parts, live: liveOf({ a: present('x') }) })))).toEqual(['apply a change']);
    const strange = planApply(input({ ...parts, live: liveOf({ a: present('x', { managed: false, app: '' }) }) }));
    expect([said(strange), strange.waits[0]?.code]).toEqual([[], 'notOwned']);
  });

  it('held back, it heals what was applied as it is wanted and leaves the rest', () => {
    const plan = planApply(
      input({
        healOnly: true,
        wanted: [wanted('gone'), wanted('gone-changed'), wanted('new')],
        inventory: inventoryOf(owned('gone'), owned('gone-changed', { applied: 'd0' })),
        live: liveOf({ gone: { state: 'absent' }, 'gone-changed': { state: 'absent' }, new: { state: 'absent' } }),
      }),
    );
    expect(said(plan)).toEqual(['apply gone recreate']);
  });

  it('waits for terminating objects', () => {
    const live = liveOf({ a: present('uid-a', { terminating: true }) });
    const plan = planApply(input({ wanted: [wanted('a')], inventory: inventoryOf(owned('a')), live }));
    expect(plan.steps).toEqual([]);
    expect(plan.waits[0]?.code).toBe('terminating');
  });

  it('does not make a finished Job anew', () => {
    const inventory = inventoryOf(owned('job', { finished: true }));
    const plan = planApply(input({ wanted: [wanted('job')], inventory, live: liveOf({ job: { state: 'absent' } }) }));
    expect(plan.complete).toBe(true);
  });

  describe('adoption', () => {
    const stranger = (options: Partial<PresentObject> = {}): PresentObject =>
      present('other', { app: '', managed: false, ...options });

    it('takes equal objects, all or none', () => {
      const plan = planApply(
        input({
          wanted: [wanted('a'), wanted('b')],
          live: liveOf({ a: stranger({ equal: true }), b: stranger({ equal: true }) }),
        }),
      );
      expect(said(plan)).toEqual(['apply a adopt', 'apply b adopt']);
      const mixed = planApply(
        input({
          wanted: [wanted('a'), wanted('b')],
          live: liveOf({ a: stranger({ equal: true }), b: stranger({ equal: false }) }),
        }),
      );
      expect(mixed.steps).toEqual([]);
      expect(mixed.waits.map((wait) => wait.code)).toEqual(['adoptDiffers', 'adoptDiffers']);
    });

    it('never means never, force means always', () => {
      const live = liveOf({ a: stranger({ equal: true }) });
      expect(planApply(input({ wanted: [wanted('a')], live, adopt: 'never' })).waits[0]?.code).toBe('notOwned');
      expect(
        said(planApply(input({ wanted: [wanted('a')], live: liveOf({ a: stranger() }), adopt: 'force' }))),
      ).toEqual(['apply a adopt']);
    });

    it('an object of another app keeps the equal ones from nobody, and is not taken by its mark', () => {
      const plan = planApply(
        input({
          wanted: [wanted('a'), wanted('theirs')],
          live: liveOf({ a: stranger({ equal: true }), theirs: present('x', { app: 'other', equal: false }) }),
          owners: new Map([[refKey(ref('theirs')), 'other']]),
        }),
      );
      expect(said(plan)).toEqual(['apply a adopt']);
      const marked = planApply(
        input({ wanted: [wanted('a')], live: liveOf({ a: present('x', { app: 'other', equal: false }) }) }),
      );
      expect([said(marked), marked.waits[0]?.code]).toEqual([[], 'adoptDiffers']);
    });

    it('waits while another app owns the object, and claims it once it was let go', () => {
      const live = liveOf({ a: present('x', { app: 'old' }) });
      const owners = new Map([[refKey(ref('a')), 'old']]);
      expect(planApply(input({ wanted: [wanted('a')], live, owners, adopt: 'force' })).waits[0]).toMatchObject({
        code: 'ownedBy',
        detail: 'old',
      });
      const released = liveOf({ a: present('x', { app: '' }) });
      expect(said(planApply(input({ wanted: [wanted('a')], live: released, adopt: 'never' })))).toEqual([
        'apply a adopt',
      ]);
    });
  });

  describe('prune', () => {
    it('comes last: after everything is applied and healthy', () => {
      const inventory = inventoryOf(owned('old'), owned('a'));
      const waiting = input({
        wanted: [wanted('a')],
        inventory,
        live: liveOf({ old: present('uid-old'), a: present('uid-a', { health: 'progressing' }) }),
      });
      expect(planApply(waiting)).toMatchObject({ steps: [], complete: false, later: [{ do: 'prune' }] });
      const healthy = { ...waiting, live: liveOf({ old: present('uid-old'), a: present('uid-a') }) };
      expect(said(planApply(healthy))).toEqual(['prune old']);
    });

    it('comes first for objects that ask for it', () => {
      const live = liveOf({ old: present('uid-old', { pruneFirst: true }), a: { state: 'absent' } });
      expect(said(planApply(input({ wanted: [wanted('a')], inventory: inventoryOf(owned('old')), live })))).toEqual([
        'prune old',
        'apply a create',
      ]);
    });

    it('runs against the order of applying, and not again at what is going already', () => {
      const inventory = inventoryOf(
        owned('config'),
        { ...owned('space'), ...ref('space', 'Namespace') },
        owned('going'),
      );
      const live = new Map([
        ...liveOf({ config: present('uid-config'), going: present('uid-going', { terminating: true }) }),
        [refKey(ref('space', 'Namespace')), present('uid-space')] as const,
      ]);
      const plan = planApply(input({ life: 'prune', inventory, live }));
      expect(said(plan)).toEqual(['prune config', 'prune space']);
      expect(plan.waits.map(({ code, ref: { name } }) => `${code} ${name}`)).toContain('terminating going');
    });

    it('what was let go once is not asked for again, and does not count against the next budget', () => {
      const inventory = inventoryOf(owned('old-1', { doomed: true }), owned('old-2', { doomed: true }), owned('new'));
      const live = liveOf({
        ...{ 'old-1': present('uid-old-1'), 'old-2': present('uid-old-2') },
        ...{ new: present('uid-new'), a: { state: 'absent' } },
      });
      const budget = { maxDeletes: { objects: 1, percent: 0 }, confirm: [] };
      const plan = planApply(input({ wanted: [wanted('a')], inventory, live, budget }));
      expect(plan.deletionSet).toBeUndefined();
    });

    it('what was doomed and is wanted again is not doomed any more', () => {
      const inventory = inventoryOf(owned('a', { doomed: true }));
      const plan = planApply(input({ wanted: [wanted('a')], inventory, live: liveOf({ a: present('uid-a') }) }));
      expect(plan.intended.entries.map(({ doomed }) => doomed)).toEqual([false]);
    });

    it('an orphaning forgets what is not ours by UID, without touching it', () => {
      const live = liveOf({ a: present('uid-a'), b: present('somebody-elses') });
      const plan = planApply(input({ life: 'orphan', inventory: inventoryOf(owned('a'), owned('b')), live }));
      expect(said(plan)).toEqual(['release a', 'forget b']);
    });

    it('hands over what another app wants, and forgets what is not ours by UID', () => {
      const inventory = inventoryOf(owned('given'), owned('replaced'), owned('gone'));
      const live = liveOf({
        given: present('uid-given'),
        replaced: present('another'),
        gone: { state: 'absent' },
        a: present('uid-a'),
      });
      const claims = new Map([[refKey(ref('given')), 'shop']]);
      const plan = planApply(
        input({ wanted: [wanted('a')], inventory: inventoryOf(...inventory.entries, owned('a')), live, claims }),
      );
      expect(said(plan)).toEqual(['release given', 'forget replaced', 'forget gone']);
    });

    it('never hits an object that is wanted under another kind', () => {
      const inventory = inventoryOf(owned('a'), { ...owned('a'), group: 'extensions' });
      const live = new Map<string, LiveObject>([
        [refKey(ref('a')), present('uid-a')],
        [refKey({ ...ref('a'), group: 'extensions' }), present('uid-a')],
      ]);
      expect(planApply(input({ wanted: [wanted('a')], inventory, live })).steps.map((step) => step.do)).toEqual([
        'forget',
      ]);
    });

    it('holds everything new until a set beyond the budget is approved', () => {
      const names = Array.from({ length: 11 }, (_, index) => `old-${String(index).padStart(2, '0')}`);
      const inventory = inventoryOf(...names.map((name) => owned(name)), owned('a', { applied: 'd0' }));
      const live = liveOf(Object.fromEntries([...names, 'a'].map((name) => [name, present(`uid-${name}`)])));
      const held = planApply(input({ wanted: [wanted('a')], inventory, live }));
      expect(held.steps).toEqual([]);
      expect(held.deletionSet).toEqual(deletionSetOf(names.map((name) => ref(name))));
      const approved = input({
        wanted: [wanted('a')],
        inventory,
        live,
        approvedDeletions: [held.deletionSet?.hash ?? ''],
      });
      expect(said(planApply(approved))).toEqual(['apply a change']);
      expect(planApply(approved).intended.entries.filter((entry) => entry.doomed)).toHaveLength(11);
    });

    it('asks for kinds that need a confirmation, whatever the budget', () => {
      const entry = { ...intendedEntry(ref('shop', 'Namespace')), uid: 'n' };
      const live = new Map<string, LiveObject>([
        [refKey(entry), present('n')],
        [refKey(ref('a')), present('uid-a')],
      ]);
      expect(
        planApply(input({ wanted: [wanted('a')], inventory: inventoryOf(entry, owned('a')), live })).deletionSet?.refs,
      ).toHaveLength(1);
    });

    it('an empty bundle deletes nothing', () => {
      const plan = planApply(input({ inventory: inventoryOf(owned('a')), live: liveOf({ a: present('uid-a') }) }));
      expect(plan).toMatchObject({ steps: [], refused: 'emptyBundle', complete: false });
    });

    it('a removal deletes all of the inventory, an orphaning lets it live', () => {
      const base = {
        inventory: inventoryOf(owned('a'), owned('gone')),
        live: liveOf({ a: present('uid-a'), gone: { state: 'absent' } }),
      };
      expect(said(planApply(input({ ...base, life: 'prune' })))).toEqual(['forget gone', 'prune a']);
      expect(said(planApply(input({ ...base, life: 'orphan' })))).toEqual(['release a', 'forget gone']);
    });
  });

  it('a phase waits until what comes before it is healthy', () => {
    const two = [wanted('first', { phase: -1 }), wanted('second')];
    const fresh = planApply(
      input({ wanted: two, live: liveOf({ first: { state: 'absent' }, second: { state: 'absent' } }) }),
    );
    expect(said(fresh)).toEqual(['apply first create']);
    expect(fresh.later).toMatchObject([{ ref: { name: 'second' } }]);
    const inventory = inventoryOf(owned('first'));
    const starting = liveOf({ first: present('uid-first', { health: 'progressing' }), second: { state: 'absent' } });
    expect(planApply(input({ wanted: two, inventory, live: starting })).steps).toEqual([]);
  });
});

/** A world that does what the steps say, without failures. */
class World {
  constructor(
    public inventory: Inventory,
    readonly live: Map<string, LiveObject>,
  ) {}

  run(plan: ApplyPlan, desired: readonly WantedObject[]): string[] {
    this.inventory = plan.intended;
    return plan.steps.map((step) => {
      const key = refKey(step.ref);
      if (step.do === 'apply')
        this.apply(
          key,
          desired.find((object) => refKey(object.ref) === key),
        );
      else {
        if (step.do === 'prune') this.live.set(key, { state: 'absent' });
        if (step.do !== 'prune')
          this.inventory = {
            ...this.inventory,
            entries: this.inventory.entries.filter((entry) => refKey(entry) !== key),
          };
      }
      return key;
    });
  }

  private apply(key: string, object: WantedObject | undefined): void {
    const known = this.live.get(key);
    const uid = known?.state === 'present' ? known.uid : `new-${key}`;
    this.live.set(key, present(uid, { app: 'web' }));
    const entries = this.inventory.entries.map((entry) =>
      refKey(entry) === key ? { ...entry, uid, applied: object?.digest ?? '', baseline: 'b', doomed: false } : entry,
    );
    this.inventory = { ...this.inventory, entries };
  }
}

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
const arbitraryLive: fc.Arbitrary<LiveObject> = fc.oneof(
  fc.constant<LiveObject>({ state: 'absent' }),
  fc.constant<LiveObject>({ state: 'unknown', because: 'test' }),
  fc.constant<LiveObject>({ state: 'kindMissing' }),
  fc.record({
    state: fc.constant('present' as const),
    uid: fc.constantFrom('uid-a', 'uid-b', 'uid-c', 'other'),
    resourceVersion: fc.constant('1'),
    app: fc.constantFrom('', 'web', 'other'),
    managed: fc.boolean(),
    terminating: fc.boolean(),
    matches: fc.boolean(),
    equal: fc.constantFrom(true, false, undefined),
    health: fc.constantFrom('healthy' as const, 'progressing' as const),
    pruneFirst: fc.boolean(),
  }),
);

const arbitraryInput = fc
  .record({
    wanted: names,
    owned: names,
    live: fc.array(arbitraryLive, { minLength: 6, maxLength: 6 }),
    phases: fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 6, maxLength: 6 }),
    life: fc.constantFrom('active' as const, 'prune' as const, 'orphan' as const),
    adopt: fc.constantFrom('never' as const, 'ifEqual' as const, 'force' as const),
    objects: fc.integer({ min: 0, max: 6 }),
    claimed: names,
  })
  .map((parts) =>
    input({
      life: parts.life,
      adopt: parts.adopt,
      wanted:
        parts.life === 'active'
          ? parts.wanted.map((name, index) => wanted(name, { phase: parts.phases[index] ?? 0 }))
          : [],
      inventory: inventoryOf(...parts.owned.map((name) => owned(name))),
      live: new Map(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => [refKey(ref(name)), parts.live[index] as LiveObject]),
      ),
      claims: new Map(parts.claimed.map((name) => [refKey(ref(name)), 'shop'])),
      budget: { maxDeletes: { objects: parts.objects, percent: 0 }, confirm: [] },
    }),
  );

describe('laws of planApply', () => {
  it('touches nothing outside wanted and inventory', () => {
    fc.assert(
      fc.property(arbitraryInput, (given) => {
        const known = new Set([
          ...given.wanted.map((object) => refKey(object.ref)),
          ...given.inventory.entries.map((entry) => refKey(entry)),
        ]);
        const plan = planApply(given);
        expect([...plan.steps, ...plan.later, ...plan.waits].every((step) => known.has(refKey(step.ref)))).toBe(true);
      }),
    );
  });

  it('ends: run on its own result it has nothing to do', () => {
    fc.assert(
      fc.property(arbitraryInput, (given) => {
        const world = new World(given.inventory, new Map(given.live));
        const replan = (): ApplyPlan => planApply({ ...given, inventory: world.inventory, live: world.live });
        for (let round = 0; round < 20 && world.run(replan(), given.wanted).length > 0; round += 1);
        const last = replan();
        expect(last.steps).toEqual([]);
        expect(last.intended).toBe(world.inventory);
      }),
    );
  });

  it('deletes only what the inventory owns by UID, nobody wants, and the budget allows', () => {
    fc.assert(
      fc.property(arbitraryInput, (given) => {
        const prunes = planApply(given).steps.filter((step) => step.do === 'prune');
        for (const step of prunes) {
          const key = refKey(step.ref);
          const entry = given.inventory.entries.find((candidate) => refKey(candidate) === key);
          expect(entry?.uid).toBe(step.uid);
          expect(given.claims.has(key)).toBe(false);
          expect(given.wanted.some((object) => refKey(object.ref) === key)).toBe(false);
        }
        if (given.life === 'active') expect(prunes.length).toBeLessThanOrEqual(given.budget.maxDeletes.objects);
      }),
    );
  });

  it('keeps every entry until its object is seen to be gone or given away', () => {
    fc.assert(
      fc.property(arbitraryInput, (given) => {
        const kept = new Set(planApply(given).intended.entries.map((entry) => refKey(entry)));
        expect(given.inventory.entries.every((entry) => kept.has(refKey(entry)))).toBe(true);
      }),
    );
  });

  it('does not depend on the order of its input', () => {
    fc.assert(
      fc.property(arbitraryInput, (given) => {
        const turned = { ...given, wanted: [...given.wanted].reverse() };
        expect(said(planApply(turned))).toEqual(said(planApply(given)));
      }),
    );
  });
});
