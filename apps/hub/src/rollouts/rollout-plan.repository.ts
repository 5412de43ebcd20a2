import { Injectable } from '@nestjs/common';
import type { PlannedAssignment, RolloutPlan } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { queryBatch, queryPrepared } from '../database/index.js';
import type { LoadedRollout } from './rollout-facts.repository.js';

/** Writes a plan's decisions. Every method runs inside the leader's deciding transaction. */
@Injectable()
export class RolloutPlanRepository {
  /** Whether the release that was planned is still the app's newest. */
  async isNewest(tx: EntityManager, { appId, facts }: LoadedRollout): Promise<boolean> {
    const rows = await queryPrepared(tx, 'SELECT 1 FROM app WHERE id = $1 AND newest_release = $2', [
      appId,
      facts.release.id,
    ]);
    return rows.length > 0;
  }

  /** Saves what targets may run; returns the clusters whose desired state rose. */
  async saveDecisions(tx: EntityManager, { appId, now }: LoadedRollout, plan: RolloutPlan): Promise<number[]> {
    const touched = touchedClusters(plan);
    await raiseVersions(tx, touched);
    await assign(tx, { appId, now, kind: 'allowed', assignments: plan.assignments, newest: true });
    await assign(tx, { appId, now, kind: 'returned', assignments: plan.rollbacks, newest: false });
    if (plan.retries.length > 0) await tx.query(RETRY, [appId, plan.retries]);
    for (const { clusterId, set } of plan.deletions) await tx.query(APPROVE_DELETION, [appId, clusterId, set]);
    await saveRemovals(tx, { appId, now }, plan);
    return touched;
  }

  /** Forgets a target whose removal its agent has finished, and the app with its last one. */
  async finishRemoval(tx: EntityManager, app: string, clusterId: number): Promise<void> {
    await raiseVersions(tx, [clusterId]);
    // Two clusters that end at once would each still see the other's target, and nobody would say that the app is gone.
    await tx.query('SELECT 1 FROM app WHERE name = $1 FOR NO KEY UPDATE', [app]);
    await tx.query(FORGET, [app, clusterId]);
    await tx.query(FORGET_APP, [app]);
  }

  /** Saves the rollout itself and its history. A row of an earlier release is closed: superseded. */
  async saveRollout(tx: EntityManager, { appId, facts, row }: LoadedRollout, plan: RolloutPlan): Promise<void> {
    const continued = row?.releaseId === facts.release.id;
    if (!continued) await queryPrepared(tx, SUPERSEDE, [appId, facts.release.id]);
    const values = [
      plan.rolloutState,
      JSON.stringify(facts.strategy),
      JSON.stringify(plan.waves),
      JSON.stringify(plan.memory),
      JSON.stringify(plan.blockedBy),
      plan.nextLookAt ?? null,
    ];
    const [saved] = continued
      ? await queryPrepared<{ id: string }>(tx, UPDATE, [...values, row.id])
      : await queryPrepared<{ id: string }>(tx, INSERT, [...values, appId, facts.release.id]);
    if (saved) await saveSteps(tx, saved.id, plan);
  }
}

/** Clusters in whose desired state an entry changes. `asked` changes none: the objects go on running and healed. */
function touchedClusters(plan: RolloutPlan): number[] {
  const ids = new Set<number>(plan.retries);
  for (const { clusterId } of [...plan.assignments, ...plan.rollbacks, ...plan.deletions]) ids.add(clusterId);
  for (const { clusterId, to } of plan.removals) if (to !== 'asked') ids.add(clusterId);
  return [...ids].sort((a, b) => a - b);
}

/** In the order of ids, so that two apps' plans never wait for each other. */
async function raiseVersions(tx: EntityManager, clusterIds: readonly number[]): Promise<void> {
  if (clusterIds.length === 0) return;
  await queryBatch(tx, { text: RAISE, values: [clusterIds], rows: clusterIds.length });
}

interface Assigning {
  readonly appId: number;
  readonly now: number;
  readonly kind: 'allowed' | 'returned';
  readonly assignments: readonly PlannedAssignment[];
  /** Only what is still the newest release's part: a plan made just before a push assigns nothing old. */
  readonly newest: boolean;
}

