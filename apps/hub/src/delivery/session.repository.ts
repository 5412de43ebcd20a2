import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject, Version } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { LeaderService } from '../database/index.js';
import type { HeldVersion } from './held-versions.service.js';

export interface OpenedSession {
  readonly clusterId: number;
  readonly sessionId: string;
  readonly agentVersion: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly held: Version;
}

/** Sessions as the rest of the hub sees them: columns of the cluster's row. */
@Injectable()
export class SessionRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  /** Clusters that may connect. */
  async countClusters(): Promise<number> {
    const [row] = await this.dataSource.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM cluster WHERE state <> 'removed'`,
    );
    return row?.n ?? 0;
  }

  /** By cluster: the apps whose removal a person is asked about. */
  async loadAsked(): Promise<ReadonlyMap<number, readonly string[]>> {
    const rows = await this.dataSource.query<{ cluster: number; apps: string[] }[]>(
      `SELECT t.cluster, array_agg(a.name ORDER BY a.name) AS apps FROM target t JOIN app a ON a.id = t.app
       WHERE t.life = 'asked' GROUP BY t.cluster`,
    );
    return new Map(rows.map(({ cluster, apps }) => [cluster, apps]));
  }

  /** @returns false when the hub was in time travel already. */
  async freeze(reason: string): Promise<boolean> {
    return this.leader.decide(async (tx) => {
      const [, count] = await tx.query<[unknown[], number]>(
        `UPDATE hub_state SET mode = 'timeTravel', mode_reason = $1, mode_since = now() WHERE mode = 'normal'`,
        [reason],
      );
      return count > 0;
    });
  }

  /** @returns the facts stated before. */
  async open(session: OpenedSession): Promise<JsonObject> {
    const [rows] = await this.dataSource.query<[{ before: JsonObject }[], number]>(
      `UPDATE cluster c SET session_id = $2, session_at = now(), last_seen_at = now(), agent_version = $3, facts = $4,
         held_generation = $5, held_number = $6
       FROM (SELECT id, facts AS before FROM cluster WHERE id = $1 FOR UPDATE) o WHERE c.id = o.id RETURNING o.before`,
      [
        session.clusterId,
        session.sessionId,
        session.agentVersion,
        session.facts,
        session.held.generation,
        session.held.number,
      ],
    );
    return rows[0]?.before ?? {};
  }

  async close(clusterId: number, sessionId: string, silentForMs: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE cluster SET session_id = NULL, ended_session_id = session_id, last_seen_at = now() - $3 * interval '1 millisecond'
       WHERE id = $1 AND session_id = $2`,
      [clusterId, sessionId, silentForMs],
    );
  }

  /** Sessions of a hub that is gone: a new leader knows of none. */
  async closeAll(): Promise<void> {
    await this.leader.decide((tx) =>
      tx.query(`UPDATE cluster SET session_id = NULL, ended_session_id = session_id WHERE session_id IS NOT NULL`),
    );
  }

  /**
   * Rows are locked in the order that everybody takes, so that batches never wait for each other in a circle. A time that lies
   * in the future, since the clock was set back, is replaced as well.
   */
  async saveSeen(
    seen: readonly { readonly clusterId: number; readonly id: string; readonly silentForMs: number }[],
  ): Promise<void> {
    await this.dataSource.query(
      `WITH s AS (
         SELECT s.* FROM unnest($1::int[], $2::text[], $3::float8[]) AS s(id, session, silent) JOIN cluster c USING (id)
         ORDER BY id FOR UPDATE OF c
       )
       UPDATE cluster c SET last_seen_at = now() - s.silent * interval '1 millisecond'
       FROM s WHERE c.id = s.id AND c.session_id = s.session`,
      [seen.map(({ clusterId }) => clusterId), seen.map(({ id }) => id), seen.map(({ silentForMs }) => silentForMs)],
    );
  }

  async saveHeld(held: readonly HeldVersion[]): Promise<void> {
    await this.dataSource.query(
      `WITH h AS (
         SELECT h.* FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS h(id, generation, number)
           JOIN cluster c USING (id) ORDER BY id FOR UPDATE OF c
       )
       UPDATE cluster c SET held_generation = h.generation, held_number = h.number, rejected = NULL
       FROM h WHERE c.id = h.id AND (c.held_generation, c.held_number) <= (h.generation, h.number)`,
      [
        held.map(({ clusterId }) => clusterId),
        held.map(({ version }) => version.generation),
        held.map(({ version }) => version.number),
      ],
    );
  }

  async saveRejected(clusterId: number, rejected: JsonObject): Promise<void> {
    await this.dataSource.query(`UPDATE cluster SET rejected = $2 WHERE id = $1`, [clusterId, rejected]);
  }
}
