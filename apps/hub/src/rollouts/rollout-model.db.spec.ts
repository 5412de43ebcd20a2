import { DEFAULT_STRATEGY } from '@flotilla/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Event } from './rollout-model.fixture.js';
import { Model, anyModel } from './rollout-model.fixture.js';

/** In CI a few runs within a bounded time; `FLOTILLA_MODEL_MS=600000` looks for longer, seed and path of a failure replay it. */
const { FLOTILLA_MODEL_MS = '12000', FLOTILLA_SEED, FLOTILLA_SEED_PATH } = process.env;
const LIMIT_MS = Number(FLOTILLA_MODEL_MS);
const REPLAY = {
  ...(FLOTILLA_SEED !== undefined && { seed: Number(FLOTILLA_SEED) }),
  ...(FLOTILLA_SEED_PATH !== undefined && { path: FLOTILLA_SEED_PATH }),
};

interface History {
  readonly cluster: number;
  readonly kind: string;
  /** Null where nothing ever ran. */
  readonly release: string | null;
}

async function historyOf({ fleet }: Model): Promise<History[]> {
  return fleet.sql<History>('SELECT cluster, kind, release FROM target_event ORDER BY id');
}

/** What must hold at every moment. */
async function check(model: Model, history: readonly History[]): Promise<void> {
  const { waves } = await model.hub.query.current('web');
  const real = waves.filter(({ targets }) => targets > 0);
  for (const [index, each] of real.entries()) {
    const entered = each.startedAt !== undefined && each.finishedAt === undefined;
    const before = real.slice(0, index).every(({ finishedAt }) => finishedAt !== undefined);
    if (entered) expect(before, `${each.name} before the earlier wave was done`).toBe(true);
  }
  await checkVersions(model, history);
  checkAssignments(history);
  if (model.spec.onDelete === 'ask' && !model.removedByHand)
    expect(history.filter(({ kind, release }) => kind === 'pruned' && release !== null)).toEqual([]);
}

/** A version rises for a reason that is in the history, and for nothing else. */
async function checkVersions({ fleet }: Model, history: readonly History[]): Promise<void> {
  const rows = await fleet.sql<{ cluster: number; number: string; retries: string }>(`
    SELECT c.id AS cluster, c.desired_number AS number, coalesce(max(t.retry), 0) AS retries
    FROM cluster c LEFT JOIN target t ON t.cluster = c.id GROUP BY c.id`);
  for (const { cluster, number, retries } of rows) {
    const own = history.filter((line) => line.cluster === cluster && line.kind !== 'asked');
    const left = own.some(({ kind }) => LEAVING.has(kind));
    if (left) continue;
    expect(Number(number), `version of cluster ${cluster}`).toBe(own.length + Number(retries));
  }
}

const LEAVING: ReadonlySet<string> = new Set(['orphaned', 'pruned', 'removed']);

/** No release is given twice to a target that was not taken from it meanwhile. */
function checkAssignments(history: readonly History[]): void {
  const has = new Map<number, string | null>();
  for (const { cluster, kind, release } of history) {
    if (kind === 'allowed')
      expect(has.get(cluster), `cluster ${cluster} got release ${release} twice`).not.toBe(release);
    if (kind === 'allowed' || kind === 'returned') has.set(cluster, release);
    if (kind === 'removed') has.delete(cluster);
  }
}

/** Events that are no reason for anything. */
const NO_REASON: ReadonlySet<Event['kind']> = new Set(['jump', 'restart']);

it(
  'keeps its promises through whatever happens to fleet, hub and clock',
  async () => {
    const end = performance.now() + LIMIT_MS;
    await fc.assert(
      fc.asyncProperty(anyModel, async ({ spec, events }) => {
        // Runs are not begun when the time is over; one that runs ends, and leaves nothing behind.
        if (performance.now() > end) return;
        await using model = await Model.create(spec);
        await model.settle();
        let before = await historyOf(model);
        for (const event of events) {
          await model.happen(event);
          await model.settle();
          const history = await historyOf(model);
          if (NO_REASON.has(event.kind)) expect(history, `after ${event.kind}`).toEqual(before);
          await check(model, history);
          before = history;
        }
        await model.heal();
        await check(model, await historyOf(model));
        const late = await model.fleet.sql(
          `SELECT cluster FROM target WHERE life = 'active'
         AND (allowed_bundle, allowed_policy) IS DISTINCT FROM (desired_bundle, desired_policy)`,
        );
        expect(late.length).toBeLessThanOrEqual(events.filter(({ kind }) => kind === 'skip').length);
      }),
      { numRuns: 1_000, ...REPLAY },
    );
  },
  LIMIT_MS + 120_000,
);

it('is modelled with strategies that differ from the default', () => {
  const some = fc.sample(anyModel, { numRuns: 50, seed: 1 }).map(({ spec }) => JSON.stringify(spec.strategy));
  expect(new Set(some).size).toBeGreaterThan(40);
  expect(some).not.toContain(JSON.stringify(DEFAULT_STRATEGY));
});
