import { Inject, Injectable } from '@nestjs/common';
import type { Block, Health, ObjectProblem, RolloutMemory, TargetLife, WavePlan } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { OBSERVED_AT_SQL } from '../web/index.js';
import type { StoredState } from './rollout-row.js';
import type { ApprovalView, EvidenceView, PlannedDeletions, ReleaseView, RemovalView } from './rollout-view.js';

export interface RolloutReadRow {
  readonly id: string;
  readonly app: string;
  readonly release: ReleaseView;
  readonly state: StoredState;
  readonly strategy: string;
  readonly waves: readonly WavePlan[];
  readonly memory: RolloutMemory;
  readonly blockedBy: readonly Block[];
  readonly nextLookAt: number | null;
  readonly startedAt: number;
  readonly changedAt: number;
  readonly endedAt: number | null;
  /** Number of the release whose rollout came next. */
  readonly replacedBy: number | null;
}

export interface TargetReadRow {
  readonly clusterId: number;
  readonly cluster: string;
  readonly life: TargetLife;
  readonly allowed: number | null;
  readonly applied: number | null;
  readonly health: Health | null;
  readonly allowedAt: number | null;
  readonly reportedAt: number | null;
  readonly observedAt: number | null;
  readonly problem: ObjectProblem | null;
}

export interface HistoryRow {
  /** Rises with time. */
  readonly id: string;
  /** Number of the release that was rolled out. */
  readonly release: number;
  readonly at: number;
  readonly kind: string;
  readonly wave: string | null;
  readonly cluster: string | null;
  readonly message: string | null;
  readonly clusters: readonly string[];
  readonly evidence: readonly EvidenceView[];
}

export interface FailedRow {
  readonly clusterId: number;
  readonly cluster: string;
  readonly health: Health | null;
  readonly objects: number;
  readonly objectsReady: number;
  readonly problems: readonly ObjectProblem[];
  readonly reportedAt: number | null;
  readonly observedAt: number | null;
  readonly bundle: string | null;
  /** Number of the release that was proven healthy there last. */
  readonly proven: number | null;
}

export interface RolloutFilter {
  readonly app?: string;
  readonly release?: number;
  readonly limit?: number;
  /** Only older ones than that of this id. */
  readonly before?: string | undefined;
}

export interface HistoryFilter {
  readonly app: string;
  readonly release?: number | undefined;
  /** Only what came after the line of this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

@Injectable()
export class RolloutsReadRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  loadRollouts({ app, release, limit = 500, before }: RolloutFilter): Promise<RolloutReadRow[]> {
    return this.dataSource.query(ROLLOUTS, [app ?? null, release ?? null, limit, before ?? null]);
  }

  /** Oldest first, and whether there is more: a page ends early when its lines name very many clusters. */
  async loadHistory({ app, release, after, limit }: HistoryFilter): Promise<{ rows: HistoryRow[]; more: boolean }> {
    const values = [app, release ?? null, after ?? null, limit, MOST_NAMED];
    const rows = await this.dataSource.query<(HistoryRow & { found: number })[]>(HISTORY, values);
    return { rows: rows.map(({ found: _, ...row }) => row), more: (rows[0]?.found ?? 0) > rows.length };
  }

  loadTargets(app: string): Promise<TargetReadRow[]> {
    return this.dataSource.query(TARGETS, [app]);
  }

  loadFailed(app: string, clusterIds: readonly number[]): Promise<FailedRow[]> {
    return this.dataSource.query(FAILED, [app, clusterIds]);
  }

  loadRemovals(app: string | undefined): Promise<RemovalView[]> {
    return this.dataSource.query(REMOVALS, [app ?? null]);
  }

  loadApprovals(app: string | undefined): Promise<ApprovalView[]> {
    return this.dataSource.query(APPROVALS, [app ?? null]);
  }

  async loadPlannedDeletions(app: string): Promise<PlannedDeletions> {
    const [row] = await this.dataSource.query<PlannedDeletions[]>(PLANNED_DELETIONS, [app]);
    return row ?? { targets: 0, objects: 0 };
  }

