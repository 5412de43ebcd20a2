import { Inject, Injectable } from '@nestjs/common';
import type { Bundle, Digest, JsonObject, ManifestEntry, ObjectContent, Policy } from '@flotilla/domain';
import { RecentMap, canonicalJson } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { toBytes, toDigest } from '../database/index.js';
import { Sealer } from '../sealing/index.js';

const SEALED_AS = 'object content';

/** A policy as agents get it: its canonical text is what its digest names. */
export interface PolicyText {
  readonly digest: Digest;
  readonly text: string;
}

/** Bundles, policies and objects, each stored once by digest. Content of Secrets rests sealed with the hub key. */
@Injectable()
export class ContentRepository {
  /** Digests that are known to be stored; saves asking for them. */
  private readonly stored = new RecentMap<true>(200_000);

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(Sealer) private readonly sealer: Sealer,
  ) {}

  /** Manifests by bundle digest; those that are not there are left out. */
  async loadManifests(bundles: readonly Digest[]): Promise<Map<Digest, readonly ManifestEntry[]>> {
    const rows = await this.dataSource.query<{ digest: Buffer; entries: ManifestEntry[] }[]>(
      'SELECT digest, entries FROM bundle WHERE digest = ANY($1)',
      [bundles.map(toBytes)],
    );
    return new Map(rows.map(({ digest, entries }) => [toDigest(digest), entries]));
  }

  async loadPolicies(policies: readonly Digest[]): Promise<PolicyText[]> {
    const rows = await this.dataSource.query<{ digest: Buffer; body: JsonObject }[]>(
      'SELECT digest, body FROM policy WHERE digest = ANY($1)',
      [policies.map(toBytes)],
    );
    return rows.map(({ digest, body }) => ({ digest: toDigest(digest), text: canonicalJson(body) }));
  }

  /** Objects by id, opened; those that are not there are left out. */
  async loadContents(ids: readonly Digest[]): Promise<ObjectContent[]> {
    const rows = await this.dataSource.query<{ id: Buffer; secret: boolean; body: Buffer }[]>(
      'SELECT id, secret, body FROM object_content WHERE id = ANY($1)',
      [ids.map(toBytes)],
    );
    return rows.map(({ id, secret, body }) => this.open(toDigest(id), secret, body));
  }

  /** Stores what is not stored yet, in three statements at most. */
  async save(
    tx: EntityManager,
    bundles: Iterable<Bundle>,
    policies: Iterable<readonly [Digest, Policy]>,
  ): Promise<void> {
    const fresh = [...bundles].filter(({ digest }) => !this.stored.get(digest));
    await this.saveContents(tx, fresh);
    await this.saveBundles(tx, fresh);
    await this.savePolicies(
      tx,
      [...policies].filter(([digest]) => !this.stored.get(digest)),
    );
  }

  /** To be called when the transaction is through: before that nothing is known to be stored. */
  remember(digests: Iterable<Digest>): void {
    for (const digest of digests) this.stored.set(digest, true);
  }

  /** To be called when something may have been deleted. */
  forget(): void {
    this.stored.clear();
  }

  private async saveContents(tx: EntityManager, bundles: readonly Bundle[]): Promise<void> {
    const byId = new Map(bundles.flatMap(({ contents }) => contents.map((content) => [content.id, content] as const)));
    const contents = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (contents.length === 0) return;
    await tx.query(
      `INSERT INTO object_content (id, secret, body, bytes)
       SELECT * FROM unnest($1::bytea[], $2::boolean[], $3::bytea[], $4::int[]) ON CONFLICT DO NOTHING`,
      [
        contents.map(({ id }) => toBytes(id)),
        contents.map(({ secret }) => secret),
        contents.map((content) => this.seal(content)),
        contents.map(({ text }) => Buffer.byteLength(text)),
      ],
    );
  }

  private async saveBundles(tx: EntityManager, bundles: readonly Bundle[]): Promise<void> {
    if (bundles.length === 0) return;
    const sorted = [...bundles].sort((a, b) => (a.digest < b.digest ? -1 : 1));
    await tx.query(
      `INSERT INTO bundle (digest, entries, objects)
       SELECT * FROM unnest($1::bytea[], $2::jsonb[], $3::int[]) ON CONFLICT DO NOTHING`,
      [
        sorted.map(({ digest }) => toBytes(digest)),
        sorted.map(({ entries }) => JSON.stringify(entries)),
        sorted.map(({ entries }) => entries.length),
      ],
    );
  }

  private async savePolicies(tx: EntityManager, policies: readonly (readonly [Digest, Policy])[]): Promise<void> {
    if (policies.length === 0) return;
    const sorted = [...new Map(policies)].sort(([a], [b]) => (a < b ? -1 : 1));
    await tx.query(
      `INSERT INTO policy (digest, body) SELECT * FROM unnest($1::bytea[], $2::jsonb[]) ON CONFLICT DO NOTHING`,
      [sorted.map(([digest]) => toBytes(digest)), sorted.map(([, policy]) => JSON.stringify(policy))],
    );
  }

  /** The salt of a Secret's id is sealed with it: with id and salt, likely values could be tried. */
  private seal({ text, secret, salt }: ObjectContent): Buffer {
    return secret ? this.sealer.seal(SEALED_AS, Buffer.from(`${salt}\n${text}`)) : Buffer.from(text);
  }

  private open(id: Digest, secret: boolean, body: Buffer): ObjectContent {
    if (!secret) return { id, secret, salt: '', text: body.toString('utf8') };
    const opened = this.sealer.open(SEALED_AS, body).toString('utf8');
    const end = opened.indexOf('\n');
    return { id, secret, salt: opened.slice(0, end), text: opened.slice(end + 1) };
  }
}