async function assign(tx: EntityManager, { appId, now, kind, assignments, newest }: Assigning): Promise<void> {
  if (assignments.length === 0) return;
  const values = [
    appId,
    assignments.map(({ clusterId }) => clusterId),
    assignments.map(({ releaseId }) => releaseId),
    assignments.map(({ bundle }) => bundle),
    assignments.map(({ policy }) => policy),
    now,
    newest,
    kind,
  ];
  await queryBatch(tx, { text: ASSIGN, values, rows: assignments.length });
}

async function saveRemovals(
  tx: EntityManager,
  { appId, now }: Pick<LoadedRollout, 'appId' | 'now'>,
  { removals }: RolloutPlan,
): Promise<void> {
  if (removals.length === 0) return;
  const columns = [removals.map((r) => r.clusterId), removals.map((r) => r.to), removals.map((r) => r.because)];
  await tx.query(REMOVE, [appId, ...columns, now]);
  await tx.query(FORGET_UNASSIGNED, [appId, columns[0]]);
}

/** A line of history. What concerns many targets is one line per wave and plan. */
interface Line {
  readonly kind: string;
  readonly wave: string | undefined;
  readonly clusterId?: number | undefined;
  readonly detail: object;
}

async function saveSteps(tx: EntityManager, rollout: string, plan: RolloutPlan): Promise<void> {
  const lines = [...healthyLines(plan), ...singleLines(plan), ...assignedLines(plan)];
  if (lines.length === 0) return;
  const values = [
    rollout,
    lines.map(({ kind }) => kind),
    lines.map(({ wave }) => wave ?? null),
    lines.map(({ clusterId }) => clusterId ?? null),
    lines.map(({ detail }) => JSON.stringify(detail)),
  ];
  await queryBatch(tx, { text: STEPS, values, rows: lines.length });
}

function healthyLines({ seenHealthy }: RolloutPlan): Line[] {
  return [...byWave(seenHealthy)].map(([wave, seen]) => {
    return { kind: 'healthy', wave, detail: { clusters: seen.map(({ clusterId }) => clusterId), evidence: seen } };
  });
}

function singleLines({ steps, failures }: RolloutPlan): Line[] {
  const evidence = new Map(failures.map((failure) => [failure.clusterId, failure.evidence]));
  return steps
    .filter(({ kind }) => kind !== 'assigned')
    .map(({ kind, wave, clusterId, message }) => {
      const shown = kind === 'failed' && clusterId !== undefined ? evidence.get(clusterId) : undefined;
      return { kind, wave, clusterId, detail: { message, ...(shown && { evidence: [{ ...shown, clusterId }] }) } };
    });
}

function assignedLines({ steps }: RolloutPlan): Line[] {
  const assigned = byWave(steps.filter(({ kind }) => kind === 'assigned'));
  return [...assigned].map(([wave, each]) => {
    return { kind: 'assigned', wave, detail: { clusters: each.map(({ clusterId }) => clusterId) } };
  });
}

function byWave<T extends { readonly wave?: string }>(items: readonly T[]): Map<string, T[]> {
  const waves = new Map<string, T[]>();
  for (const item of items) {
    const { wave = '' } = item;
    const list = waves.get(wave);
    if (list) list.push(item);
    else waves.set(wave, [item]);
  }
  return waves;
}

const RAISE = `
  WITH locked AS (SELECT id FROM cluster WHERE id = ANY($1::int[]) ORDER BY id FOR UPDATE)
  UPDATE cluster c SET desired_number = c.desired_number + 1 FROM locked WHERE c.id = locked.id`;

const ASSIGN = `
  WITH assigned AS (
    UPDATE target t SET allowed_release = a.release, allowed_bundle = decode(a.bundle, 'hex'),
      allowed_policy = decode(a.policy, 'hex'), allowed_at = to_timestamp($6::float8 / 1000),
      allowed_generation = h.generation, allowed_number = c.desired_number, approved_deletions = '{}'
    FROM unnest($2::int[], $3::bigint[], $4::text[], $5::text[]) AS a(cluster, release, bundle, policy), cluster c, hub_state h
    WHERE t.app = $1 AND t.cluster = a.cluster AND c.id = a.cluster AND t.life = 'active'
      AND (NOT $7 OR (t.desired_bundle = decode(a.bundle, 'hex') AND t.desired_policy = decode(a.policy, 'hex')))
    RETURNING t.cluster, t.allowed_release, t.allowed_bundle, t.allowed_number)
  INSERT INTO target_event (app, cluster, kind, release, detail)
  SELECT $1, cluster, $8, allowed_release,
    jsonb_build_object('bundle', encode(allowed_bundle, 'hex'), 'number', allowed_number) FROM assigned`;