  /** Why the app is frozen; empty when it is not, undefined when there is no such app. */
  async loadFrozen(app: string): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ because: string }[]>(
      `SELECT CASE WHEN frozen_since IS NULL THEN '' ELSE frozen_because END AS because FROM app WHERE name = $1`,
      [app],
    );
    return row?.because;
  }
}

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

const ROLLOUTS = `
  SELECT o.id::text AS id, a.name AS app, o.state, o.strategy->>'name' AS strategy, o.waves, o.memory, o.blocked_by AS "blockedBy",
    ${ms('o.next_look_at')} AS "nextLookAt", ${ms('o.started_at')} AS "startedAt", ${ms('o.changed_at')} AS "changedAt",
    ${ms('o.ended_at')} AS "endedAt",
    (SELECT nr.number FROM rollout n JOIN release nr ON nr.id = n.release WHERE n.app = o.app AND n.id > o.id
     ORDER BY n.id LIMIT 1) AS "replacedBy",
    json_build_object('number', r.number, 'source', r.source, 'commit', r.commit, 'author', r.author,
      'subject', r.subject, 'committedAt', ${ms('r.committed_at')}) AS release
  FROM rollout o JOIN app a ON a.id = o.app JOIN release r ON r.id = o.release
  WHERE ($4::bigint IS NULL OR o.id < $4) AND CASE WHEN $1::text IS NULL
    THEN o.id = (SELECT max(id) FROM rollout WHERE app = a.id)
    ELSE a.name = $1 AND ($2::int IS NULL OR r.number = $2) END
  ORDER BY o.id DESC LIMIT $3`;

/** Clusters and reports that a page of history names, unless a single line has more. */
const MOST_NAMED = 2_000;

const namedIn = (member: string): string => `jsonb_array_length(coalesce(e.detail->'${member}', '[]'))`;

const HISTORY = `
  WITH candidate AS (
    SELECT e.*, r.number AS release, ${namedIn('clusters')} + ${namedIn('evidence')} AS size
    FROM rollout_event e JOIN rollout o ON o.id = e.rollout JOIN app a ON a.id = o.app JOIN release r ON r.id = o.release
    WHERE a.name = $1 AND ($2::int IS NULL OR r.number = $2) AND ($3::bigint IS NULL OR e.id > $3) ORDER BY e.id LIMIT $4::int + 1
  ), page AS (
    SELECT *, row_number() OVER walk AS place, sum(size) OVER walk - size AS named, (count(*) OVER ())::int AS found
    FROM candidate WINDOW walk AS (ORDER BY id)
  )
  SELECT e.id::text AS id, e.release, ${ms('e.at')} AS at, e.kind, e.wave, c.name AS cluster, e.detail->>'message' AS message, e.found,
    ARRAY(SELECT n.name FROM cluster n WHERE n.id IN
      (SELECT (jsonb_array_elements_text(coalesce(e.detail->'clusters', '[]')))::int) ORDER BY n.name) AS clusters,
    (SELECT coalesce(json_agg(json_build_object('cluster', n.name, 'bundle', left(x->>'bundle', 12), 'policy', left(x->>'policy', 12),
        'version', concat(x->'evaluated'->>'generation', '.', x->'evaluated'->>'number'), 'session', x->>'sessionId',
        'reportedAt', x->'reportedAt') ORDER BY n.name), '[]')
     FROM jsonb_array_elements(coalesce(e.detail->'evidence', '[]')) x JOIN cluster n ON n.id = (x->>'clusterId')::int) AS evidence
  FROM page e LEFT JOIN cluster c ON c.id = e.cluster
  WHERE e.place <= $4 AND e.named < $5 ORDER BY e.id`;

const TARGETS = `
  SELECT t.cluster AS "clusterId", c.name AS cluster, t.life, al.number AS allowed, ap.number AS applied, t.health,
    ${ms('t.allowed_at')} AS "allowedAt", ${ms('t.reported_at')} AS "reportedAt",
    ${ms(`(${OBSERVED_AT_SQL})`)} AS "observedAt", t.problems->0 AS problem
  FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster
  LEFT JOIN release al ON al.id = t.allowed_release LEFT JOIN release ap ON ap.id = t.applied_release
  WHERE a.name = $1 AND c.state <> 'removed' ORDER BY c.name`;

