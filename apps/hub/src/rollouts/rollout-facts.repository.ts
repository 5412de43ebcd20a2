import { Inject, Injectable } from '@nestjs/common';
import type {
  Departures,
  DependencyFact,
  GroupDefinition,
  OnDelete,
  ReleasedPart,
  RolloutAct,
  RolloutFacts,
  RolloutTarget,
  StrategyDefinition,
  WindowDefinition,
} from '@flotilla/domain';
import { DEFAULT_STRATEGY, Fault, MAX_RECONNECT_WINDOW_MS, assessEvidence, samePart } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { HubConfig } from '../config/index.js';
import { toBytes } from '../database/index.js';
import { FleetLiveness } from './fleet-liveness.service.js';
import type { RolloutRow } from './rollout-row.js';
import { LiveSessions } from './sessions.port.js';
import type { TargetRow } from './target-row.js';
import { TARGET_COLUMNS, assignmentOf, observationOf, partOf, provenOf } from './target-row.js';

/** Heartbeats without which a cluster is silent. */
const SILENT_AFTER_HEARTBEATS = 3;
const LEAST_GRACE_MS = 60_000;

/** What an app's plan is made from, and the rollout it continues. */
export interface LoadedRollout {
  readonly appId: number;
  /** Unix ms by the database's clock. */
  readonly now: number;
  readonly facts: RolloutFacts;
  /** The app's newest rollout, of this release or of an earlier one. */
  readonly row: RolloutRow | undefined;
}

interface AppRow {
  readonly name: string;
  readonly strategy: string;
  readonly release: string;
  readonly number: number;
  readonly now: number;
  readonly leader_since: number;
  readonly mode: string;
  readonly mode_reason: string | null;
  readonly rollout: (Omit<RolloutRow, 'id' | 'releaseId'> & { readonly id: number; readonly releaseId: number }) | null;
}

interface PolicyFacts {
  readonly onDelete: OnDelete;
  readonly dependsOn: readonly string[] | null;
}