const RETRY = `
  UPDATE target t SET retry = t.retry + 1, allowed_generation = h.generation, allowed_number = c.desired_number
  FROM cluster c, hub_state h WHERE t.app = $1 AND t.cluster = ANY($2::int[]) AND c.id = t.cluster`;

const APPROVE_DELETION = `
  UPDATE target t SET approved_deletions = array_append(t.approved_deletions, decode($3, 'hex')),
    allowed_generation = h.generation, allowed_number = c.desired_number
  FROM cluster c, hub_state h WHERE t.app = $1 AND t.cluster = $2 AND c.id = t.cluster`;

const REMOVE = `
  WITH removed AS (
    UPDATE target t SET life = r.life, life_because = r.because, life_since = to_timestamp($5::float8 / 1000),
      allowed_generation = CASE WHEN r.life = 'asked' THEN t.allowed_generation ELSE h.generation END,
      allowed_number = CASE WHEN r.life = 'asked' THEN t.allowed_number ELSE c.desired_number END
    FROM unnest($2::int[], $3::text[], $4::text[]) AS r(cluster, life, because), cluster c, hub_state h
    WHERE t.app = $1 AND t.cluster = r.cluster AND c.id = r.cluster AND (t.life <> 'active' OR c.state = 'removing')
    RETURNING t.cluster, t.life, t.life_because, t.allowed_release)
  INSERT INTO target_event (app, cluster, kind, release, detail)
  SELECT $1, cluster, life, allowed_release, jsonb_build_object('because', life_because) FROM removed`;

/** Where nothing was ever allowed there is nothing to remove, and no agent to tell that it is done. */
const FORGET_UNASSIGNED = `
  DELETE FROM target WHERE app = $1 AND cluster = ANY($2::int[]) AND allowed_bundle IS NULL AND life <> 'active'`;

const FORGET = `
  WITH forgotten AS (
    DELETE FROM target t USING app a WHERE a.name = $1 AND t.app = a.id AND t.cluster = $2 AND t.life IN ('orphaned', 'pruned')
    RETURNING t.app, t.cluster, t.allowed_release, t.life)
  INSERT INTO target_event (app, cluster, kind, release, detail)
  SELECT app, cluster, 'removed', allowed_release, jsonb_build_object('life', life) FROM forgotten`;

const FORGET_APP = `
  UPDATE app SET life = 'gone' WHERE name = $1 AND life = 'leaving' AND NOT EXISTS (SELECT 1 FROM target t WHERE t.app = app.id)`;

const SUPERSEDE = `
  UPDATE rollout SET state = 'superseded', ended_at = now(), changed_at = now()
  WHERE app = $1 AND release <> $2 AND ended_at IS NULL`;

const ENDED = `CASE WHEN $1 IN ('done', 'aborted', 'rolledBack') THEN now() END`;

const UPDATE = `
  UPDATE rollout SET state = $1, strategy = $2, waves = $3, memory = $4, blocked_by = $5,
    next_look_at = to_timestamp($6::float8 / 1000), changed_at = CASE WHEN $1 = state THEN changed_at ELSE now() END,
    ended_at = CASE WHEN $1 = state AND ended_at IS NOT NULL THEN ended_at ELSE ${ENDED} END
  WHERE id = $7 RETURNING id`;

const INSERT = `
  INSERT INTO rollout (state, strategy, waves, memory, blocked_by, next_look_at, app, release, ended_at)
  VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, $8, ${ENDED}) RETURNING id`;

const STEPS = `
  INSERT INTO rollout_event (rollout, kind, wave, cluster, detail)
  SELECT $1, s.kind, s.wave, s.cluster, s.detail::jsonb
  FROM unnest($2::text[], $3::text[], $4::int[], $5::text[]) AS s(kind, wave, cluster, detail)`;
