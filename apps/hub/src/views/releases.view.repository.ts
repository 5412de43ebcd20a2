import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OBSERVED_AT_SQL } from '../web/index.js';

export interface ReleaseRow {
  readonly app: string;
  readonly number: number;
  readonly source: string;
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: Date;
  readonly createdAt: Date;
  readonly bundles: number;
  readonly clusters: number;
}

export interface VersionRow {
  readonly app: string;
  readonly cluster: string;
  readonly release: number | null;
  readonly commit: string | null;
  readonly subject: string | null;
  readonly since: Date | null;
  readonly reportedAt: Date | null;
  readonly observedAt: Date | null;
}

export interface ReleaseFilter {
  readonly app: string | undefined;
  readonly number: number | undefined;
  readonly before: string | undefined;
  readonly limit: number;
}

export interface VersionFilter {
  readonly app: string | undefined;
  readonly cluster: string | undefined;
  /** The last one of the page before. */
  readonly after: readonly [app: string, cluster: string] | undefined;
  readonly limit: number;
}

@Injectable()
export class ReleasesViewRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Newest first. */
  list({ app, number, before, limit }: ReleaseFilter): Promise<(ReleaseRow & { id: string })[]> {
    return this.dataSource.query(
      `SELECT r.id, a.name AS app, r.number, r.source, r.commit, r.author, r.subject, r.committed_at AS "committedAt",
         r.created_at AS "createdAt", count(DISTINCT p.bundle)::int AS bundles,
         coalesce(sum(cardinality(p.cluster_ids)), 0)::int AS clusters
       FROM release r JOIN app a ON a.id = r.app LEFT JOIN release_part p ON p.release = r.id
       WHERE ($1::text IS NULL OR a.name = $1) AND ($2::int IS NULL OR r.number = $2) AND ($3::bigint IS NULL OR r.id < $3)
       GROUP BY r.id, a.name ORDER BY r.id DESC LIMIT $4`,
      [app ?? null, number ?? null, before ?? null, limit],
    );
  }

  /** Which version runs where, and since when. */
  versions({ app, cluster, after, limit }: VersionFilter): Promise<VersionRow[]> {
    const [afterApp, afterCluster] = after ?? [];
    return this.dataSource.query(
      `SELECT a.name AS app, c.name AS cluster, r.number AS release, r.commit, r.subject, t.applied_at AS since,
         t.reported_at AS "reportedAt", ${OBSERVED_AT_SQL} AS "observedAt"
       FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster LEFT JOIN release r ON r.id = t.applied_release
       WHERE ($1::text IS NULL OR a.name = $1) AND ($2::text IS NULL OR c.name = $2)
         AND ($3::text IS NULL OR (a.name, c.name) > ($3, $4::text)) ORDER BY a.name, c.name LIMIT $5`,
      [app ?? null, cluster ?? null, afterApp ?? null, afterCluster ?? null, limit],
    );
  }
}
