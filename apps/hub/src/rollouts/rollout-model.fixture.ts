import type { Amount, OnDelete, StrategyDefinition, Wave, WindowDefinition } from '@flotilla/domain';
import { DEFAULT_STRATEGY } from '@flotilla/domain';
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { eventually } from '@flotilla/testing';
import type { RolloutHub, ScriptedReport } from './rollout-fleet.fixture.js';
import { RolloutFleet } from './rollout-fleet.fixture.js';

const NAMES = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
const RINGS = ['0', '1', '1', '1', '2', '2'];
const HOUR_MS = 3_600_000;

export interface ModelSpec {
  readonly strategy: StrategyDefinition;
  readonly onDelete: OnDelete;
}

export type Event =
  | { readonly kind: 'release' | 'approve' | 'pause' | 'resume' | 'promote' | 'rollback' | 'clear' | 'hold' }
  | { readonly kind: 'restart' | 'join' | 'window' | 'overrideWindow' | 'approveRemoval' }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'healthy' | 'failed' | 'drop' | 'return' | 'skip' | 'retry'; readonly at: number }
  | { readonly kind: 'leave' | 'comeBack' | 'remove'; readonly at: number };

function wave(name: string, ring: string | undefined, more: Partial<Wave> = {}): Wave {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (!defaults) throw new Error('the default strategy has a wave');
  const requirements = [{ op: 'in' as const, key: 'ring', values: [ring ?? ''] }];
  const choice = { by: 'selector' as const, selector: { text: `ring=${ring ?? ''}`, requirements } };
  return { ...defaults, name, ...(ring !== undefined && { choice }), ...more };
}

const anyAmount = (least: number): fc.Arbitrary<Amount> =>
  fc.oneof(
    fc.record({ count: fc.integer({ min: least, max: 3 }) }),
    fc.record({ percent: fc.integer({ min: least, max: 100 }) }),
  );

const anyWave = fc.record({
  soakMs: fc.constantFrom(0, 0, HOUR_MS),
  maxConcurrent: anyAmount(1),
  maxFailures: anyAmount(0),
  approval: fc.constantFrom('none' as const, 'none' as const, 'required' as const),
  windows: fc.constantFrom<string[]>([], [], ['shut']),
});

const anyStrategy: fc.Arbitrary<StrategyDefinition> = fc
  .record({
    waves: fc.array(anyWave, { minLength: 1, maxLength: 4 }),
    onFailure: fc.record({
      do: fc.constantFrom('halt' as const, 'rollback' as const),
      scope: fc.constantFrom('wave' as const, 'all' as const),
    }),
    offline: fc.constantFrom('catchUp' as const, 'wait' as const, 'fail' as const),
    minHealthy: anyAmount(1),
  })
  .map(({ waves, ...rest }) => ({
    ...DEFAULT_STRATEGY,
    ...rest,
    name: 'model',
    waves: waves.map((more, index) => wave(`w${index}`, index === waves.length - 1 ? undefined : `${index}`, more)),
  }));

const at = fc.nat(5);
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('healthy' as const), at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('failed', 'drop', 'return', 'skip', 'retry'), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('leave', 'comeBack', 'remove'), at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('release', 'approve', 'promote', 'restart', 'join') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'pause',
        'resume',
        'rollback',
        'clear',
        'hold',
        'window',
        'overrideWindow',
        'approveRemoval',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      ms: fc.constantFrom(60_000, HOUR_MS, 30 * HOUR_MS, -HOUR_MS, -48 * HOUR_MS),
    }),
  },
);

export const anyModel = fc.record({
  spec: fc.record({
    strategy: anyStrategy,
    onDelete: fc.constantFrom('ask' as const, 'prune' as const, 'orphan' as const),
  }),
  events: fc.array(anyEvent, { minLength: 5, maxLength: 16 }),
});

