import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concurrencyOf, failuresOf } from './amounts.js';
import { carryOut } from './carry-out.js';
import type { RolloutFacts, RolloutTarget } from './facts.js';
import { samePart } from './facts.js';
import { planRollout } from './plan-rollout.js';
import type { RolloutPlan } from './rollout-plan.js';
import {
  MINUTE,
  POLICY,
  RolloutWorld,
  SECOND,
  START,
  anyStrategy,
  anyTargets,
  facts,
  observed,
  planAt,
} from './rollout-world.fixture.js';

/** One thing that happens in the world between two plans. */
type Happening =
  | { readonly kind: 'wait'; readonly ms: number }
  | {
      readonly kind: 'healthy' | 'lost' | 'failed' | 'drop' | 'return' | 'stale' | 'relabel' | 'leave';
      readonly at: number;
    }
  | { readonly kind: 'approve'; readonly wave: string }
  | { readonly kind: 'pause' | 'resume' | 'clear' | 'release' | 'newLeader' }
  | { readonly kind: 'skip' | 'retry'; readonly at: number };

const at = fc.nat(13);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(SECOND, 20 * SECOND, 2 * MINUTE, 20 * MINUTE),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('healthy' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('lost', 'failed', 'drop', 'return', 'stale', 'relabel', 'leave'),
      at,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('approve' as const), wave: fc.constantFrom('canary', 'early', 'rest') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause', 'resume', 'clear', 'release', 'newLeader') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('skip', 'retry'), at }) },
);

type Events = {
  readonly [K in Happening['kind']]: (world: RolloutWorld, id: number, event: Happening & { kind: K }) => void;
};

const only =
  (id: number, change: Partial<RolloutTarget>) =>
  (each: RolloutTarget): RolloutTarget =>
    each.clusterId === id ? { ...each, ...change } : each;

const EVENTS: Events = {
  wait: (world, _, { ms }) => {
    world.now += ms;
  },
  healthy: (world, id) => world.report([id], 'healthy', { healthyForMs: 60 * MINUTE }),
  lost: (world, id) => world.report([id], 'progressing', { lossCount: 1 }),
  failed: (world, id) => world.report([id], 'failed', { failedFast: true, problem: 'ImagePullBackOff' }),
  stale: (world, id) => world.report([id], 'healthy', { sessionId: 'older' }),
  drop: (world, id) => world.disconnect(id),
  return: (world, id) => world.change(only(id, { sessionId: `again${world.now}` })),
  relabel: (world, id) => world.change(only(id, { labels: { ring: '0' } })),
  leave: (world, id) => world.change(only(id, { life: 'leaving' })),
  newLeader: (world) => {
    world.facts = { ...world.facts, hub: { ...world.facts.hub, leaderSince: world.now } };
  },
  release: (world) => world.release(world.facts.release.id + 1, `new${world.facts.release.id}`),
  approve: (world, _, { wave }) => world.act({ kind: 'approve', wave }),
  skip: (world, id) => world.act({ kind: 'skip', clusterId: id }),
  retry: (world, id) => world.act({ kind: 'retry', clusterId: id }),
  pause: (world) => world.act({ kind: 'pause' }),
  resume: (world) => world.act({ kind: 'resume' }),
  clear: (world) => world.act({ kind: 'clear' }),
};

function happen(world: RolloutWorld, event: Happening): void {
  const id = 'at' in event ? (event.at % world.facts.targets.length) + 1 : 0;
  (EVENTS[event.kind] as (world: RolloutWorld, id: number, event: Happening) => void)(world, id, event);
}

interface Moment {
  readonly before: RolloutFacts;
  readonly plan: RolloutPlan;
  readonly now: number;
  readonly after: RolloutFacts;
}

/** Plays random worlds and checks each moment in which a plan was made. */
function inEveryWorld(check: (moment: Moment) => void): void {
  fc.assert(
    fc.property(anyTargets, anyStrategy, fc.array(happening, { maxLength: 40 }), (targets, strategy, events) => {
      const world = new RolloutWorld(facts(targets, { strategy }));
      for (const event of events) {
        happen(world, event);
        world.change((each) => (each.sessionId === undefined ? each : { ...each, lastSeenAt: world.now }));
        const before = world.facts;
        const plan = world.plan();
        check({ before, plan, now: world.now, after: world.facts });
      }
    }),
    { numRuns: 40 },
  );
}

