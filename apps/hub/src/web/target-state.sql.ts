/**
 * The state of a target and of its cluster as SQL, so that lists, counts and filters agree. `t` is target, `c` is
 * cluster; `$heartbeat` stands for the heartbeat in ms. Silence is unknown, never healthy (invariant 10).
 */
export function clusterStateSql(heartbeatMs: number): string {
  return `CASE
    WHEN c.state <> 'joined' THEN c.state
    WHEN c.session_id IS NOT NULL THEN 'connected'
    WHEN c.last_seen_at > now() - interval '${3 * Math.trunc(heartbeatMs)} milliseconds' THEN 'connected'
    ELSE 'unknown' END`;
}

/**
 * When the newest report was last confirmed: a heartbeat of the connection on which it counts says that it still stands, and
 * did so until that connection ended. Sent again it is only when it changes, so its own time says since when the state is what
 * it is.
 */
export const OBSERVED_AT_SQL = `
  CASE WHEN t.session_id = coalesce(c.session_id, c.ended_session_id) THEN greatest(t.reported_at, c.last_seen_at) ELSE t.reported_at END`;

/** `suspended`, `leaving`, `unknown`, `pending`, `updating`, `failed`, `drifted`, `progressing` or `healthy`. */
export function targetStateSql(heartbeatMs: number): string {
  return `CASE
    WHEN ${clusterStateSql(heartbeatMs)} <> 'connected' THEN 'unknown'
    WHEN t.life <> 'active' THEN 'leaving'
    WHEN t.suspended_until > now() OR c.suspended_until > now() THEN 'suspended'
    WHEN t.health = 'failed' AND t.evaluated_number >= t.allowed_number THEN 'failed'
    WHEN t.allowed_bundle IS DISTINCT FROM t.desired_bundle OR t.allowed_policy IS DISTINCT FROM t.desired_policy THEN 'pending'
    WHEN t.applied_bundle IS DISTINCT FROM t.allowed_bundle OR t.applied_policy IS DISTINCT FROM t.allowed_policy THEN 'updating'
    WHEN t.drifted > 0 THEN 'drifted'
    WHEN t.health = 'healthy' THEN 'healthy'
    WHEN t.health = 'progressing' THEN 'progressing'
    ELSE 'unknown' END`;
}

export const TARGET_STATES = [
  'healthy',
  'progressing',
  'failed',
  'drifted',
  'updating',
  'pending',
  'suspended',
  'leaving',
  'unknown',
] as const;
export type TargetState = (typeof TARGET_STATES)[number];
