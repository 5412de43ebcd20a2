import { Injectable } from '@nestjs/common';
import type { LeavingBecause, Part } from '@flotilla/domain';
import type { CommitInfo } from '@flotilla/git';
import type { EntityManager } from 'typeorm';
import { toBytes } from '../database/index.js';
import type { StoredApp } from './fleet-in-force.js';

/** Columns of an app that fleets write. */
export type AppColumns = Pick<
  StoredApp,
  'name' | 'life' | 'namespace' | 'project' | 'strategy' | 'inputs' | 'goodCommit' | 'frozenBecause'
>;

export interface NewRevision {
  readonly commit: string;
  /** Errors in it. */
  readonly problems: number;
  /** Why all of it is frozen; empty when it is not. */
  readonly frozenBecause: string;
}

export interface NewSnapshot {
  readonly number: number;
  readonly revision: number;
  /** Commits by source. */
  readonly sources: Readonly<Record<string, string>>;
}

export interface NewRelease {
  readonly app: number;
  readonly number: number;
  readonly source: string;
  readonly commit: CommitInfo;
}

export interface TargetChange {
  readonly app: number;
  readonly release: number;
  readonly parts: readonly Part[];
  /** Why targets are selected, by cluster, where that is to be written. */
  readonly wanted: ReadonlyMap<number, string>;
}

/** Apps, their releases with parts, and what targets should run (`target.desired_*`). Everything in batches. */
@Injectable()
export class ReleaseRepository {
  async saveRevision(tx: EntityManager, { commit, problems, frozenBecause }: NewRevision): Promise<number> {
    const [row] = await tx.query<{ id: string }[]>(
      `INSERT INTO fleet_revision (commit, problems, frozen_because) VALUES ($1, $2, $3) RETURNING id`,
      [commit, problems, frozenBecause],
    );
    return Number(row?.id);
  }

  async saveSnapshot(tx: EntityManager, { number, revision, sources }: NewSnapshot): Promise<void> {
    await tx.query(`INSERT INTO snapshot (number, revision, sources) VALUES ($1, $2, $3)`, [number, revision, sources]);
  }

  /** Writes apps; new ones get an id. Returns ids by name. */
  async saveApps(tx: EntityManager, apps: readonly AppColumns[]): Promise<Map<string, number>> {
    if (apps.length === 0) return new Map();
    const rows = await tx.query<{ id: number; name: string }[]>(
      `INSERT INTO app (name, life, leaving_since, namespace, project, strategy, inputs, good_commit, frozen_because, frozen_since)
       SELECT name, life, CASE WHEN life = 'leaving' THEN now() END, namespace, project, strategy, inputs, good_commit, because,
         CASE WHEN because <> '' THEN now() END
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[])
         AS a(name, life, namespace, project, strategy, inputs, good_commit, because)
       ON CONFLICT (name) DO UPDATE SET life = EXCLUDED.life, namespace = EXCLUDED.namespace, project = EXCLUDED.project,
         strategy = EXCLUDED.strategy, inputs = EXCLUDED.inputs, good_commit = EXCLUDED.good_commit,
         frozen_because = EXCLUDED.frozen_because,
         leaving_since = CASE WHEN EXCLUDED.life = 'leaving' THEN COALESCE(app.leaving_since, now()) END,
         frozen_since = CASE WHEN EXCLUDED.frozen_because <> '' THEN COALESCE(app.frozen_since, now()) END
       RETURNING id, name`,
      [
        apps.map(({ name }) => name),
        apps.map(({ life }) => life),
        apps.map(({ namespace }) => namespace),
        apps.map(({ project }) => project),
        apps.map(({ strategy }) => strategy),
        apps.map(({ inputs }) => (inputs === undefined ? null : toBytes(inputs))),
        apps.map(({ goodCommit }) => goodCommit),
        apps.map(({ frozenBecause }) => frozenBecause),
      ],
    );
    return new Map(rows.map(({ id, name }) => [name, id]));
  }

  /** Makes releases the newest of their apps. Returns release ids by app id. */
  async saveReleases(
    tx: EntityManager,
    snapshot: number,
    releases: readonly NewRelease[],
  ): Promise<Map<number, number>> {
    if (releases.length === 0) return new Map();
    const rows = await tx.query<{ id: string; app: number }[]>(
      `INSERT INTO release (app, number, snapshot, source, commit, author, subject, committed_at)
       SELECT app, number, $8, source, commit, author, subject, to_timestamp(at / 1000)
       FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[])
         AS r(app, number, source, commit, author, subject, at) RETURNING id, app`,
      [
        releases.map(({ app }) => app),
        releases.map(({ number }) => number),
        releases.map(({ source }) => source),
        releases.map(({ commit }) => commit.id),
        releases.map(({ commit }) => commit.author),
        releases.map(({ commit }) => commit.subject),
        releases.map(({ commit }) => commit.committedAt),
        snapshot,
      ],
    );
    await tx.query(
      `UPDATE app a SET newest_release = r.id, last_number = r.number
       FROM unnest($1::bigint[]) AS n(id) JOIN release r ON r.id = n.id WHERE a.id = r.app`,
      [rows.map(({ id }) => id)],
    );
    return new Map(rows.map(({ id, app }) => [app, Number(id)]));
  }

