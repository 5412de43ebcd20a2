import { Inject, Injectable } from '@nestjs/common';
import type { Digest, JsonObject, ManifestEntry } from '@flotilla/domain';
import { canonicalJson } from '@flotilla/domain';
import type { BundleManifest, ObjectContent, PolicyText } from '@flotilla/protocol';
import { DataSource } from 'typeorm';
import { toBytes, toDigest } from '../database/index.js';
import { Sealer } from '../sealing/index.js';

/** Purpose under which the content of Secrets is sealed. */
const SEALED_CONTENT = 'object';

@Injectable()
export class ContentRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(Sealer) private readonly sealer: Sealer,
  ) {}

  async loadManifests(digests: readonly Digest[]): Promise<BundleManifest[]> {
    const rows = await this.dataSource.query<{ digest: Buffer; entries: ManifestEntry[] }[]>(
      'SELECT digest, entries FROM bundle WHERE digest = ANY ($1)',
      [digests.map(toBytes)],
    );
    return rows.map(({ digest, entries }) => ({ digest: toDigest(digest), entries }));
  }

  async loadPolicies(digests: readonly Digest[]): Promise<PolicyText[]> {
    const rows = await this.dataSource.query<{ digest: Buffer; body: JsonObject }[]>(
      'SELECT digest, body FROM policy WHERE digest = ANY ($1)',
      [digests.map(toBytes)],
    );
    return rows.map(({ digest, body }) => ({ digest: toDigest(digest), text: canonicalJson(body) }));
  }

  async loadContents(ids: readonly Digest[]): Promise<ObjectContent[]> {
    const rows = await this.dataSource.query<{ id: Buffer; secret: boolean; salt: string; body: Buffer }[]>(
      'SELECT id, secret, salt, body FROM object_content WHERE id = ANY ($1)',
      [ids.map(toBytes)],
    );
    return rows.map(({ id, secret, salt, body }) => {
      const text = secret ? this.sealer.open(SEALED_CONTENT, body) : body;
      return { id: toDigest(id), salt, text: text.toString('utf8') };
    });
  }

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
