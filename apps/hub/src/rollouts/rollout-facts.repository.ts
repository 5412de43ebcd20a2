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
import { SteadyClock } from '../clock/index.js';
import { HubConfig } from '../config/index.js';
import { FEW, queryPrepared, toBytes } from '../database/index.js';
import { FleetLiveness } from './fleet-liveness.service.js';
import type { RolloutRow } from './rollout-row.js';
import { APP, DEPARTURES, DEPENDENCIES, DEPENDENTS, POLICIES, RELEASE_PARTS, TARGETS } from './rollout-facts.sql.js';
import { LiveSessions } from './sessions.port.js';
import type { TargetRow } from './target-row.js';
import { observationOf, partsOf } from './target-row.js';

/** Heartbeats without which a cluster is silent. */
const SILENT_AFTER_HEARTBEATS = 3;
const LEAST_GRACE_MS = 60_000;
const MAX_POLICIES = 5_000;

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
  readonly epoch: number;
  readonly mode: string;
  readonly mode_reason: string | null;
  readonly rollout: (Omit<RolloutRow, 'id' | 'releaseId'> & { readonly id: number; readonly releaseId: number }) | null;
  /** The strategy of that name. */
  readonly stored: StrategyDefinition | null;
  readonly definitions: readonly (GroupDefinition | WindowDefinition)[];
  readonly acts: readonly ActRow[];
}

