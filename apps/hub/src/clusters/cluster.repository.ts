import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { LeaderService } from '../database/index.js';
import type { ClusterState } from './judge-identity.js';
import type { NewJoinToken } from './join-token.js';

export interface ClusterRow {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly state: ClusterState;
  readonly stateReason: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentVersion: string | null;
  readonly sessionId: string | null;
  readonly lastSeenAt: Date | null;
  readonly suspendedUntil: Date | null;
  readonly joinedAt: Date | null;
}

export interface JoinTokenOrder {
  readonly clusterName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly purpose: 'join' | 'rejoin';
  readonly clusterId: number | null;
  readonly createdBy: string;
  readonly lifeMs: number;
}

/** A join token without its secret. */
export interface JoinTokenRow {
  readonly id: string;
  readonly cluster: string;
  readonly purpose: 'join' | 'rejoin';
  readonly state: 'waiting' | 'used' | 'expired' | 'revoked';
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** How a cluster goes: its objects deleted, left unowned, or the cluster no longer there to ask. */
export type RemovalMode = 'prune' | 'orphan' | 'gone';

const COLUMNS = `id, uid, name, state, state_reason AS "stateReason", labels, agent_version AS "agentVersion", session_id AS "sessionId",
  last_seen_at AS "lastSeenAt", suspended_until AS "suspendedUntil", joined_at AS "joinedAt"`;

@Injectable()
export class ClusterRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  list(): Promise<ClusterRow[]> {
    return this.dataSource.query(`SELECT ${COLUMNS} FROM cluster WHERE state <> 'removed' ORDER BY name`);
  }

  async find(name: string): Promise<ClusterRow | undefined> {
    const [row] = await this.dataSource.query<ClusterRow[]>(
      `SELECT ${COLUMNS} FROM cluster WHERE name = $1 AND state <> 'removed'`,
      [name],
    );
    return row;
  }

  async saveToken(token: NewJoinToken, order: JoinTokenOrder): Promise<Date> {
    const [row] = await this.dataSource.query<{ expiresAt: Date }[]>(
      `INSERT INTO join_token (id, secret_hash, cluster_name, labels, purpose, cluster, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond') RETURNING expires_at AS "expiresAt"`,
      [
        token.id,
        token.secretHash,
        order.clusterName,
        order.labels,
        order.purpose,
        order.clusterId,
        order.createdBy,
        order.lifeMs,
      ],
    );
    if (!row) throw new Error('the join token was not stored');
    return row.expiresAt;
  }

  /** Tokens that may still be used, and those used or revoked within a day; newest first. */
  joinTokens(): Promise<JoinTokenRow[]> {
    return this.dataSource.query(
      `SELECT id, cluster_name AS cluster, purpose, created_by AS "createdBy", created_at AS "createdAt", expires_at AS "expiresAt",
         CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN used_at IS NOT NULL THEN 'used'
           WHEN expires_at < now() THEN 'expired' ELSE 'waiting' END AS state
       FROM join_token WHERE expires_at > now() - interval '1 day' ORDER BY created_at DESC, id`,
    );
  }

  /** The cluster's name; undefined when there is no such token that could still be used. */
  async revokeJoinToken(id: string): Promise<string | undefined> {
    const [rows] = await this.dataSource.query<[{ name: string }[], number]>(
      `UPDATE join_token SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()
       RETURNING cluster_name AS name`,
      [id],
    );
    return rows[0]?.name;
  }

  /** Without access from now on: certificates revoked, tokens dead. */
  async withdraw(id: number, state: 'quarantined' | 'removed', reason: string): Promise<void> {
    await this.leader.decide((tx) => withdraw(tx, id, { state, reason }));
  }

  /** @returns the end of the suspension by the database's clock; undefined when it was lifted. */
  async setSuspension(id: number, forMs: number, reason: string): Promise<Date | undefined> {
    return this.leader.decide(async (tx) => {
      const [rows] = await tx.query<[{ until: Date | null }[], number]>(
        `UPDATE cluster SET desired_number = desired_number + 1, suspended_reason = $3,
           suspended_until = CASE WHEN $2 > 0 THEN now() + $2 * interval '1 millisecond' END
         WHERE id = $1 RETURNING suspended_until AS until`,
        [id, forMs, reason],
      );
      return rows[0]?.until ?? undefined;
    });
  }

  /** What it joined with, changed; which labels it has then follows from its `Cluster` document too. */
  async saveJoinLabels(
    id: number,
    change: (labels: ClusterRow['labels']) => Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.leader.decide(async (tx) => {
      const [row] = await tx.query<{ labels: Record<string, string> }[]>(
        'SELECT join_labels AS labels FROM cluster WHERE id = $1 FOR UPDATE',
        [id],
      );
      await tx.query('UPDATE cluster SET join_labels = $2 WHERE id = $1', [id, change(row?.labels ?? {})]);
    });
  }

  /** From now on its targets leave as `mode` says: rollouts see to that. */
  async startRemoval(id: number, mode: 'prune' | 'orphan'): Promise<void> {
    await this.leader.decide((tx) =>
      tx.query(`UPDATE cluster SET state = 'removing', state_reason = $2 WHERE id = $1`, [id, mode]),
    );
  }

  /** Removes the clusters whose agents have finished what `startRemoval` asked for; tells which have not. */
  async finishRemovals(): Promise<{ done: Pick<ClusterRow, 'id' | 'name'>[]; waiting: number[] }> {
    return this.leader.decide(async (tx) => {
      const rows = await tx.query<{ id: number; name: string; targets: boolean }[]>(
        `SELECT id, name, EXISTS (SELECT 1 FROM target t WHERE t.cluster = c.id) AS targets FROM cluster c WHERE state = 'removing'`,
      );
      const done = rows.filter(({ targets }) => !targets);
      for (const { id } of done) await withdraw(tx, id, { state: 'removed', reason: '' });
      return { done, waiting: rows.filter(({ targets }) => targets).map(({ id }) => id) };
    });
  }
}

async function withdraw(
  tx: EntityManager,
  id: number,
  { state, reason }: { state: 'quarantined' | 'removed'; reason: string },
): Promise<void> {
  await tx.query(`UPDATE certificate SET state = 'revoked' WHERE cluster = $1 AND state <> 'revoked'`, [id]);
  await tx.query(`UPDATE join_token SET revoked_at = now() WHERE cluster = $1 AND revoked_at IS NULL`, [id]);
  if (state === 'removed') await tx.query(`DELETE FROM target WHERE cluster = $1`, [id]);
  await tx.query(
    `UPDATE cluster SET state = $2, state_reason = $3, session_id = NULL, ended_session_id = coalesce(session_id, ended_session_id),
       removed_at = CASE WHEN $2 = 'removed' THEN now() END WHERE id = $1`,
    [id, state, reason],
  );
}