/** Loads all facts of one app's rollout in a handful of queries. */
@Injectable()
export class RolloutFactsRepository {
  private readonly silentAfterMs: number;
  private readonly graceMs: number;
  private readonly removalWindowMs: number;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LiveSessions) private readonly sessions: LiveSessions,
    @Inject(FleetLiveness) private readonly liveness: FleetLiveness,
    @Inject(HubConfig) config: HubConfig,
  ) {
    this.removalWindowMs = config.settings.removalWindowMs;
    this.silentAfterMs = SILENT_AFTER_HEARTBEATS * config.settings.heartbeatMs;
    this.graceMs = Math.max(LEAST_GRACE_MS, 2 * MAX_RECONNECT_WINDOW_MS, this.silentAfterMs);
  }

  /**
   * All of one moment: a push between two queries must not mix two releases. Undefined when the app has no release yet.
   * @throws Fault frozen while the hub may decide nothing
   */
  load(appId: number): Promise<LoadedRollout | undefined> {
    return this.dataSource.transaction('REPEATABLE READ', (tx) => this.loadAll(tx, appId));
  }

  private async loadAll(tx: EntityManager, appId: number): Promise<LoadedRollout | undefined> {
    const [app] = await tx.query<AppRow[]>(APP, [appId]);
    if (!app) return undefined;
    if (app.mode !== 'normal') throw new Fault('frozen', `the hub decides nothing: ${app.mode_reason ?? app.mode}`);
    const { name, release, number, now, leader_since: leaderSince } = app;
    const row = app.rollout === null ? undefined : { ...app.rollout, id: String(app.rollout.id) };
    const acts = await this.loadActs(tx, appId, release);
    const returnTo = await this.loadReturn(tx, row, acts);
    const targets = await this.loadTargets(tx, appId, now);
    const departures = await this.loadDepartures(tx, appId, targets);
    const { silentAfterMs, graceMs } = this;
    const facts: RolloutFacts = {
      app: name,
      release: { id: Number(release), number },
      strategy: await this.loadStrategy(tx, app.strategy, row),
      ...(await this.loadDefinitions(tx)),
      targets,
      ...(departures && { departures }),
      acts,
      hub: { leaderSince, graceMs, silentAfterMs, isolatedSince: this.liveness.isolatedSince },
      memory: row?.memory,
      ...(returnTo && { returnTo }),
    };
    return { appId, now, facts, row };
  }

  /** Apps of which the desired part on some cluster depends on one of these, by their ids. */
  async loadDependents(): Promise<{ readonly app: number; readonly dependsOn: number }[]> {
    return this.dataSource.query(DEPENDENTS);
  }

  async loadAppIds(): Promise<number[]> {
    const rows = await this.dataSource.query<{ id: number }[]>(`SELECT id FROM app WHERE life <> 'gone' ORDER BY id`);
    return rows.map(({ id }) => id);
  }

  async loadAppsOf(clusterIds: readonly number[]): Promise<number[]> {
    const rows = await this.dataSource.query<{ app: number }[]>(
      'SELECT DISTINCT app FROM target WHERE cluster = ANY($1::int[])',
      [clusterIds],
    );
    return rows.map(({ app }) => app);
  }

  /** The named strategy as last stored; a rollout whose strategy is gone keeps the one it had. */
  private async loadStrategy(
    tx: EntityManager,
    name: string,
    row: RolloutRow | undefined,
  ): Promise<StrategyDefinition> {
    if (name === '') return DEFAULT_STRATEGY;
    const [found] = await tx.query<{ body: StrategyDefinition }[]>(
      `SELECT body FROM definition WHERE kind = 'RolloutStrategy' AND name = $1`,
      [name],
    );
    return found?.body ?? row?.strategy ?? { ...DEFAULT_STRATEGY, name };
  }

  private async loadDefinitions(tx: EntityManager): Promise<Pick<RolloutFacts, 'groups' | 'windows'>> {
    type Named = { readonly kind: string; readonly body: GroupDefinition | WindowDefinition };
    const rows = await tx.query<Named[]>(`SELECT kind, body FROM definition WHERE kind IN ('ClusterGroup', 'Window')`);
    const groups: Record<string, GroupDefinition> = {};
    const windows: Record<string, WindowDefinition> = {};
    for (const { body } of rows) {
      if (body.kind === 'ClusterGroup') groups[body.name] = body;
      else windows[body.name] = body;
    }
    return { groups, windows };
  }

  private async loadActs(tx: EntityManager, appId: number, release: string): Promise<RolloutAct[]> {
    type Row = Omit<RolloutAct, 'wave' | 'clusterId' | 'id'> & {
      id: string;
      wave: string | null;
      cluster: number | null;
      detail: object;
    };
    const rows = await tx.query<Row[]>(ACTS, [appId, release]);
    return rows.map(({ id, wave, cluster, detail, ...act }) => ({
      ...act,
      ...detail,
      id: Number(id),
      ...(wave !== null && { wave }),
      ...(cluster !== null && { clusterId: cluster }),
    }));
  }

  private async loadTargets(tx: EntityManager, appId: number, now: number): Promise<RolloutTarget[]> {
    const rows = await tx.query<TargetRow[]>(TARGETS, [appId]);
    const policies = await this.loadPolicies(tx, rows);
    const depends = [...policies.values()].some(({ dependsOn }) => (dependsOn?.length ?? 0) > 0);
    const dependencies = depends ? await this.loadDependencies(tx, appId, now) : new Map<string, DependencyFact>();
    const skew = now - Date.now();
    return rows.map((row) => {
      const policy = policies.get(row.desired_policy ?? row.allowed_policy ?? '');
      const waits = (policy?.dependsOn ?? []).map((app) => dependencies.get(`${app} ${row.cluster}`) ?? missing(app));
      return this.toTarget(row, { policy, dependencies: waits, skew });
    });
  }

  private toTarget(
    row: TargetRow,
    { policy, dependencies, skew }: { policy: PolicyFacts | undefined; dependencies: DependencyFact[]; skew: number },
  ): RolloutTarget {
    const session = this.sessions.sessionOf(row.cluster);
    const seen = [row.last_seen, session && session.lastSeenAt + skew].filter((at) => typeof at === 'number');
    return {
      clusterId: row.cluster,
      name: row.name,
      labels: row.labels,
      ...lifeOf(row),
      onDelete: policy?.onDelete ?? 'ask',
      desired: partOf(row.desired_bundle, row.desired_policy),
      allowed: assignmentOf(row),
      proven: provenOf(row),
      observation: observationOf(row),
      sessionId: session?.id,
      lastSeenAt: seen.length === 0 ? undefined : Math.max(...seen),
      suspendedUntil: Math.max(row.suspended ?? 0, row.cluster_suspended ?? 0),
      approvedDeletions: row.approved_deletions,
      dependencies,
    };
  }

  private async loadPolicies(tx: EntityManager, targets: readonly TargetRow[]): Promise<Map<string, PolicyFacts>> {
    const digests = new Set(targets.map((row) => row.desired_policy ?? row.allowed_policy ?? ''));
    const rows = await tx.query<(PolicyFacts & { digest: string })[]>(POLICIES, [[...digests].map(toBytes)]);
    return new Map(rows.map((row) => [row.digest, row]));
  }

  private async loadDependencies(tx: EntityManager, appId: number, now: number): Promise<Map<string, DependencyFact>> {
    const rows = await tx.query<(TargetRow & { app: string })[]>(DEPENDENCIES, [appId]);
    const skew = now - Date.now();
    const facts = rows.map((row): [string, DependencyFact] => {
      const target = this.toTarget(row, { policy: undefined, dependencies: [], skew });
      return [`${row.app} ${row.cluster}`, { app: row.app, state: this.dependencyState(target, now) }];
    });
    return new Map(facts);
  }

  private dependencyState(target: RolloutTarget, now: number): DependencyFact['state'] {
    if (target.life !== 'active' || target.desired === undefined) return 'notTargeted';
    if (!samePart(target.allowed, target.desired)) return 'notAllowed';
    return assessEvidence(target, { now, silentAfterMs: this.silentAfterMs }) === 'healthy' ? 'ready' : 'notHealthy';
  }

  /** Looked up only when a target is about to leave by policy. */
  private async loadDepartures(
    tx: EntityManager,
    appId: number,
    targets: readonly RolloutTarget[],
  ): Promise<Departures | undefined> {
    if (!targets.some(({ life, clusterRemoval }) => life === 'leaving' && clusterRemoval === undefined))
      return undefined;
    const [row] = await tx.query<{ own: number[]; left: number; targets: number }[]>(DEPARTURES, [
      appId,
      this.removalWindowMs,
    ]);
    return row && { clusterIds: row.own, elsewhere: { left: row.left, targets: row.targets } };
  }

  private async loadReturn(
    tx: EntityManager,
    row: RolloutRow | undefined,
    acts: readonly RolloutAct[],
  ): Promise<RolloutFacts['returnTo'] | undefined> {
    const named = acts.findLast((act) => act.kind === 'rollback')?.toReleaseId ?? row?.memory.rollback?.toReleaseId;
    if (named === undefined) return undefined;
    const parts = await tx.query<(ReleasedPart & { cluster: number })[]>(RELEASE_PARTS, [named]);
    return Object.fromEntries(
      parts.map(({ cluster, bundle, policy }) => [cluster, { bundle, policy, releaseId: named }]),
    );
  }
}