/** Open or shut at every time, whatever the clock says. */
function windowOf(shut: boolean): WindowDefinition {
  const always = { cron: '* * * * *', durationMs: HOUR_MS, timeZone: 'UTC' };
  const place = { file: 'fleet/w.yaml', line: 1, column: 1 };
  return { kind: 'Window', name: 'shut', labels: {}, place, allow: [], deny: shut ? [always] : [], apps: ['web'] };
}

type Happening = (model: Model, name: string) => Promise<void>;

const acting =
  (kind: Parameters<RolloutHub['acts']['act']>[0]): Happening =>
  (model) =>
    model.act(kind);

const HAPPENINGS: Readonly<Record<Exclude<Event['kind'], 'jump'>, Happening>> = {
  healthy: (model, name) => model.report(name),
  failed: (model, name) => model.report(name, { health: 'failed', failedFast: true }),
  drop: (model, name) => model.turn(name, false),
  return: (model, name) => model.turn(name, true),
  skip: (model, cluster) => model.act('skip', { cluster }),
  retry: (model, cluster) => model.act('retry', { cluster }),
  leave: (model, name) => model.leave(name),
  comeBack: (model, name) => model.comeBack(name),
  remove: (model, name) => model.remove(name),
  release: (model) => model.release(),
  restart: (model) => model.restart(),
  join: (model) => model.join(),
  window: (model) => model.window(),
  approve: acting('approve'),
  pause: acting('pause'),
  resume: acting('resume'),
  promote: acting('promote'),
  rollback: acting('rollback'),
  clear: acting('clear'),
  hold: acting('hold'),
  overrideWindow: acting('overrideWindow'),
  approveRemoval: async (model) => {
    model.removedByHand = true;
    await model.act('approveRemoval');
  },
};

/** A fleet under random events, with one hub at a time. */
export class Model implements AsyncDisposable {
  /** Somebody removed a target or a cluster: it may be pruned whatever the policy says. */
  removedByHand = false;
  private requests = 0;
  private releases = 0;
  private joined = 0;
  private shut = false;
  private jumpedMs = 0;

  private constructor(
    readonly spec: ModelSpec,
    readonly fleet: RolloutFleet,
    public hub: RolloutHub,
  ) {}

