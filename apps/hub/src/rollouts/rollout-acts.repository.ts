import { Inject, Injectable } from '@nestjs/common';
import type { ActKind } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';

/** An act as it is stored. */
export interface StoredAct {
  readonly appId: number;
  readonly releaseId: number | undefined;
  readonly kind: ActKind;
  readonly wave: string | undefined;
  readonly clusterId: number | undefined;
  readonly actor: string;
  readonly reason: string;
  readonly requestId: string;
  readonly detail: Readonly<Record<string, string | number>>;
}

export interface AuditLine {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: 'done' | 'refused';
  readonly reason: string;
  readonly requestId: string;
  readonly detail: Readonly<Record<string, string | number>>;
}

/** Stores what people did, and what they were refused. */
@Injectable()
export class RolloutActsRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async loadApp(name: string): Promise<{ readonly id: number } | undefined> {
    const [app] = await this.dataSource.query<{ id: number }[]>('SELECT id FROM app WHERE name = $1', [name]);
    return app;
  }

  async loadClusterId(name: string): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ id: number }[]>(
      `SELECT id FROM cluster WHERE name = $1 AND state <> 'removed'`,
      [name],
    );
    return row?.id;
  }

  async loadReleaseId(appId: number, number: number): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      'SELECT id FROM release WHERE app = $1 AND number = $2',
      [appId, number],
    );
    return row && Number(row.id);
  }

  /** The act that a request id stands for already. */
  async loadRequest(requestId: string): Promise<{ readonly kind: ActKind; readonly app: number } | undefined> {
    const [row] = await this.dataSource.query<{ kind: ActKind; app: number }[]>(
      'SELECT kind, app FROM act WHERE request_id = $1',
      [requestId],
    );
    return row;
  }

  /** False when the request id has been stored meanwhile. */
  async saveAct(tx: EntityManager, act: StoredAct): Promise<boolean> {
    const { appId, releaseId, kind, wave, clusterId, actor, reason, requestId, detail } = act;
    const rows = await tx.query<unknown[]>(INSERT_ACT, [
      appId,
      releaseId ?? null,
      kind,
      wave ?? null,
      clusterId ?? null,
      actor,
      reason,
      requestId,
      JSON.stringify(detail),
    ]);
    return rows.length > 0;
  }

  /** Suspends or resumes an app on one cluster or on all; returns the clusters whose desired state rose. */
  async saveSuspension(
    tx: EntityManager,
    { appId, clusterId, reason }: StoredAct,
    until: number | null,
  ): Promise<number[]> {
    const rows = await tx.query<{ cluster: number }[]>(CONCERNED, [appId, clusterId ?? null]);
    const ids = rows.map(({ cluster }) => cluster);
    await tx.query('UPDATE cluster SET desired_number = desired_number + 1 WHERE id = ANY($1::int[])', [ids]);
    await tx.query(SUSPEND, [appId, ids, until, until === null ? '' : reason]);
    return ids;
  }

  async saveAudit(line: AuditLine, tx: EntityManager = this.dataSource.manager): Promise<void> {
    const { actor, action, subject, outcome, reason, requestId, detail } = line;
    await tx.query(INSERT_AUDIT, [actor, action, subject, outcome, reason, requestId, JSON.stringify(detail)]);
  }
}

const INSERT_ACT = `
  INSERT INTO act (app, release, kind, wave, cluster, actor, reason, request_id, detail)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (request_id) DO NOTHING RETURNING id`;

const CONCERNED = `
  SELECT c.id AS cluster FROM cluster c JOIN target t ON t.cluster = c.id
  WHERE t.app = $1 AND ($2::int IS NULL OR t.cluster = $2) ORDER BY c.id FOR UPDATE OF c`;

const SUSPEND = `
  UPDATE target t SET suspended_until = to_timestamp($3::float8 / 1000), suspended_reason = $4,
    allowed_generation = h.generation, allowed_number = c.desired_number
  FROM cluster c, hub_state h WHERE t.app = $1 AND t.cluster = ANY($2::int[]) AND c.id = t.cluster`;

const INSERT_AUDIT = `
  INSERT INTO audit (actor, action, subject, outcome, reason, request_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`;