/** All targets of a cluster that is being removed leave. */
function lifeOf(row: TargetRow): Pick<RolloutTarget, 'life' | 'lifeSince' | 'clusterRemoval'> {
  const { life, life_since: lifeSince, cluster_removal: clusterRemoval } = row;
  if (clusterRemoval === null) return { life, lifeSince };
  return { life: life === 'active' ? 'leaving' : life, lifeSince, clusterRemoval };
}

function missing(app: string): DependencyFact {
  return { app, state: 'notTargeted' };
}

const APP = `
  SELECT a.name, a.strategy, a.newest_release AS release, r.number,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now,
    (SELECT coalesce(floor(extract(epoch FROM elected_at) * 1000), 0)::float8 FROM leader) AS leader_since, h.mode, h.mode_reason,
    (SELECT json_build_object('id', o.id, 'releaseId', o.release, 'state', o.state, 'strategy', o.strategy,
       'memory', o.memory, 'waves', o.waves, 'blockedBy', o.blocked_by)
     FROM rollout o WHERE o.app = a.id ORDER BY o.id DESC LIMIT 1) AS rollout
  FROM app a JOIN release r ON r.id = a.newest_release CROSS JOIN hub_state h WHERE a.id = $1`;

const ACTS = `
  SELECT id, kind, wave, cluster, actor, reason, floor(extract(epoch FROM at) * 1000)::float8 AS at, detail
  FROM act WHERE app = $1 AND release = $2 AND cleared_at IS NULL ORDER BY id`;