type ActRow = Omit<RolloutAct, 'wave' | 'clusterId'> & {
  readonly wave: string | null;
  readonly cluster: number | null;
  readonly detail: object;
};

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
  /** Targets that apps had when they were loaded last. */
  private readonly counts = new Map<number, number>();
  private readonly policies = new Map<string, PolicyFacts>();
  /** The present term, by its epoch and the time of its election, and since when it lasts by the steady clock. */
  private term: { readonly epoch: number; readonly leaderSince: number; readonly sinceMs: number } | undefined;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LiveSessions) private readonly sessions: LiveSessions,
    @Inject(FleetLiveness) private readonly liveness: FleetLiveness,
    @Inject(SteadyClock) private readonly clock: SteadyClock,
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
    const [app] = await queryPrepared<AppRow>(tx, APP, [appId]);
    if (!app) return undefined;
    if (app.mode !== 'normal') throw new Fault('frozen', `the hub decides nothing: ${app.mode_reason ?? app.mode}`);
    const { name, release, number, now } = app;
    const row = app.rollout === null ? undefined : { ...app.rollout, id: String(app.rollout.id) };
    const acts = app.acts.map(actOf);
    const returnTo = await this.loadReturn(tx, row, acts);
    const hub = this.hubFacts(app);
    const targets = await this.loadTargets(tx, appId, hub.ledForMs);
    const departures = await this.loadDepartures(tx, appId, targets);
    const facts: RolloutFacts = {
      app: name,
      release: { id: Number(release), number },
      strategy: strategyOf(app, row),
      ...definitionsOf(app),
      targets,
      ...(departures && { departures }),
      acts,
      hub,
      memory: row?.memory,
      ...(returnTo && { returnTo }),
    };
    return { appId, now, facts, row };
  }

  /** A wall clock says only once how long this hub had led when its term was first seen; from then on it is observed. */
  private hubFacts({ epoch, leader_since: leaderSince, now }: AppRow): RolloutFacts['hub'] {
    const clockMs = this.clock.now();
    if (this.term?.epoch !== epoch || this.term.leaderSince !== leaderSince)
      this.term = { epoch, leaderSince, sinceMs: clockMs - Math.max(0, now - leaderSince) };
    const { silentAfterMs, graceMs } = this;
    const ledForMs = clockMs - this.term.sinceMs;
    const clock = { epoch, ms: clockMs };
    return { leaderSince, ledForMs, clock, graceMs, silentAfterMs, isolatedSince: this.liveness.isolatedSince };
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

  private async loadTargets(tx: EntityManager, appId: number, ledForMs: number): Promise<RolloutTarget[]> {
    const few = (this.counts.get(appId) ?? Infinity) <= FEW;
    const rows = few
      ? await queryPrepared<TargetRow>(tx, TARGETS, [appId])
      : await tx.query<TargetRow[]>(TARGETS, [appId]);
    this.counts.set(appId, rows.length);
    const policies = await this.loadPolicies(tx, rows);
    const depends = [...policies.values()].some(({ dependsOn }) => (dependsOn?.length ?? 0) > 0);
    const dependencies = depends ? await this.loadDependencies(tx, appId, ledForMs) : new Map<string, DependencyFact>();
    return rows.map((row) => {
      const policy = policies.get(row.desired_policy ?? row.allowed_policy ?? '');
      const waits = (policy?.dependsOn ?? []).map((app) => dependencies.get(`${app} ${row.cluster}`) ?? missing(app));
      return this.toTarget(row, { policy, dependencies: waits, ledForMs });
    });
  }

  private toTarget(
    row: TargetRow,
    {
      policy,
      dependencies,
      ledForMs,
    }: { policy: PolicyFacts | undefined; dependencies: DependencyFact[]; ledForMs: number },
  ): RolloutTarget {
    const session = this.sessions.sessionOf(row.cluster);
    const { allowed, desired, proven } = partsOf(row);
    return {
      clusterId: row.cluster,
      name: row.name,
      labels: row.labels,
      ...lifeOf(row),
      onDelete: policy?.onDelete ?? 'ask',
      desired,
      allowed,
      proven,
      observation: observationOf(row),
      sessionId: session?.id,
      lastSeenAt: row.last_seen ?? undefined,
      silentForMs: session?.silentForMs ?? this.silenceOf(row, ledForMs),
      suspendedUntil: Math.max(row.suspended ?? 0, row.cluster_suspended ?? 0),
      approvedDeletions: row.approved_deletions,
      dependencies,
    };
  }

  /** Of a cluster without a session. One that this leader has not heard was silent as long as it leads; more is not observed. */
  private silenceOf({ cluster, last_seen: lastSeen }: TargetRow, ledForMs: number): number | undefined {
    const heard = this.liveness.silentForMs(cluster);
    return heard ?? (lastSeen === null ? undefined : ledForMs);
  }

  /** A policy is named by its digest: what was read once stays true. */
  private async loadPolicies(tx: EntityManager, targets: readonly TargetRow[]): Promise<Map<string, PolicyFacts>> {
    const digests = [...new Set(targets.map((row) => row.desired_policy ?? row.allowed_policy ?? ''))];
    const found = new Map(digests.flatMap((digest) => entryOf(this.policies, digest)));
    const lacking = digests.filter((digest) => digest !== '' && !found.has(digest));
    if (lacking.length === 0) return found;
    if (this.policies.size > MAX_POLICIES) this.policies.clear();
    const rows = await tx.query<(PolicyFacts & { digest: string })[]>(POLICIES, [lacking.map(toBytes)]);
    for (const { digest, ...facts } of rows) {
      this.policies.set(digest, facts);
      found.set(digest, facts);
    }
    return found;
  }

  private async loadDependencies(
    tx: EntityManager,
    appId: number,
    ledForMs: number,
  ): Promise<Map<string, DependencyFact>> {
    const rows = await tx.query<(TargetRow & { app: string })[]>(DEPENDENCIES, [appId]);
    const facts = rows.map((row): [string, DependencyFact] => {
      const target = this.toTarget(row, { policy: undefined, dependencies: [], ledForMs });
      return [`${row.app} ${row.cluster}`, { app: row.app, state: this.dependencyState(target) }];
    });
    return new Map(facts);
  }

  private dependencyState(target: RolloutTarget): DependencyFact['state'] {
    if (target.life !== 'active' || target.desired === undefined) return 'notTargeted';
    if (!samePart(target.allowed, target.desired)) return 'notAllowed';
    return assessEvidence(target, { silentAfterMs: this.silentAfterMs }) === 'healthy' ? 'ready' : 'notHealthy';
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

/** The named strategy as last stored; a rollout whose strategy is gone keeps the one it had. */
function strategyOf({ strategy: name, stored }: AppRow, row: RolloutRow | undefined): StrategyDefinition {
  return name === '' ? DEFAULT_STRATEGY : (stored ?? row?.strategy ?? { ...DEFAULT_STRATEGY, name });
}

function definitionsOf({ definitions }: AppRow): Pick<RolloutFacts, 'groups' | 'windows'> {
  const groups: Record<string, GroupDefinition> = {};
  const windows: Record<string, WindowDefinition> = {};
  for (const body of definitions) {
    if (body.kind === 'ClusterGroup') groups[body.name] = body;
    else windows[body.name] = body;
  }
  return { groups, windows };
}

function actOf({ wave, cluster, detail, ...act }: ActRow): RolloutAct {
  return { ...act, ...detail, ...(wave !== null && { wave }), ...(cluster !== null && { clusterId: cluster }) };
}

/** All targets of a cluster that is being removed leave. */
function lifeOf(row: TargetRow): Pick<RolloutTarget, 'life' | 'lifeSince' | 'clusterRemoval'> {
  const { life, life_since: lifeSince, cluster_removal: clusterRemoval } = row;
  if (clusterRemoval === null) return { life, lifeSince };
  return { life: life === 'active' ? 'leaving' : life, lifeSince, clusterRemoval };
}

function entryOf<V>(map: ReadonlyMap<string, V>, key: string): [string, V][] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}

function missing(app: string): DependencyFact {
  return { app, state: 'notTargeted' };
}
