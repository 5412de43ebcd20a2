import type { AppPhase, Health, OnDelete, StrategyDefinition } from '@flotilla/domain';
import { eventually, testDatabase } from '@flotilla/testing';
import type { DataSource } from 'typeorm';
import { SteadyClock } from '../clock/index.js';
import type { HubConfig } from '../config/index.js';
import { readHubConfig } from '../config/index.js';
import { LeaderService, createDataSource, migrate, toBytes } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import type { Logger } from '../logging/index.js';
import { FleetLiveness } from './fleet-liveness.service.js';
import { RolloutActs } from './rollout-acts.service.js';
import { RolloutActsRepository } from './rollout-acts.repository.js';
import { RolloutDriver } from './rollout-driver.service.js';
import { RolloutFactsRepository } from './rollout-facts.repository.js';
import { RolloutPlanRepository } from './rollout-plan.repository.js';
import { RolloutsQuery } from './rollouts.query.js';
import { RolloutsReadRepository } from './rollouts-read.repository.js';
import type { LiveSession } from './sessions.port.js';
import { LiveSessions } from './sessions.port.js';

/** Sessions as a test says they are. */
export class ScriptedSessions extends LiveSessions {
  readonly open = new Map<number, LiveSession>();

  sessionOf(clusterId: number): LiveSession | undefined {
    const session = this.open.get(clusterId);
    return session;
  }
}

const silent = (): void => undefined;
const LOGGER: Logger = { debug: silent, info: silent, warn: silent, error: silent };

/** One hub's rollouts on a database, without the rest of the hub. */
export interface RolloutHub extends AsyncDisposable {
  readonly events: HubEvents;
  readonly sessions: ScriptedSessions;
  readonly acts: RolloutActs;
  readonly query: RolloutsQuery;
  readonly facts: RolloutFactsRepository;
}

export interface FleetSpec {
  readonly strategy?: StrategyDefinition;
  readonly onDelete?: OnDelete;
  /** The wall clock of the database can be set: `jump`. */
  readonly settableClock?: boolean;
  /** Name and labels. */
  readonly clusters: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What an agent says about the app on a cluster; by default healthy on what it is allowed. */
export interface ScriptedReport {
  readonly health?: Health;
  readonly phase?: AppPhase;
  readonly failedFast?: boolean;
  readonly healthyForMs?: number;
  /** Stored, but the hub is not told. */
  readonly silently?: boolean;
}

/** A database with one app `web`, its clusters, and scripted agents. */
export class RolloutFleet implements AsyncDisposable {
  readonly ids = new Map<string, number>();
  private releases = 0;

  private constructor(
    private readonly database: Awaited<ReturnType<typeof testDatabase>>,
    private readonly config: HubConfig,
    readonly dataSource: DataSource,
  ) {}

  static async create(spec: FleetSpec): Promise<RolloutFleet> {
    const database = await testDatabase();
    const config = readHubConfig({ DATABASE_URL: database.url, FLOTILLA_FLEET_URL: 'file:///x' });
    const dataSource = await createDataSource(config).initialize();
    await migrate(dataSource);
    if (spec.settableClock) {
      await dataSource.query(SETTABLE_CLOCK);
      await dataSource.destroy();
      await dataSource.initialize();
    }
    const fleet = new RolloutFleet(database, config, dataSource);
    await fleet.seed(spec);
    return fleet;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dataSource.destroy();
    await this.database[Symbol.asyncDispose]();
  }

  /** Starts a hub; its grace as a new leader is over at once unless told otherwise. */
  async startHub({ grace = false } = {}): Promise<RolloutHub> {
    const events = new HubEvents();
    const sessions = new ScriptedSessions();
    for (const id of this.ids.values()) sessions.open.set(id, { id: `s${id}`, silentForMs: 0 });
    const leader = new LeaderService(this.config, this.dataSource);
    const clock = new SteadyClock();
    const liveness = new FleetLiveness(events, clock, sessions, this.config);
    const facts = new RolloutFactsRepository(this.dataSource, sessions, liveness, clock, this.config);
    const driver = new RolloutDriver(facts, new RolloutPlanRepository(), leader, events, liveness, LOGGER);
    const acts = new RolloutActs(new RolloutActsRepository(this.dataSource), facts, leader, events);
    const read = new RolloutsQuery(new RolloutsReadRepository(this.dataSource));
    leader.start();
    await eventually(() => leader.epoch);
    if (!grace) await this.sql(`UPDATE leader SET elected_at = now() - interval '1 hour'`);
    liveness.onApplicationBootstrap();
    driver.onApplicationBootstrap();
    const stop = async (): Promise<void> => {
      driver.onApplicationShutdown();
      liveness.onApplicationShutdown();
      clock.onModuleDestroy();
      await leader.stop();
    };
    return { events, sessions, acts, query: read, facts, [Symbol.asyncDispose]: stop };
  }

