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
  /** Bits of `SAME`: these parts are the allowed one, and their own columns are null. */
  readonly same: number;
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

/** Nearly all targets run what they are allowed, and what was proven: thousands of digests that need not be sent again. */
const SAME = { desired: 1, proven: 2, applied: 4, attempted: 8 } as const;
type Part = keyof typeof SAME;

const hex = (column: string): string => `encode(t.${column}, 'hex') AS ${column}`;
const isSame = (part: Part): string => `t.${part}_bundle = t.allowed_bundle AND t.${part}_policy = t.allowed_policy`;
const digestOf = (part: Part, of: 'bundle' | 'policy'): string =>
  `CASE WHEN ${isSame(part)} THEN NULL ELSE encode(t.${part}_${of}, 'hex') END AS ${part}_${of}`;
const hexPart = (part: Part): string => `${digestOf(part, 'bundle')}, ${digestOf(part, 'policy')}`;
const sameBits = Object.entries(SAME).map(([part, bit]) => `CASE WHEN ${isSame(part as Part)} THEN ${bit} ELSE 0 END`);
/** In double precision, which is a third of the time of `extract`; the microsecond mends what a double rounds down. */
const ms = (column: string, as: string): string => `floor(date_part('epoch', ${column}) * 1000 + 0.001) AS ${as}`;

const lasting = (column: string): string => `CASE WHEN ${column} > now() THEN ${column} END`;

/** For `FROM target t JOIN cluster c ON c.id = t.cluster`. */
export const TARGET_COLUMNS = `
  t.cluster, c.name, c.labels, ${ms('c.last_seen_at', 'last_seen')}, ${ms(lasting('c.suspended_until'), 'cluster_suspended')},
  t.life, ${ms('t.life_since', 'life_since')}, CASE WHEN c.state = 'removing' THEN c.state_reason END AS cluster_removal,
  ${sameBits.join(' + ')} AS same, ${hexPart('desired')},
  t.allowed_release, ${hex('allowed_bundle')}, ${hex('allowed_policy')}, ${ms('t.allowed_at', 'allowed_at')},
  t.allowed_generation, t.allowed_number, ${ms(lasting('t.suspended_until'), 'suspended')},
  CASE WHEN t.approved_deletions = '{}' THEN '{}'::text[]
    ELSE ARRAY(SELECT encode(d, 'hex') FROM unnest(t.approved_deletions) d) END AS approved_deletions,
  t.proven_release, ${hexPart('proven')},
  t.session_id, t.evaluated_generation, t.evaluated_number, ${hexPart('applied')}, ${hexPart('attempted')},
  t.phase, t.health, t.healthy_for_ms, t.loss_count, t.failed_fast, ${hex('deletion_set')},
  CASE WHEN t.problems = '[]' THEN NULL ELSE concat_ws(': ', t.problems->0->>'code', nullif(t.problems->0->>'message', '')) END AS problem,
  ${ms('t.reported_at', 'reported')}`;

/** What a target is allowed, should run, and was proven to run. */
export interface RowParts {
  readonly allowed: Assignment | undefined;
  readonly desired: TargetPart | undefined;
  readonly proven: ReleasedPart | undefined;
}

export function partsOf(row: TargetRow): RowParts {
  const allowed = assignmentOf(row);
  return { allowed, desired: partOf(row, 'desired'), proven: provenOf(row) };
}

function digestsOf(row: TargetRow, part: Part): { bundle: string | null; policy: string | null } {
  const of = (row.same & SAME[part]) === 0 ? part : 'allowed';
  return { bundle: row[`${of}_bundle`], policy: row[`${of}_policy`] };
}

function partOf(row: TargetRow, part: Part): TargetPart | undefined {
  const { bundle, policy } = digestsOf(row, part);
  return bundle === null || policy === null ? undefined : { bundle, policy };
}

/** Written out: one shape for thousands. */
function assignmentOf(row: TargetRow): Assignment | undefined {
  const { allowed_bundle: bundle, allowed_policy: policy } = row;
  if (bundle === null || policy === null) return undefined;
  const since = { generation: Number(row.allowed_generation), number: Number(row.allowed_number) };
  return { bundle, policy, releaseId: Number(row.allowed_release), since, at: row.allowed_at ?? 0 };
}

function provenOf(row: TargetRow): ReleasedPart | undefined {
  const part = partOf(row, 'proven');
  return part && { bundle: part.bundle, policy: part.policy, releaseId: Number(row.proven_release) };
}

export function observationOf(row: TargetRow): Observation | undefined {
  if (row.session_id === null || row.phase === null || row.health === null) return undefined;
  const { bundle, policy } = digestsOf(row, 'applied');
  return {
    sessionId: row.session_id,
    evaluated: { generation: Number(row.evaluated_generation), number: Number(row.evaluated_number) },
    bundle: bundle ?? undefined,
    policy: policy ?? undefined,
    attempted: partOf(row, 'attempted'),
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
