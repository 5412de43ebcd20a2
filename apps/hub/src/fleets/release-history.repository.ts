import { Inject, Injectable } from '@nestjs/common';
import type { Digest, DriftEntry, Part } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { OBSERVED_AT_SQL } from '../web/index.js';

/** A release with what it gives to clusters. */
export interface StoredRelease {
  readonly number: number;
  readonly source: string;
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: Date;
  readonly createdAt: Date;
  readonly parts: readonly Part[];
  /** Commits by source of the snapshot it was made from. */
  readonly commits: Readonly<Record<string, string>>;
}

/** What a target may run, runs, and is seen to run. */
export interface LiveTarget {
  readonly clusterId: number;
  readonly cluster: string;
  readonly allowedRelease: number | null;
  readonly allowedBundle: Digest | null;
  readonly allowedPolicy: Digest | null;
  readonly appliedRelease: number | null;
  readonly appliedBundle: Digest | null;
  readonly appliedPolicy: Digest | null;
  readonly drifts: readonly DriftEntry[];
  readonly observedAt: Date | null;
}

export interface ReleaseRange {
  readonly app: string;
  /** Numbers, both included. */
  readonly from: number;
  readonly to: number;
}

/** Reads what releases were and what targets hold of them. */
@Injectable()
export class ReleaseHistoryRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Ascending. */
  loadReleases({ app, from, to }: ReleaseRange): Promise<StoredRelease[]> {
    return this.dataSource.query(RELEASES, [app, from, to]);
  }

  async loadClusterNames(): Promise<Map<number, string>> {
    const rows = await this.dataSource.query<{ id: number; name: string }[]>('SELECT id, name FROM cluster');
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** Active targets of an app. */
  loadTargets(app: string): Promise<LiveTarget[]> {
    return this.dataSource.query(TARGETS, [app]);
  }

  async hasApp(app: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(`SELECT 1 FROM app WHERE name = $1 AND life <> 'gone'`, [app]);
    return rows.length > 0;
  }

  /** Commit of the app's source at which it was last good; empty when it never was. */
  async loadGoodCommit(app: string): Promise<string> {
    const [row] = await this.dataSource.query<{ commit: string }[]>(
      'SELECT good_commit AS commit FROM app WHERE name = $1',
      [app],
    );
    return row?.commit ?? '';
  }

  /** The folder of an app's content by its definition now; empty when it has none. */
  async loadFolder(app: string): Promise<string> {
    const [row] = await this.dataSource.query<{ path: string | null }[]>(
      `SELECT body->>'path' AS path FROM definition WHERE kind = 'App' AND name = $1`,
      [app],
    );
    return row?.path ?? '';
  }
}

const RELEASES = `
  SELECT r.number, r.source, r.commit, r.author, r.subject, r.committed_at AS "committedAt", r.created_at AS "createdAt",
    coalesce((SELECT jsonb_agg(jsonb_build_object('bundle', encode(p.bundle, 'hex'), 'policy', encode(p.policy, 'hex'),
      'clusterIds', to_jsonb(p.cluster_ids))) FROM release_part p WHERE p.release = r.id), '[]') AS parts,
    s.sources AS commits
  FROM release r JOIN app a ON a.id = r.app LEFT JOIN snapshot s ON s.number = r.snapshot
  WHERE a.name = $1 AND r.number BETWEEN $2 AND $3 ORDER BY r.number`;

const TARGETS = `
  SELECT t.cluster AS "clusterId", c.name AS cluster, al.number AS "allowedRelease", encode(t.allowed_bundle, 'hex') AS "allowedBundle",
    encode(t.allowed_policy, 'hex') AS "allowedPolicy", ap.number AS "appliedRelease",
    encode(t.applied_bundle, 'hex') AS "appliedBundle", encode(t.applied_policy, 'hex') AS "appliedPolicy", t.drifts,
    ${OBSERVED_AT_SQL} AS "observedAt"
  FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster
    LEFT JOIN release al ON al.id = t.allowed_release LEFT JOIN release ap ON ap.id = t.applied_release
  WHERE a.name = $1 AND t.life = 'active' AND c.state <> 'removed' ORDER BY c.name`;