  /** Somebody sets the wall clock of the database and of the hub forward, or back. */
  async jump(ms: number): Promise<void> {
    await this.sql('UPDATE wall.jump SET ms = ms + $1', [ms]);
  }

  sql<T>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.dataSource.query<T[]>(text, values);
  }

  /** A new release of `web` with this bundle on every active target, as fleets store it. */
  async release(bundle: string, clusters: readonly string[] = [...this.ids.keys()]): Promise<number> {
    this.releases += 1;
    await this.storeBundle(bundle);
    const ids = clusters.map((name) => this.idOf(name));
    await this.dataSource.transaction(async (tx) => {
      const [row] = await tx.query<{ id: string }[]>(
        `INSERT INTO release (app, number, snapshot, source, commit, author, subject, committed_at)
         VALUES (1, $1, 1, 'fleet', 'c0ffee', 'ana', 'web', now()) RETURNING id`,
        [this.releases],
      );
      await tx.query('INSERT INTO release_part VALUES ($1, $2, $3, $4)', [row?.id, digest(bundle), POLICY, ids]);
      await tx.query('UPDATE app SET newest_release = $1, last_number = $2 WHERE id = 1', [row?.id, this.releases]);
      await tx.query(
        `INSERT INTO target (app, cluster, desired_release, desired_bundle, desired_policy)
         SELECT 1, unnest($1::int[]), $2, $3, $4
         ON CONFLICT (app, cluster) DO UPDATE SET desired_release = excluded.desired_release,
           desired_bundle = excluded.desired_bundle, desired_policy = excluded.desired_policy`,
        [ids, row?.id, digest(bundle), POLICY],
      );
    });
    return this.releases;
  }

  /** A cluster that the app selects as well now, with this bundle of the newest release. */
  async addTarget(name: string, bundle: string): Promise<void> {
    await this.sql(
      `INSERT INTO target (app, cluster, desired_release, desired_bundle, desired_policy)
       SELECT 1, $1, newest_release, $2, $3 FROM app WHERE id = 1`,
      [this.idOf(name), digest(bundle), POLICY],
    );
  }