const TARGETS = `SELECT ${TARGET_COLUMNS} FROM target t JOIN cluster c ON c.id = t.cluster
  WHERE t.app = $1 AND c.state <> 'removed'`;

const POLICIES = `
  SELECT encode(p.digest, 'hex') AS digest, p.body->>'onDelete' AS "onDelete", p.body->'dependsOn' AS "dependsOn"
  FROM policy p WHERE p.digest = ANY($1::bytea[])`;

const DEPENDENCIES = `
  SELECT a.name AS app, ${TARGET_COLUMNS.replace('c.name,', `'' AS name,`)}
  FROM target mine
  JOIN policy p ON p.digest = mine.desired_policy
  CROSS JOIN LATERAL jsonb_array_elements_text(p.body->'dependsOn') AS needed(name)
  JOIN app a ON a.name = needed.name
  JOIN target t ON t.app = a.id AND t.cluster = mine.cluster
  JOIN cluster c ON c.id = t.cluster
  WHERE mine.app = $1`;

/** Of clusters that stay: one that is removed leaves on a person's word. */
const DEPARTURES = `
  WITH departed AS (
    SELECT d.app, d.cluster, t.app IS NULL AS gone FROM departure d JOIN cluster c ON c.id = d.cluster
    LEFT JOIN target t ON t.app = d.app AND t.cluster = d.cluster
    WHERE d.at > now() - $2 * interval '1 millisecond' AND c.state NOT IN ('removing', 'removed')
      AND t.life IS DISTINCT FROM 'active'
  )
  SELECT coalesce(array_agg(cluster) FILTER (WHERE app = $1), '{}') AS own,
    count(*) FILTER (WHERE app <> $1)::int AS left,
    (count(*) FILTER (WHERE app <> $1 AND gone) + (SELECT count(*) FROM target WHERE app <> $1))::int AS targets
  FROM departed`;

const DEPENDENTS = `
  SELECT DISTINCT a.id AS app, d.id AS "dependsOn"
  FROM app a JOIN release_part rp ON rp.release = a.newest_release
  JOIN policy p ON p.digest = rp.policy
  CROSS JOIN LATERAL jsonb_array_elements_text(p.body->'dependsOn') AS needed(name)
  JOIN app d ON d.name = needed.name`;

const RELEASE_PARTS = `
  SELECT unnest(cluster_ids) AS cluster, encode(bundle, 'hex') AS bundle, encode(policy, 'hex') AS policy
  FROM release_part WHERE release = $1`;