describe('planRollout', () => {
  it('assigns only within the limit of the wave', () => {
    inEveryWorld(({ plan }) => {
      for (const wave of plan.waves) {
        const begun = plan.assignments.filter(({ clusterId }) => wave.clusterIds.includes(clusterId)).length;
        if (begun > 0) expect(wave.counts.inFlight).toBeLessThanOrEqual(wave.maxConcurrent);
      }
    });
  });

  it('assigns nothing past the failure budget', () => {
    inEveryWorld(({ plan }) => {
      if (plan.waves.some((wave) => wave.counts.failed > wave.maxFailures)) expect(plan.assignments).toEqual([]);
    });
  });

  it('enters no wave before the earlier ones are done', () => {
    inEveryWorld(({ before, plan }) => {
      const entered = plan.waves.filter(({ startedAt, name }) => startedAt !== undefined && !wasStarted(before, name));
      for (const wave of entered) {
        const earlier = plan.waves.slice(0, plan.waves.indexOf(wave)).filter(({ targets }) => targets > 0);
        expect(earlier.every(({ finishedAt }) => finishedAt !== undefined)).toBe(true);
      }
    });
  });

  it('adds nothing when it plans again on facts in which the plan was carried out', () => {
    inEveryWorld(({ plan, now, after }) => {
      const again = planAt(after, now);
      expect(quiet(again)).toEqual([]);
      expect(again.memory).toEqual(plan.memory);
    });
  });

  it('does not depend on the order of targets, acts or reports', () => {
    inEveryWorld(({ before, plan, now }) => {
      const turned = { ...before, targets: [...before.targets].reverse(), acts: [...before.acts].reverse() };
      expect(planAt(turned, now)).toEqual(plan);
    });
  });

  it('takes no report for another session, version or digest as evidence', () => {
    inEveryWorld(({ before, now }) => {
      const bent = (change: object): RolloutFacts => ({
        ...before,
        targets: before.targets.map((each) => ({
          ...each,
          observation: each.observation && { ...each.observation, ...change },
        })),
      });
      const silence = planAt(
        { ...before, targets: before.targets.map((each) => ({ ...each, observation: undefined })) },
        now,
      );
      for (const change of [
        { sessionId: 'other' },
        { evaluated: { generation: 0, number: 0 } },
        { bundle: 'other', attempted: { bundle: 'other', policy: POLICY } },
        { policy: 'other', attempted: { bundle: 'new', policy: 'other' } },
        { policy: 'other', attempted: undefined },
      ]) {
        expect(planAt(bent(change), now)).toEqual(silence);
      }
    });
  });

  it('looks again in the future whenever something waits, and gives a reason', () => {
    inEveryWorld(({ plan, now }) => {
      if (plan.nextLookAt !== undefined) expect(plan.nextLookAt).toBeGreaterThan(now);
      if (plan.rolloutState !== 'done') {
        expect(plan.nextLookAt).toBeDefined();
        expect(plan.blockedBy.length).toBeGreaterThan(0);
      }
    });
  });

  it('gives a reason for every target that waits', () => {
    inEveryWorld(({ plan, after }) => {
      const names = new Map(after.targets.map(({ clusterId, name }) => [clusterId, name]));
      const stopped = plan.blockedBy.some(({ wave }) => wave === undefined);
      for (const wave of plan.waves) {
        if (wave.counts.waiting === 0 || stopped) continue;
        const why = plan.blockedBy.filter((block) => block.wave === wave.name || block.kind === 'failureBudget');
        const whole = why.some(({ cluster }) => cluster === undefined);
        const single = why.filter(({ cluster }) => wave.clusterIds.some((id) => names.get(id) === cluster)).length;
        expect(whole || single >= wave.counts.waiting).toBe(true);
      }
    });
  });

  it('assigns only the newest part, only to active targets of live clusters', () => {
    inEveryWorld(({ before, plan }) => {
      const targets = new Map(before.targets.map((each) => [each.clusterId, each]));
      for (const { clusterId, bundle, policy, releaseId } of plan.assignments) {
        const target = targets.get(clusterId);
        expect(target?.life).toBe('active');
        expect(target?.sessionId).toBeDefined();
        expect(samePart(target?.desired, { bundle, policy })).toBe(true);
        expect(releaseId).toBe(before.release.id);
      }
    });
  });

  it('decides the same whatever the wall clock is set to: time that counts is observed', () => {
    inEveryWorld(({ before, plan, now }) => {
      const here = observed(before, now);
      for (const jump of [30 * SECOND, 60 * MINUTE, 24 * 60 * MINUTE, -60 * MINUTE, -24 * 60 * MINUTE]) {
        const jumped = planRollout(here, now + jump);
        expect(decisionsOf(jumped)).toEqual(decisionsOf(plan));
        expect(jumped.nextLookAt && jumped.nextLookAt - jump).toBe(plan.nextLookAt);
      }
    });
  });

  it('returns targets only to what was proven on them', () => {
    inEveryWorld(({ plan }) => {
      for (const { bundle, releaseId } of plan.rollbacks) {
        expect(bundle).not.toBe(`new${releaseId}`);
        expect(plan.memory.waysBack.some(({ part }) => part.bundle === bundle)).toBe(true);
      }
    });
  });

  it('returns nothing to a release that was held when a newer one replaced it', () => {
    inEveryWorld(({ before, plan }) => {
      const held = new Set(plan.memory.held.map(({ releaseId }) => releaseId));
      if (before.memory?.hold && before.memory.releaseId !== before.release.id) held.add(before.memory.releaseId);
      for (const { releaseId } of plan.rollbacks) expect(held).not.toContain(releaseId);
      for (const { part } of plan.memory.waysBack) expect(held).not.toContain(part.releaseId);
    });
  });

  it('fails, returns and removes nothing when the hub was away for a day', () => {
    inEveryWorld(({ after, now }) => {
      const day = 24 * 60 * MINUTE;
      const back = now + day;
      const hub = { ...after.hub, leaderSince: back };
      const targets = after.targets.map((each) => ({ ...each, sessionId: undefined }));
      const first = planAt({ ...after, hub, targets }, back);
      expect([first.failures, first.rollbacks.length, first.removals]).toEqual([[], 0, []]);
      const reconnected = targets.map((each) => ({ ...each, sessionId: 'new', lastSeenAt: back + 50 * SECOND }));
      const second = planAt({ ...carryOut({ ...after, hub }, first, back), targets: reconnected }, back + 59 * SECOND);
      expect([second.failures, second.rollbacks.length, second.removals]).toEqual([[], 0, []]);
    });
  });

  it('ends in a bounded number of steps when every report is good', () => {
    fc.assert(
      fc.property(anyTargets, anyStrategy, (targets, strategy) => {
        const here = targets.map((each) => ({ ...each, sessionId: `s${each.clusterId}`, lastSeenAt: START }));
        const world = new RolloutWorld(facts(here, { strategy }));
        for (const name of ['canary', 'early', 'rest']) world.act({ kind: 'approve', wave: name });
        for (let step = 0; step < 10 * targets.length + 30; step += 1) {
          const plan = world.plan(20 * SECOND);
          if (plan.rolloutState === 'done') return;
          world.report(world.allowed(), 'healthy', { healthyForMs: 60 * MINUTE });
        }
        throw new Error(`still ${world.last.rolloutState}: ${world.blocks().join(', ')}`);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the arithmetic of amounts sensible', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(100), (targets, percent) => {
        expect(concurrencyOf({ percent }, targets)).toBeGreaterThanOrEqual(1);
        expect(failuresOf({ percent }, targets)).toBeLessThanOrEqual((targets * percent) / 100);
      }),
    );
  });
});

function decisionsOf({
  assignments,
  failures,
  rollbacks,
  removals,
  retries,
  waves,
  rolloutState,
}: RolloutPlan): unknown {
  const why = failures.map(({ clusterId, reason }) => [clusterId, reason]);
  const seen = waves.map(({ name, phase, counts, soakedMs }) => [name, phase, counts, soakedMs]);
  return { assignments, why, rollbacks, removals, retries, seen, rolloutState };
}

function wasStarted(before: RolloutFacts, name: string): boolean {
  if (before.memory?.releaseId !== before.release.id) return false;
  return before.memory.waves.some((wave) => wave.name === name);
}

function quiet(plan: RolloutPlan): unknown[] {
  const { assignments, rollbacks, failures, seenHealthy, retries, removals, deletions, steps } = plan;
  return [...assignments, ...rollbacks, ...failures, ...seenHealthy, ...retries, ...removals, ...deletions, ...steps];
}