  /** Every target as if it had run this bundle of the newest release in health for long, under another strategy from now on. */
  async startAnew(bundle: string, strategy: StrategyDefinition): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      await tx.query('DELETE FROM rollout_event');
      await tx.query('DELETE FROM act');
      await tx.query('DELETE FROM rollout');
      await tx.query('DELETE FROM target');
      await tx.query(`UPDATE definition SET body = $1 WHERE kind = 'RolloutStrategy'`, [strategy]);
      const [desired, allowed, proven] = ['desired', 'allowed', 'proven'].map(
        (fact) => `${fact}_release, ${fact}_bundle, ${fact}_policy`,
      );
      await tx.query(
        `INSERT INTO target (app, cluster, ${desired}, ${allowed}, ${proven}, allowed_at, allowed_generation, allowed_number)
         SELECT 1, c.id, a.newest_release, $1, $2, a.newest_release, $1, $2, a.newest_release, $1, $2, now(), 1, c.desired_number
         FROM cluster c, app a WHERE a.id = 1`,
        [digest(bundle), POLICY],
      );
    });
  }

  /** The app selects this cluster no more, as fleets store it. */
  async leave(name: string): Promise<void> {
    await this.sql(
      `WITH gone AS (UPDATE target SET life = 'leaving', life_because = 'targetGone', life_since = now()
         WHERE cluster = $1 AND life = 'active' RETURNING app, cluster)
       INSERT INTO departure (app, cluster, at, observed_ms) SELECT app, cluster, now(), (SELECT observed_ms FROM leader) FROM gone
       ON CONFLICT (app, cluster) DO UPDATE SET at = excluded.at, observed_ms = excluded.observed_ms`,
      [this.idOf(name)],
    );
  }

  /** The app selects this cluster again. */
  async comeBack(name: string, bundle: string): Promise<void> {
    await this.sql(
      `INSERT INTO target (app, cluster, desired_release, desired_bundle, desired_policy)
       SELECT 1, $1, newest_release, $2, $3 FROM app WHERE id = 1
       ON CONFLICT (app, cluster) DO UPDATE SET life = 'active', life_because = '', life_since = now(),
         desired_release = excluded.desired_release, desired_bundle = excluded.desired_bundle`,
      [this.idOf(name), digest(bundle), POLICY],
    );
  }

  async numberOf(name: string): Promise<number> {
    const [row] = await this.sql<{ n: string }>('SELECT desired_number AS n FROM cluster WHERE name = $1', [name]);
    return Number(row?.n);
  }

  /** The agents of these clusters apply what they are allowed and say so. */
  async report(hub: RolloutHub, clusters: readonly string[], report: ScriptedReport = {}): Promise<void> {
    const { health = 'healthy', phase = 'applied', failedFast = false, healthyForMs = 0 } = report;
    await this.sql(
      `UPDATE target t SET session_id = 's' || t.cluster, evaluated_generation = allowed_generation,
         evaluated_number = c.desired_number, applied_release = allowed_release, applied_bundle = allowed_bundle,
         applied_policy = allowed_policy, attempted_bundle = allowed_bundle, attempted_policy = allowed_policy, phase = $2, health = $3, failed_fast = $4, healthy_for_ms = $5, reported_at = now(),
         proven_release = CASE WHEN $3 = 'healthy' THEN allowed_release ELSE proven_release END,
         proven_bundle = CASE WHEN $3 = 'healthy' THEN allowed_bundle ELSE proven_bundle END,
         proven_policy = CASE WHEN $3 = 'healthy' THEN allowed_policy ELSE proven_policy END
       FROM cluster c WHERE c.id = t.cluster AND t.cluster = ANY($1::int[])`,
      [clusters.map((name) => this.idOf(name)), phase, health, failedFast, healthyForMs],
    );
    if (report.silently) return;
    for (const name of clusters) hub.events.emit('reportsStored', { clusterId: this.idOf(name), appIds: [1] });
  }

  /** Names of the clusters that are allowed a bundle, sorted. */
  async allowed(bundle: string): Promise<string[]> {
    const rows = await this.sql<{ name: string }>(
      'SELECT c.name FROM target t JOIN cluster c ON c.id = t.cluster WHERE t.allowed_bundle = $1 ORDER BY c.name',
      [digest(bundle)],
    );
    return rows.map(({ name }) => name);
  }

  async join(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const [row] = await this.sql<{ id: number }>(
      `INSERT INTO cluster (name, labels, state, last_seen_at) VALUES ($1, $2, 'joined', now()) RETURNING id`,
      [name, labels],
    );
    const id = row?.id ?? 0;
    this.ids.set(name, id);
    return id;
  }

  idOf(name: string): number {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`no cluster ${name}`);
    return id;
  }

  private async seed({ strategy, clusters, onDelete = 'ask' }: FleetSpec): Promise<void> {
    await this.sql(`INSERT INTO fleet_revision (commit, problems) VALUES ('c0ffee', 0)`);
    await this.sql(`INSERT INTO snapshot VALUES (1, 1, '{}')`);
    await this.sql(`INSERT INTO app (name, strategy) VALUES ('web', $1)`, [strategy?.name ?? '']);
    await this.sql(`INSERT INTO policy VALUES ($1, $2)`, [POLICY, JSON.stringify({ onDelete, dependsOn: [] })]);
    if (strategy) {
      await this.sql(`INSERT INTO definition VALUES ('RolloutStrategy', $1, $2, '\\x00', 'fleet/s.yaml', 1, 1)`, [
        strategy.name,
        strategy,
      ]);
    }
    await this.sql(
      `INSERT INTO cluster (name, labels, state, last_seen_at)
       SELECT name, labels, 'joined', now() FROM unnest($1::text[], $2::jsonb[]) AS c(name, labels)`,
      [Object.keys(clusters), Object.values(clusters).map((labels) => JSON.stringify(labels))],
    );
    const rows = await this.sql<{ id: number; name: string }>('SELECT id, name FROM cluster ORDER BY id');
    for (const { id, name } of rows) this.ids.set(name, id);
  }

  private async storeBundle(name: string): Promise<void> {
    await this.sql(`INSERT INTO bundle (digest, entries, objects) VALUES ($1, '[]', 1) ON CONFLICT DO NOTHING`, [
      digest(name),
    ]);
  }
}

/** Functions that stand before those of Postgres, for connections made from now on. */
const SETTABLE_CLOCK = `
  CREATE SCHEMA wall;
  CREATE TABLE wall.jump (ms float8 NOT NULL);
  INSERT INTO wall.jump VALUES (0);
  CREATE FUNCTION wall.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    'SELECT pg_catalog.clock_timestamp() + (SELECT ms FROM wall.jump) * interval ''1 millisecond''';
  CREATE FUNCTION wall.now() RETURNS timestamptz LANGUAGE sql AS
    'SELECT pg_catalog.now() + (SELECT ms FROM wall.jump) * interval ''1 millisecond''';
  DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = wall, public, pg_catalog', current_database()); END $$`;

const POLICY = toBytes('aa'.repeat(32));

function digest(name: string): Buffer {
  return toBytes(Buffer.from(name).toString('hex').padEnd(64, '0'));
}
