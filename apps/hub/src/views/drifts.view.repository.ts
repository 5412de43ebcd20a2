import { Inject, Injectable } from '@nestjs/common';
import type { DriftRecord } from '@flotilla/domain';
import { DataSource } from 'typeorm';

export interface DriftRow extends Omit<DriftRecord, 'at' | 'seenAt' | 'mark' | 'endedAt'> {
  readonly id: string;
  readonly app: string;
  readonly cluster: string;
  readonly at: Date | null;
  readonly seenAt: Date;
  readonly endedAt: Date | null;
}

export interface DriftFilter {
  readonly app: string | undefined;
  readonly cluster: string | undefined;
  readonly clusterIds: readonly number[] | undefined;
  readonly open: boolean;
  readonly before: string | undefined;
  readonly limit: number;
}

@Injectable()
export class DriftsViewRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Newest first. */
  list({ app, cluster, clusterIds, open, before, limit }: DriftFilter): Promise<DriftRow[]> {
    return this.dataSource.query<DriftRow[]>(
      `SELECT d.id, a.name AS app, c.name AS cluster, d.ref, d.kind, d.field, d.wanted, d.live, d.manager,
         to_timestamp(nullif(d.at_ms, 0) / 1000.0) AS at, d.state, to_timestamp(d.seen_ms / 1000.0) AS "seenAt",
         to_timestamp(nullif(d.ended_ms, 0) / 1000.0) AS "endedAt"
       FROM drift d JOIN app a ON a.id = d.app JOIN cluster c ON c.id = d.cluster
       WHERE ($1::text IS NULL OR a.name = $1) AND ($2::text IS NULL OR c.name = $2)
         AND ($3::int[] IS NULL OR c.id = ANY ($3)) AND (NOT $4 OR d.ended_ms = 0) AND ($5::bigint IS NULL OR d.id < $5)
       ORDER BY d.id DESC LIMIT $6`,
      [app ?? null, cluster ?? null, clusterIds ?? null, open, before ?? null, limit],
    );
  }
}
