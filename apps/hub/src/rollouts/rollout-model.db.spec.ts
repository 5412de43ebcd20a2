import type { StrategyDefinition, Wave } from '@flotilla/domain';
import { DEFAULT_STRATEGY } from '@flotilla/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import type { RolloutHub, ScriptedReport } from './rollout-fleet.fixture.js';
import { RolloutFleet } from './rollout-fleet.fixture.js';

const NAMES = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
const RINGS = ['0', '1', '1', '1', '2', '2'];

function wave(name: string, ring: string | undefined, more: Partial<Wave> = {}): Wave {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (!defaults) throw new Error('the default strategy has a wave');
  const requirements = [{ op: 'in' as const, key: 'ring', values: [ring ?? ''] }];
  const choice = { by: 'selector' as const, selector: { text: `ring=${ring ?? ''}`, requirements } };
  return { ...defaults, name, ...(ring !== undefined && { choice }), ...more };
}

const STRATEGY: StrategyDefinition = {
  ...DEFAULT_STRATEGY,
  name: 'model',
  waves: [
    wave('canary', '0'),
    wave('early', '1', { maxConcurrent: { count: 2 }, maxFailures: { count: 1 } }),
    wave('rest', undefined, { approval: 'required' }),
  ],
};

type Event =
  | { readonly kind: 'release' | 'approve' | 'pause' | 'resume' | 'restart' | 'join' }
  | { readonly kind: 'healthy' | 'failed' | 'drop' | 'return' | 'skip' | 'retry'; readonly at: number };

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('release', 'approve', 'pause', 'resume', 'restart', 'join') }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('healthy' as const), at: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('failed', 'drop', 'return', 'skip', 'retry'), at: fc.nat(5) }),
  },
);

type Happening = (model: Model, name: string) => Promise<void>;

const HAPPENINGS: Readonly<Record<Event['kind'], Happening>> = {
  healthy: (model, name) => model.report(name),
  failed: (model, name) => model.report(name, { health: 'failed', failedFast: true }),
  drop: async (model, name) => model.turn(name, false),
  return: async (model, name) => model.turn(name, true),
  skip: (model, name) => model.act('skip', { cluster: name }),
  retry: (model, name) => model.act('retry', { cluster: name }),
  approve: (model) => model.act('approve'),
  pause: (model) => model.act('pause'),
  resume: (model) => model.act('resume'),
  release: (model) => model.release(),
  restart: (model) => model.restart(),
  join: (model) => model.join(),
};

/** A fleet under random events, with one hub at a time. */
class Model {
  private requests = 0;
  private releases = 0;
  private joined = 0;

  private constructor(
    readonly fleet: RolloutFleet,
    public hub: RolloutHub,
  ) {}

  static async create(): Promise<Model> {
    const clusters = Object.fromEntries(NAMES.map((name, index) => [name, { ring: RINGS[index] ?? '2' }]));
    const fleet = await RolloutFleet.create({ strategy: STRATEGY, clusters });
    const model = new Model(fleet, await fleet.startHub());
    await model.release();
    return model;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.fleet[Symbol.asyncDispose]();
  }

  async happen(event: Event): Promise<void> {
    const name = 'at' in event ? (NAMES[event.at] ?? 'c1') : '';
    const { kind } = event;
    await HAPPENINGS[kind](this, name);
  }

  /** An agent that is connected reports on what it is allowed. */
  async report(name: string, report: ScriptedReport = {}): Promise<void> {
    if (this.hub.sessions.open.has(this.fleet.idOf(name))) await this.fleet.report(this.hub, [name], report);
  }

  /** Until the hub has done all that it would do now. */
  async settle(): Promise<void> {
    await eventually(async () => {
      const plan = await this.hub.acts.plan('web');
      expect([...plan.assignments, ...plan.rollbacks, ...plan.retries, ...plan.steps]).toEqual([]);
    });
  }

