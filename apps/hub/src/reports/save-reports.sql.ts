import { toBytes } from '../database/index.js';
import type { ReceivedReport } from './received-report.js';

type Cell = string | number | boolean | Buffer | null;

/** A column of the batch: its type in Postgres and how it is read from a report. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly read: (received: ReceivedReport) => Cell;
}

const digest = (value: string | undefined): Buffer | null => (value === undefined ? null : toBytes(value));

const COLUMNS: readonly Column[] = [
  { name: 'cluster', type: 'int', read: ({ clusterId }) => clusterId },
  { name: 'session_id', type: 'text', read: ({ sessionId }) => sessionId },
  { name: 'app', type: 'text', read: ({ report }) => report.app.replaceAll('\0', '') },
  { name: 'evaluated_generation', type: 'bigint', read: ({ report }) => report.evaluated.generation },
  { name: 'evaluated_number', type: 'bigint', read: ({ report }) => report.evaluated.number },
  { name: 'applied_bundle', type: 'bytea', read: ({ report }) => digest(report.appliedBundle) },
  { name: 'applied_policy', type: 'bytea', read: ({ report }) => digest(report.appliedPolicy) },
  { name: 'attempted_bundle', type: 'bytea', read: ({ report }) => digest(report.attemptedBundle) },
  { name: 'attempted_policy', type: 'bytea', read: ({ report }) => digest(report.attemptedPolicy) },
  { name: 'phase', type: 'text', read: ({ report }) => report.phase },
  { name: 'health', type: 'text', read: ({ report }) => report.health },
  { name: 'healthy_for_ms', type: 'bigint', read: ({ report }) => Math.round(report.healthyForMs) },
  { name: 'loss_count', type: 'int', read: ({ report }) => report.lossCount },
  { name: 'failed_fast', type: 'boolean', read: ({ report }) => report.failedFast },
  { name: 'objects', type: 'int', read: ({ report }) => report.objects },
  { name: 'objects_ready', type: 'int', read: ({ report }) => report.objectsReady },
  { name: 'drifted', type: 'int', read: ({ report }) => report.drifted },
  { name: 'writes', type: 'bigint', read: ({ report }) => report.writes },
  { name: 'problems', type: 'jsonb', read: ({ report }) => json(report.problems) },
  { name: 'drifts', type: 'jsonb', read: ({ report }) => json(report.drifts) },
  { name: 'plan', type: 'jsonb', read: ({ report }) => (report.plan === undefined ? null : json(report.plan)) },
  { name: 'deletion_set', type: 'bytea', read: ({ report }) => digest(report.deletionSet) },
  { name: 'deletions', type: 'jsonb', read: ({ report }) => json(report.deletions) },
  { name: 'report_digest', type: 'bytea', read: (received) => toBytes(received.digest) },
];

/** JSON that jsonb takes: Postgres refuses U+0000 in text. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('\\u0000', '\\ufffd');
}

/** One array per column, for `SAVE_REPORTS`. */
export function reportColumns(reports: readonly ReceivedReport[]): Cell[][] {
  return COLUMNS.map(({ type, read }) =>
    reports.map((received) => (type === 'int' ? bounded(read(received)) : read(received))),
  );
}

/** Counts of an agent are unsigned; those of Postgres are not. */
function bounded(count: Cell): Cell {
  return Math.min(Number(count), 2_147_483_647);
}

const PLAIN = COLUMNS.map(({ name }) => name).filter((name) => !['cluster', 'app'].includes(name));

/**
 * One statement, so that a batch is one round trip and one commit: rows are locked in one order, the newest facts saved,
 * a history row written per change, and what changed returned. `proven` is set by healthy evidence for what is allowed
 * (rollouts.md, Evidence).
 */
