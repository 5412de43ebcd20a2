import { TARGET_COLUMNS } from './target-row.js';

export const APP = `
  SELECT a.name, a.strategy, a.newest_release AS release, r.number,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now,
    (SELECT coalesce(floor(extract(epoch FROM elected_at) * 1000), 0)::float8 FROM leader) AS leader_since,
    (SELECT epoch::float8 FROM leader) AS epoch, h.mode, h.mode_reason,
    (SELECT json_build_object('id', o.id, 'releaseId', o.release, 'state', o.state, 'strategy', o.strategy,
       'memory', o.memory, 'waves', o.waves, 'blockedBy', o.blocked_by)
     FROM rollout o WHERE o.app = a.id ORDER BY o.id DESC LIMIT 1) AS rollout,
    (SELECT d.body FROM definition d WHERE d.kind = 'RolloutStrategy' AND d.name = a.strategy) AS stored,
    (SELECT coalesce(json_agg(d.body), '[]') FROM definition d WHERE d.kind IN ('ClusterGroup', 'Window')) AS definitions,
    (SELECT coalesce(json_agg(json_build_object('id', c.id, 'kind', c.kind, 'wave', c.wave, 'cluster', c.cluster, 'actor', c.actor,
       'reason', c.reason, 'at', floor(extract(epoch FROM c.at) * 1000)::float8, 'detail', c.detail) ORDER BY c.id), '[]')
     FROM act c WHERE c.app = a.id AND c.release = a.newest_release AND c.cleared_at IS NULL) AS acts
  FROM app a JOIN release r ON r.id = a.newest_release CROSS JOIN hub_state h WHERE a.id = $1`;

export const TARGETS = `SELECT ${TARGET_COLUMNS} FROM target t JOIN cluster c ON c.id = t.cluster
  WHERE t.app = $1 AND c.state <> 'removed'`;

export const POLICIES = `
  SELECT encode(p.digest, 'hex') AS digest, p.body->>'onDelete' AS "onDelete", p.body->'dependsOn' AS "dependsOn"
  FROM policy p WHERE p.digest = ANY($1::bytea[])`;

export const DEPENDENCIES = `
  SELECT a.name AS app, ${TARGET_COLUMNS.replace('c.name,', `'' AS name,`)}
  FROM target mine
  JOIN policy p ON p.digest = mine.desired_policy
  CROSS JOIN LATERAL jsonb_array_elements_text(p.body->'dependsOn') AS needed(name)
  JOIN app a ON a.name = needed.name
  JOIN target t ON t.app = a.id AND t.cluster = mine.cluster
  JOIN cluster c ON c.id = t.cluster
  WHERE mine.app = $1`;

/** Of clusters that stay: one that is removed leaves on a person's word. The window is of observed time. */
export const DEPARTURES = `
  WITH departed AS (
    SELECT d.app, d.cluster, t.app IS NULL AS gone FROM departure d JOIN cluster c ON c.id = d.cluster
    LEFT JOIN target t ON t.app = d.app AND t.cluster = d.cluster
    WHERE d.observed_ms > (SELECT observed_ms FROM leader) - $2::bigint AND c.state NOT IN ('removing', 'removed')
      AND t.life IS DISTINCT FROM 'active'
  )
  SELECT coalesce(array_agg(cluster) FILTER (WHERE app = $1), '{}') AS own,
    count(*) FILTER (WHERE app <> $1)::int AS left,
    (count(*) FILTER (WHERE app <> $1 AND gone) + (SELECT count(*) FROM target WHERE app <> $1))::int AS targets
  FROM departed`;

export const DEPENDENTS = `
  SELECT DISTINCT a.id AS app, d.id AS "dependsOn"
  FROM app a JOIN release_part rp ON rp.release = a.newest_release
  JOIN policy p ON p.digest = rp.policy
  CROSS JOIN LATERAL jsonb_array_elements_text(p.body->'dependsOn') AS needed(name)
  JOIN app d ON d.name = needed.name`;

export const RELEASE_PARTS = `
  SELECT unnest(cluster_ids) AS cluster, encode(bundle, 'hex') AS bundle, encode(policy, 'hex') AS policy
  FROM release_part WHERE release = $1`;