  /** Replaces the parts of releases. */
  async saveParts(tx: EntityManager, releases: ReadonlyMap<number, readonly Part[]>): Promise<void> {
    if (releases.size === 0) return;
    await tx.query(`DELETE FROM release_part WHERE release = ANY($1::bigint[])`, [[...releases.keys()]]);
    const rows = [...releases].flatMap(([release, parts]) => parts.map((part) => ({ release, ...part })));
    await tx.query(
      `INSERT INTO release_part (release, bundle, policy, cluster_ids)
       SELECT release, bundle, policy, ARRAY(SELECT jsonb_array_elements_text(ids)::int)
       FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::jsonb[]) AS p(release, bundle, policy, ids)`,
      [
        rows.map(({ release }) => release),
        rows.map(({ bundle }) => toBytes(bundle)),
        rows.map(({ policy }) => toBytes(policy)),
        rows.map(({ clusterIds }) => JSON.stringify(clusterIds)),
      ],
    );
  }

  /** Writes what targets should run; a target that is (again) selected is active. */
  async saveTargets(tx: EntityManager, changes: readonly TargetChange[]): Promise<void> {
    const parts = changes.flatMap(({ app, release, parts, wanted }) =>
      parts.map((part) => ({ app, release, ...part, wanted })),
    );
    const rows = parts.flatMap(({ clusterIds, wanted }, index) =>
      clusterIds.map((cluster) => ({ part: index + 1, cluster, reason: wanted.get(cluster) ?? null })),
    );
    if (rows.length === 0) return;
    await tx.query(
      `INSERT INTO target AS t (app, cluster, matched_by, desired_release, desired_bundle, desired_policy)
       SELECT p.app, n.cluster, COALESCE(n.reason, ''), p.release, p.bundle, p.policy
       FROM unnest($1::int[], $2::int[], $3::text[]) AS n(part, cluster, reason)
         JOIN unnest($4::int[], $5::bigint[], $6::bytea[], $7::bytea[])
           WITH ORDINALITY AS p(app, release, bundle, policy, part) ON p.part = n.part
       ON CONFLICT (app, cluster) DO UPDATE SET desired_release = EXCLUDED.desired_release,
         desired_bundle = EXCLUDED.desired_bundle, desired_policy = EXCLUDED.desired_policy,
         matched_by = COALESCE(NULLIF(EXCLUDED.matched_by, ''), t.matched_by),
         life = CASE WHEN EXCLUDED.matched_by = '' THEN t.life ELSE 'active' END,
         life_because = CASE WHEN EXCLUDED.matched_by = '' THEN t.life_because ELSE '' END,
         life_since = CASE WHEN EXCLUDED.matched_by = '' OR t.life = 'active' THEN t.life_since ELSE now() END`,
      [
        rows.map(({ part }) => part),
        rows.map(({ cluster }) => cluster),
        rows.map(({ reason }) => reason),
        parts.map(({ app }) => app),
        parts.map(({ release }) => release),
        parts.map(({ bundle }) => toBytes(bundle)),
        parts.map(({ policy }) => toBytes(policy)),
      ],
    );
  }

  /** Targets that are not selected any more. What becomes of them is the rollout's to decide. */
  async saveLeaving(
    tx: EntityManager,
    leaving: ReadonlyMap<number, ReadonlyMap<number, LeavingBecause>>,
  ): Promise<void> {
    const rows = [...leaving].flatMap(([app, clusters]) =>
      [...clusters].map(([cluster, because]) => ({ app, cluster, because })),
    );
    if (rows.length === 0) return;
    await tx.query(
      `WITH gone AS (
         UPDATE target t SET life = 'leaving', life_because = n.because, life_since = now()
         FROM unnest($1::int[], $2::int[], $3::text[]) AS n(app, cluster, because)
         WHERE t.app = n.app AND t.cluster = n.cluster AND t.life = 'active'
         RETURNING t.app, t.cluster, t.allowed_bundle)
       INSERT INTO departure (app, cluster, at, observed_ms)
         SELECT app, cluster, now(), (SELECT observed_ms FROM leader) FROM gone WHERE allowed_bundle IS NOT NULL
       ON CONFLICT (app, cluster) DO UPDATE SET at = EXCLUDED.at, observed_ms = EXCLUDED.observed_ms`,
      [rows.map(({ app }) => app), rows.map(({ cluster }) => cluster), rows.map(({ because }) => because)],
    );
  }
}