export const SAVE_REPORTS = `
WITH r AS (
  SELECT * FROM unnest(${COLUMNS.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})
    AS r(${COLUMNS.map(({ name }) => name).join(', ')})
), old AS (
  SELECT t.*, a.name AS app_name, c.name AS cluster_name
  FROM r JOIN app a ON a.name = r.app JOIN cluster c ON c.id = r.cluster AND c.session_id = r.session_id
    JOIN target t ON t.app = a.id AND t.cluster = r.cluster
  ORDER BY t.app, t.cluster FOR UPDATE OF t
), new AS (
  SELECT r.*, old.app AS app_id, old.app_name, old.cluster_name,
    r.applied_bundle IS DISTINCT FROM old.applied_bundle OR r.applied_policy IS DISTINCT FROM old.applied_policy AS applied_moved,
    r.health IS DISTINCT FROM old.health AS health_moved, r.phase IS DISTINCT FROM old.phase AS phase_moved,
    (r.drifted > 0) IS DISTINCT FROM (old.drifted > 0) OR r.drifts IS DISTINCT FROM old.drifts AS drift_moved,
    old.health AS old_health, old.phase AS old_phase,
    CASE
      WHEN r.applied_bundle IS NULL THEN NULL
      WHEN (r.applied_bundle, r.applied_policy) = (old.allowed_bundle, old.allowed_policy) THEN old.allowed_release
      WHEN (r.applied_bundle, r.applied_policy) = (old.applied_bundle, old.applied_policy) THEN old.applied_release
      WHEN (r.applied_bundle, r.applied_policy) = (old.proven_bundle, old.proven_policy) THEN old.proven_release
      ELSE (SELECT max(p.release) FROM release_part p JOIN release l ON l.id = p.release
        WHERE l.app = old.app AND p.bundle = r.applied_bundle AND p.policy = r.applied_policy AND r.cluster = ANY (p.cluster_ids))
    END AS applied_release,
    r.health = 'healthy' AND r.phase = 'applied'
      AND (r.applied_bundle, r.applied_policy) = (old.allowed_bundle, old.allowed_policy)
      AND (r.evaluated_generation, r.evaluated_number) >= (old.allowed_generation, old.allowed_number) AS proves
  FROM r JOIN old ON old.app_name = r.app AND old.cluster = r.cluster
), saved AS (
  UPDATE target t SET
    ${PLAIN.map((name) => `${name} = n.${name}`).join(', ')},
    applied_release = n.applied_release, reported_at = now(),
    applied_at = CASE WHEN n.applied_moved THEN now() ELSE t.applied_at END,
    health_at = CASE WHEN n.health_moved THEN now() ELSE t.health_at END,
    proven_release = CASE WHEN n.proves THEN t.allowed_release ELSE t.proven_release END,
    proven_bundle = CASE WHEN n.proves THEN t.allowed_bundle ELSE t.proven_bundle END,
    proven_policy = CASE WHEN n.proves THEN t.allowed_policy ELSE t.proven_policy END,
    proven_at = CASE WHEN n.proves AND (t.proven_bundle, t.proven_policy) IS DISTINCT FROM (t.allowed_bundle, t.allowed_policy)
      THEN now() ELSE t.proven_at END
  FROM new n WHERE t.app = n.app_id AND t.cluster = n.cluster
), settled AS (
  UPDATE drift d SET state = 'gone', ended_ms = (extract(epoch FROM now()) * 1000)::bigint
  FROM new n WHERE n.drift_moved AND (n.phase = 'observed' OR (n.drifted = 0 AND n.drifts = '[]')) AND d.app = n.app_id AND d.cluster = n.cluster AND d.ended_ms = 0
), history AS (
  INSERT INTO target_event (app, cluster, kind, release, detail)
  SELECT n.app_id, n.cluster, e.kind, n.applied_release, e.detail FROM new n CROSS JOIN LATERAL (VALUES
    (n.applied_moved, 'applied', jsonb_build_object('bundle', encode(n.applied_bundle, 'hex'), 'policy', encode(n.applied_policy, 'hex'))),
    (n.phase_moved, 'phase', jsonb_build_object('from', n.old_phase, 'to', n.phase)),
    (n.health_moved, 'health', jsonb_build_object('from', n.old_health, 'to', n.health, 'problems', n.problems)),
    (n.drift_moved, 'drift', jsonb_build_object('drifted', n.drifted, 'drifts', n.drifts))
  ) AS e(moved, kind, detail) WHERE e.moved
)
SELECT n.cluster AS "clusterId", n.app_id AS "appId", n.app_name AS app, n.cluster_name AS cluster,
  CASE WHEN n.applied_moved THEN (SELECT l.number FROM release l WHERE l.id = n.applied_release) END AS applied,
  CASE WHEN n.health_moved THEN n.health END AS health,
  CASE WHEN n.drift_moved THEN n.drifted END AS drifted
FROM new n`;