  /** Everybody is there and well, and people let it go on. */
  async heal(): Promise<void> {
    for (const name of this.fleet.ids.keys()) this.turn(name, true);
    await this.act('resume');
    for (let step = 0; step < 40; step += 1) {
      await this.settle();
      const { state } = await this.hub.query.current('web');
      if (state === 'done') return;
      await this.act('retry');
      await this.act('approve');
      await this.fleet.report(this.hub, [...this.fleet.ids.keys()]);
    }
    throw new Error(`not done: ${JSON.stringify((await this.hub.query.current('web')).blockedBy)}`);
  }

  turn(name: string, on: boolean): void {
    const clusterId = this.fleet.idOf(name);
    const sessionId = `s${clusterId}`;
    if (on) this.hub.sessions.open.set(clusterId, { id: sessionId, silentForMs: 0 });
    else this.hub.sessions.open.delete(clusterId);
    if (on) this.hub.events.emit('sessionOpened', { clusterId, sessionId });
    else this.hub.events.emit('sessionClosed', { clusterId, sessionId, silentForMs: 0 });
  }

  async act(kind: 'approve' | 'pause' | 'resume' | 'skip' | 'retry', more: { cluster?: string } = {}): Promise<void> {
    this.requests += 1;
    const request = { reason: 'model', actor: 'model', requestId: `r${this.requests}`, ...more };
    await this.hub.acts.act(kind, 'web', request).catch((error: { code?: string }) => {
      if (error.code !== 'notApplicable') throw error;
    });
  }

  async release(): Promise<void> {
    this.releases += 1;
    await this.fleet.release(`b${this.releases}`);
    this.hub.events.emit('partsChanged', { appIds: [1] });
  }

  async restart(): Promise<void> {
    const open = [...this.hub.sessions.open];
    await this.hub[Symbol.asyncDispose]();
    this.hub = await this.fleet.startHub();
    this.hub.sessions.open.clear();
    for (const [id, session] of open) this.hub.sessions.open.set(id, session);
  }

  async join(): Promise<void> {
    this.joined += 1;
    const name = `j${this.joined}`;
    const id = await this.fleet.join(name, { ring: '1' });
    this.hub.sessions.open.set(id, { id: `s${id}`, silentForMs: 0 });
    await this.fleet.addTarget(name, `b${this.releases}`);
    this.hub.events.emit('partsChanged', { appIds: [1] });
  }
}

async function check({ fleet, hub }: Model): Promise<void> {
  const { waves } = await hub.query.current('web');
  const real = waves.filter(({ targets }) => targets > 0);
  for (const [index, each] of real.entries()) {
    const entered = each.startedAt !== undefined && each.finishedAt === undefined;
    const before = real.slice(0, index).every(({ finishedAt }) => finishedAt !== undefined);
    if (entered) expect(before, `${each.name} before the earlier wave was done`).toBe(true);
  }
  const rows = await fleet.sql<{ cluster: number; number: string; events: string; retries: string }>(`
    SELECT c.id AS cluster, c.desired_number AS number, coalesce(max(t.retry), 0) AS retries,
      (SELECT count(*) FROM target_event e WHERE e.cluster = c.id AND e.kind IN ('allowed', 'returned')) AS events
    FROM cluster c LEFT JOIN target t ON t.cluster = c.id GROUP BY c.id`);
  for (const { number, events, retries } of rows) expect(Number(number)).toBe(Number(events) + Number(retries));
  const repeated = await fleet.sql(`
    SELECT cluster, release, count(*) FROM target_event WHERE kind = 'allowed' GROUP BY cluster, release HAVING count(*) > 1`);
  expect(repeated, 'a release was assigned twice').toEqual([]);
}

it('keeps its promises through random releases, failures, acts, joins, silences and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { minLength: 5, maxLength: 18 }), async (events) => {
      await using model = await Model.create();
      for (const event of events) {
        await model.happen(event);
        await model.settle();
        await check(model);
      }
      await model.heal();
      await check(model);
      const late = await model.fleet.sql(
        `SELECT cluster FROM target WHERE (allowed_bundle, allowed_policy) IS DISTINCT FROM (desired_bundle, desired_policy)`,
      );
      const skipped = events.filter(({ kind }) => kind === 'skip').length;
      expect(late.length).toBeLessThanOrEqual(skipped);
    }),
    { numRuns: 4 },
  );
}, 120_000);