const FAILED = `
  SELECT t.cluster AS "clusterId", c.name AS cluster, t.health, t.objects, t.objects_ready AS "objectsReady", t.problems,
    ${ms('t.reported_at')} AS "reportedAt", ${ms(`(${OBSERVED_AT_SQL})`)} AS "observedAt", left(encode(t.applied_bundle, 'hex'), 7) AS bundle, pr.number AS proven
  FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster
  LEFT JOIN release pr ON pr.id = t.proven_release
  WHERE a.name = $1 AND t.cluster = ANY($2::int[]) ORDER BY c.name`;

const OBSTACLES_SQL = `coalesce((
    SELECT jsonb_agg(concat_ws(' ', p->'ref'->>'kind', p->'ref'->>'name') || ': ' || (p->>'message'))
    FROM jsonb_array_elements(t.problems) p WHERE p->>'code' = 'deletionObstacle'), '[]')`;

const REMOVALS = `
  SELECT a.name AS app, c.name AS cluster, t.life, t.life_because AS because, ${ms('t.life_since')} AS since, t.objects, ${OBSTACLES_SQL} AS obstacles
  FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster
  WHERE t.life <> 'active' AND ($1::text IS NULL OR a.name = $1) ORDER BY a.name, c.name`;

/** Compared once per pair of bundles, however many targets move from the one to the other. */
const PLANNED_DELETIONS = `
  WITH move AS (
    SELECT t.allowed_bundle AS old, t.desired_bundle AS new, count(*)::int AS targets FROM target t JOIN app a ON a.id = t.app
    WHERE a.name = $1 AND t.life = 'active' AND t.allowed_bundle <> t.desired_bundle GROUP BY 1, 2
  ), gone AS (
    SELECT m.targets, (SELECT count(*)::int FROM (
      SELECT e->'ref' FROM bundle b, jsonb_array_elements(b.entries) e WHERE b.digest = m.old
      EXCEPT
      SELECT e->'ref' FROM bundle b, jsonb_array_elements(b.entries) e WHERE b.digest = m.new
    ) left_out) AS objects FROM move m
  )
  SELECT coalesce(sum(targets), 0)::int AS targets, coalesce(sum(targets * objects), 0)::int AS objects FROM gone WHERE objects > 0`;

/** Waves before their approval, deletions beyond the budget, removals that are asked: what waits for a person. */
const APPROVALS = `
  SELECT * FROM (
    SELECT 'wave' AS kind, a.name AS app, r.number AS release, b->>'wave' AS wave, NULL AS cluster, b->>'unblocks' AS because,
      (b->>'since')::float8 AS since, '[]'::jsonb AS objects, '[]'::jsonb AS obstacles, NULL AS "deletionSet"
    FROM rollout o JOIN app a ON a.id = o.app JOIN release r ON r.id = o.release, json_array_elements(o.blocked_by) b
    WHERE o.ended_at IS NULL AND b->>'kind' = 'approval'
    UNION ALL
    SELECT 'deletion', a.name, r.number, NULL, c.name, 'it deletes more than the budget, or a kind that is confirmed',
      ${ms('t.reported_at')}, t.deletions, ${OBSTACLES_SQL}, encode(t.deletion_set, 'hex')
    FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster LEFT JOIN release r ON r.id = t.allowed_release
    WHERE t.life = 'active' AND t.deletion_set IS NOT NULL AND t.deletion_set <> ALL (t.approved_deletions)
    UNION ALL
    SELECT 'removal', a.name, r.number, NULL, c.name, t.life_because, ${ms('t.life_since')}, '[]'::jsonb, ${OBSTACLES_SQL}, NULL
    FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster LEFT JOIN release r ON r.id = t.allowed_release
    WHERE t.life = 'asked'
  ) waiting WHERE $1::text IS NULL OR app = $1 ORDER BY since, app, cluster`;
