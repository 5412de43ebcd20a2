import type { AppPhase, Assignment, Health, Observation, TargetPart, ReleasedPart, TargetLife } from '@flotilla/domain';

/** Columns of a target and its cluster as `TARGET_COLUMNS` selects them. Times are unix ms, digests hex. */
export interface TargetRow {
  readonly cluster: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly last_seen: number | null;
  readonly cluster_suspended: number | null;
  readonly life: TargetLife;
  readonly life_since: number;
  readonly cluster_removal: 'prune' | 'orphan' | null;
  readonly desired_bundle: string | null;
  readonly desired_policy: string | null;
  readonly allowed_release: string | null;
  readonly allowed_bundle: string | null;
  readonly allowed_policy: string | null;
  readonly allowed_at: number | null;
  readonly allowed_generation: string;
  readonly allowed_number: string;
  readonly approved_deletions: readonly string[];
  readonly suspended: number | null;
  readonly proven_release: string | null;
  readonly proven_bundle: string | null;
  readonly proven_policy: string | null;
  readonly session_id: string | null;
  readonly evaluated_generation: string;
  readonly evaluated_number: string;
  readonly applied_bundle: string | null;
  readonly applied_policy: string | null;
  readonly attempted_bundle: string | null;
  readonly attempted_policy: string | null;
  readonly phase: AppPhase | null;
  readonly health: Health | null;
  readonly healthy_for_ms: string;
  readonly loss_count: number;
  readonly failed_fast: boolean;
  readonly deletion_set: string | null;
  readonly problem: string | null;
  readonly reported: number | null;
}

const hex = (column: string): string => `encode(t.${column}, 'hex') AS ${column}`;
/** In double precision, which is a third of the time of `extract`; the microsecond mends what a double rounds down. */
const ms = (column: string, as: string): string => `floor(date_part('epoch', ${column}) * 1000 + 0.001) AS ${as}`;

const lasting = (column: string): string => `CASE WHEN ${column} > now() THEN ${column} END`;

/** For `FROM target t JOIN cluster c ON c.id = t.cluster`. */
export const TARGET_COLUMNS = `
  t.cluster, c.name, c.labels, ${ms('c.last_seen_at', 'last_seen')}, ${ms(lasting('c.suspended_until'), 'cluster_suspended')},
  t.life, ${ms('t.life_since', 'life_since')}, CASE WHEN c.state = 'removing' THEN c.state_reason END AS cluster_removal,
  ${hex('desired_bundle')}, ${hex('desired_policy')},
  t.allowed_release, ${hex('allowed_bundle')}, ${hex('allowed_policy')}, ${ms('t.allowed_at', 'allowed_at')},
  t.allowed_generation, t.allowed_number, ${ms(lasting('t.suspended_until'), 'suspended')},
  CASE WHEN t.approved_deletions = '{}' THEN '{}'::text[]
    ELSE ARRAY(SELECT encode(d, 'hex') FROM unnest(t.approved_deletions) d) END AS approved_deletions,
  t.proven_release, ${hex('proven_bundle')}, ${hex('proven_policy')},
  t.session_id, t.evaluated_generation, t.evaluated_number, ${hex('applied_bundle')}, ${hex('applied_policy')},
  ${hex('attempted_bundle')}, ${hex('attempted_policy')},
  t.phase, t.health, t.healthy_for_ms, t.loss_count, t.failed_fast, ${hex('deletion_set')},
  CASE WHEN t.problems = '[]' THEN NULL ELSE concat_ws(': ', t.problems->0->>'code', nullif(t.problems->0->>'message', '')) END AS problem,
  ${ms('t.reported_at', 'reported')}`;

export function partOf(bundle: string | null, policy: string | null): TargetPart | undefined {
  return bundle === null || policy === null ? undefined : { bundle, policy };
}

export function assignmentOf(row: TargetRow): Assignment | undefined {
  const part = partOf(row.allowed_bundle, row.allowed_policy);
  if (part === undefined) return undefined;
  const since = { generation: Number(row.allowed_generation), number: Number(row.allowed_number) };
  return { ...part, releaseId: Number(row.allowed_release), since, at: row.allowed_at ?? 0 };
}

export function provenOf(row: TargetRow): ReleasedPart | undefined {
  const part = partOf(row.proven_bundle, row.proven_policy);
  return part && { ...part, releaseId: Number(row.proven_release) };
}

export function observationOf(row: TargetRow): Observation | undefined {
  if (row.session_id === null || row.phase === null || row.health === null) return undefined;
  return {
    sessionId: row.session_id,
    evaluated: { generation: Number(row.evaluated_generation), number: Number(row.evaluated_number) },
    bundle: row.applied_bundle ?? undefined,
    policy: row.applied_policy ?? undefined,
    attempted: partOf(row.attempted_bundle, row.attempted_policy),
    phase: row.phase,
    health: row.health,
    healthyForMs: Number(row.healthy_for_ms),
    lossCount: row.loss_count,
    failedFast: row.failed_fast,
    deletionSet: row.deletion_set ?? undefined,
    problem: row.problem ?? '',
    reportedAt: row.reported ?? 0,
  };
}
