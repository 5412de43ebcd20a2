import { Injectable } from '@nestjs/common';
import type { Definition, FleetDefinitions, FrozenItem, JsonObject } from '@flotilla/domain';
import { NO_DEFINITIONS, canonicalJson, digestJson, indexDefinitions } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { toBytes } from '../database/index.js';

/** Definitions before and after a revision. */
export interface DefinitionChange {
  readonly before: FleetDefinitions | undefined;
  readonly after: FleetDefinitions;
  readonly frozen: readonly FrozenItem[];
}

/** The definitions in force, one row each; only what changed is written. */
@Injectable()
export class DefinitionRepository {
  async save(tx: EntityManager, revision: number, { before, after, frozen }: DefinitionChange): Promise<void> {
    if (before !== after) await this.saveBodies(tx, revision, { before: before ?? NO_DEFINITIONS, after });
    await this.saveFrozen(tx, frozen);
  }

  private async saveBodies(
    tx: EntityManager,
    revision: number,
    change: Omit<DefinitionChange, 'frozen'>,
  ): Promise<void> {
    const [old, now] = [indexDefinitions(change.before ?? NO_DEFINITIONS), indexDefinitions(change.after)];
    const changed = [...now].filter(([key, item]) => differs(old.get(key), item));
    const gone = [...old].filter(([key]) => !now.has(key)).map(([, item]) => item);
    await this.upsert(
      tx,
      revision,
      changed.map(([, item]) => item),
    );
    if (gone.length === 0) return;
    await tx.query(
      `DELETE FROM definition d USING unnest($1::text[], $2::text[]) AS g(kind, name) WHERE d.kind = g.kind AND d.name = g.name`,
      [gone.map(({ kind }) => kind), gone.map(({ name }) => name)],
    );
  }

  private async upsert(tx: EntityManager, revision: number, items: readonly Definition[]): Promise<void> {
    if (items.length === 0) return;
    await tx.query(
      `INSERT INTO definition (kind, name, body, digest, file, line, revision)
       SELECT kind, name, body, digest, file, line, $7
       FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::bytea[], $5::text[], $6::int[]) AS d(kind, name, body, digest, file, line)
       ON CONFLICT (kind, name) DO UPDATE SET body = EXCLUDED.body, digest = EXCLUDED.digest, file = EXCLUDED.file,
         line = EXCLUDED.line, revision = EXCLUDED.revision`,
      [
        items.map(({ kind }) => kind),
        items.map(({ name }) => name),
        items.map((item) => JSON.stringify(item)),
        items.map((item) => toBytes(digestJson(item as unknown as JsonObject))),
        items.map(({ place }) => place.file),
        items.map(({ place }) => place.line),
        revision,
      ],
    );
  }

  private async saveFrozen(tx: EntityManager, frozen: readonly FrozenItem[]): Promise<void> {
    await tx.query(
      `WITH f AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS f(kind, name, because)),
       n AS (SELECT d.kind, d.name, COALESCE(f.because, '') AS because
             FROM definition d LEFT JOIN f ON f.kind = d.kind AND f.name = d.name)
       UPDATE definition d SET frozen_because = n.because,
         frozen_since = CASE WHEN n.because = '' THEN NULL ELSE COALESCE(d.frozen_since, now()) END
       FROM n WHERE n.kind = d.kind AND n.name = d.name AND n.because <> d.frozen_because`,
      [frozen.map(({ kind }) => kind), frozen.map(({ name }) => name), frozen.map(({ because }) => because)],
    );
  }
}

function differs(before: Definition | undefined, now: Definition): boolean {
  if (before === undefined || before === now) return before === undefined;
  return canonicalJson(before as unknown as JsonObject) !== canonicalJson(now as unknown as JsonObject);
}
