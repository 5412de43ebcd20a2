import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Role } from '@flotilla/domain';

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly usedAt: Date | null;
}

export interface NewApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly secretHash: Buffer;
  readonly createdBy: string;
  readonly expiresAt: Date | undefined;
}

const COLUMNS = `id, name, role, created_by AS "createdBy", created_at AS "createdAt", expires_at AS "expiresAt", used_at AS "usedAt"`;
const LIVE = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())';
const BOOTSTRAP_LOCK = 7_365_003;

/** Bearer tokens. Secrets are never stored: only their SHA-256. */
@Injectable()
export class ApiTokenRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async list(): Promise<ApiToken[]> {
    return this.dataSource.query(`SELECT ${COLUMNS} FROM api_token WHERE ${LIVE} ORDER BY created_at`);
  }

  async find(id: string): Promise<(ApiToken & { secretHash: Buffer }) | undefined> {
    const [row] = await this.dataSource.query<(ApiToken & { secretHash: Buffer })[]>(
      `SELECT ${COLUMNS}, secret_hash AS "secretHash" FROM api_token WHERE id = $1 AND ${LIVE}`,
      [id],
    );
    return row;
  }

  /** Whether there has ever been a token of that id, live or not. */
  async isKnown(id: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>('SELECT 1 FROM api_token WHERE id = $1', [id]);
    return rows.length > 0;
  }

  /** False when a live token has that name, or any that id. */
  async insert(token: NewApiToken): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `INSERT INTO api_token (id, name, role, secret_hash, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT DO NOTHING RETURNING id`,
      [token.id, token.name, token.role, token.secretHash, token.createdBy, token.expiresAt ?? null],
    );
    return rows.length > 0;
  }

  /** Stores the first token; false when there has ever been one. Safe for several hubs that start at once. */
  async insertFirst(token: NewApiToken): Promise<boolean> {
    return this.dataSource.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK]);
      const rows = await tx.query<unknown[]>(
        `INSERT INTO api_token (id, name, role, secret_hash, created_by)
         SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM api_token) RETURNING id`,
        [token.id, token.name, token.role, token.secretHash, token.createdBy],
      );
      return rows.length > 0;
    });
  }

  /** Forgets a first token that nobody could be told of. */
  async remove(id: string): Promise<void> {
    await this.dataSource.query('DELETE FROM api_token WHERE id = $1', [id]);
  }

  /** Whether a live token has this name or id. */
  async isTaken(idOrName: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      'SELECT 1 FROM api_token WHERE (id = $1 OR name = $1) AND revoked_at IS NULL',
      [idOrName],
    );
    return rows.length > 0;
  }

  /** False when there is no such live token. */
  async revoke(idOrName: string): Promise<boolean> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      'UPDATE api_token SET revoked_at = now() WHERE (id = $1 OR name = $1) AND revoked_at IS NULL RETURNING id',
      [idOrName],
    );
    return rows.length > 0;
  }

  async markUsed(ids: readonly string[]): Promise<void> {
    await this.dataSource.query('UPDATE api_token SET used_at = now() WHERE id = ANY ($1)', [ids]);
  }
}
