import { Inject, Injectable } from '@nestjs/common';
import type { Digest } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { toBytes, toDigest } from '../database/index.js';

/** What a cluster may be served, and how large it is. */
@Injectable()
export class VisibleContentRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Bytes of each object, so that parts can be cut before anything is loaded. */
  async loadSizes(ids: readonly Digest[]): Promise<Map<Digest, number>> {
    const rows = await this.dataSource.query<{ id: Buffer; bytes: number }[]>(
      'SELECT id, bytes FROM object_content WHERE id = ANY ($1)',
      [ids.map(toBytes)],
    );
    return new Map(rows.map(({ id, bytes }) => [toDigest(id), bytes]));
  }

  /** Bundles and policies that a cluster may see: what this hub wants or wanted there, never what the agent says. */
  async loadVisible(clusterId: number): Promise<{ bundles: Set<Digest>; policies: Set<Digest> }> {
    const rows = await this.dataSource.query<{ kind: 'bundle' | 'policy'; digest: Buffer }[]>(
      `SELECT DISTINCT v.kind, v.digest FROM target t CROSS JOIN LATERAL (VALUES
         ('bundle', t.allowed_bundle), ('bundle', t.desired_bundle), ('bundle', t.proven_bundle),
         ('policy', t.allowed_policy), ('policy', t.desired_policy), ('policy', t.proven_policy)) AS v(kind, digest)
       WHERE t.cluster = $1 AND v.digest IS NOT NULL`,
      [clusterId],
    );
    const of = (kind: string): Set<Digest> =>
      new Set(rows.filter((row) => row.kind === kind).map(({ digest }) => toDigest(digest)));
    return { bundles: of('bundle'), policies: of('policy') };
  }
}