  static async create(spec: ModelSpec): Promise<Model> {
    const clusters = Object.fromEntries(NAMES.map((name, index) => [name, { ring: RINGS[index] ?? '2' }]));
    const fleet = await RolloutFleet.create({ ...spec, clusters, settableClock: true });
    const model = new Model(spec, fleet, await fleet.startHub());
    const real = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => real() + model.jumpedMs);
    await model.release();
    return model;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    vi.restoreAllMocks();
    await this.hub[Symbol.asyncDispose]();
    await this.fleet[Symbol.asyncDispose]();
  }

  async happen(event: Event): Promise<void> {
    const name = 'at' in event ? (NAMES[event.at] ?? 'c1') : '';
    if (event.kind === 'jump') return this.jump(event.ms);
    await HAPPENINGS[event.kind](this, name);
  }

  /** Until the hub has done all that it would do now. */
  async settle(): Promise<void> {
    await eventually(async () => {
      const plan = await this.hub.acts.plan('web');
      expect([...plan.assignments, ...plan.rollbacks, ...plan.retries, ...plan.removals, ...plan.steps]).toEqual([]);
    });
  }

  /** Everybody is there and well, windows are open, and people let it go on. */
  async heal(): Promise<void> {
    for (const name of this.present()) await this.turn(name, true);
    if (this.shut) await this.window();
    for (const kind of ['resume', 'clear'] as const) await this.act(kind);
    for (let step = 0; step < 60; step += 1) {
      await this.settle();
      const { state } = await this.hub.query.current('web');
      if (state === 'done') return;
      for (const kind of ['clear', 'retry', 'approve', 'promote'] as const) await this.act(kind);
      await this.fleet.report(this.hub, this.present());
    }
    throw new Error(`not done: ${JSON.stringify((await this.hub.query.current('web')).blockedBy)}`);
  }

  private removed = new Set<string>();

  private present(): string[] {
    return [...this.fleet.ids.keys()].filter((name) => !this.removed.has(name));
  }

  /** An agent that is connected reports on what it is allowed, and says so when a removal is done. */
  async report(name: string, report: ScriptedReport = {}): Promise<void> {
    const clusterId = this.fleet.idOf(name);
    if (!this.hub.sessions.open.has(clusterId)) return;
    const [target] = await this.fleet.sql<{ life: string }>('SELECT life FROM target WHERE cluster = $1', [clusterId]);
    if (target?.life === 'pruned' || target?.life === 'orphaned') return this.finish(clusterId);
    await this.fleet.report(this.hub, [name], report);
  }

  private async finish(clusterId: number): Promise<void> {
    this.hub.events.emit('targetRemoved', { app: 'web', clusterId });
    await eventually(async () => {
      expect(await this.fleet.sql('SELECT 1 FROM target WHERE cluster = $1', [clusterId])).toEqual([]);
    });
  }

  turn(name: string, on: boolean): Promise<void> {
    const clusterId = this.fleet.idOf(name);
    const sessionId = `s${clusterId}`;
    if (on && !this.removed.has(name)) {
      this.hub.sessions.open.set(clusterId, { id: sessionId, silentForMs: 0 });
      this.hub.events.emit('sessionOpened', { clusterId, sessionId });
    } else if (this.hub.sessions.open.delete(clusterId)) {
      this.hub.events.emit('sessionClosed', { clusterId, sessionId, silentForMs: 60_000 });
    }
    return Promise.resolve();
  }

  async act(kind: Parameters<RolloutHub['acts']['act']>[0], more: { cluster?: string } = {}): Promise<void> {
    this.requests += 1;
    const request = { reason: 'model', actor: 'model', requestId: `r${this.requests}`, ...more };
    await this.hub.acts.act(kind, 'web', request).catch((error: { code?: string }) => {
      if (error.code !== 'notApplicable' && error.code !== 'notFound') throw error;
    });
  }

  private async jump(ms: number): Promise<void> {
    this.jumpedMs += ms;
    await this.fleet.jump(ms);
    this.hub.events.emit('definitionsChanged', {});
  }

  async window(): Promise<void> {
    this.shut = !this.shut;
    const body = windowOf(this.shut);
    await this.fleet.sql(
      `INSERT INTO definition VALUES ('Window', 'shut', $1, '\\x00', 'fleet/w.yaml', 1, 1)
       ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`,
      [body],
    );
    this.hub.events.emit('partsChanged', { appIds: [1] });
  }

  async release(): Promise<void> {
    this.releases += 1;
    const active = await this.fleet.sql<{ name: string }>(
      `SELECT c.name FROM cluster c LEFT JOIN target t ON t.cluster = c.id
       WHERE c.state = 'joined' AND (t.life = 'active' OR $1)`,
      [this.releases === 1],
    );
    await this.fleet.release(
      `b${this.releases}`,
      active.map(({ name }) => name),
    );
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

  async leave(name: string): Promise<void> {
    await this.fleet.leave(name);
    this.hub.events.emit('partsChanged', { appIds: [1] });
  }

  /** It is selected again: with what it still has, or as a new target. */
  async comeBack(name: string): Promise<void> {
    if (this.removed.has(name)) return;
    await this.fleet.comeBack(name, `b${this.releases}`);
    this.hub.events.emit('partsChanged', { appIds: [1] });
  }

  async remove(name: string): Promise<void> {
    const clusterId = this.fleet.idOf(name);
    this.removedByHand = true;
    this.removed.add(name);
    await this.fleet.sql(`UPDATE cluster SET state = 'removing', state_reason = 'prune' WHERE id = $1`, [clusterId]);
    this.hub.events.emit('clusterLeaves', { clusterId });
  }
}
