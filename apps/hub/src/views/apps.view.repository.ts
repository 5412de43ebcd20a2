import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HubConfig } from '../config/index.js';
import { OBSERVED_AT_SQL, targetStateSql } from '../web/index.js';
import type { Counts } from './counts.js';
import { countsByKey } from './counts.js';

export interface ReleaseSummary {
  readonly number: number;
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: string;
  readonly createdAt: string;
}

export interface AppRow {
  readonly name: string;
  readonly life: string;
  readonly namespace: string;
  readonly project: string;
  readonly strategy: string;
  readonly frozenSince: Date | null;
  readonly frozenBecause: string;
  readonly release: ReleaseSummary | null;
  readonly rollout: { readonly release: number; readonly state: string; readonly startedAt: string } | null;
  readonly lastReportAt: Date | null;
  readonly observedAt: Date | null;
  readonly targets: Counts;
}

export interface AppFilter {
  readonly names: readonly string[] | undefined;
  readonly clusterIds: readonly number[] | undefined;
  readonly afterName: string | undefined;
  readonly limit: number;
}

/** SQL of a moment inside a JSON object, printed as all others are: Postgres' own way has another form. */
function momentJson(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** SQL of a release as a JSON object. */
export function releaseJson(alias: string): string {
  return `jsonb_build_object('number', ${alias}.number, 'commit', ${alias}.commit, 'author', ${alias}.author,
    'subject', ${alias}.subject, 'committedAt', ${momentJson(`${alias}.committed_at`)},
    'createdAt', ${momentJson(`${alias}.created_at`)})`;
}

@Injectable()
export class AppsViewRepository {
  private readonly sql: string;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(HubConfig) config: HubConfig,
  ) {
    const state = targetStateSql(config.settings.heartbeatMs);
    this.sql = `
      WITH page AS (
        SELECT * FROM app a
        WHERE life <> 'gone' AND ($1::text[] IS NULL OR name = ANY ($1)) AND ($2::text IS NULL OR name > $2)
          AND ($4::int[] IS NULL OR EXISTS (SELECT FROM target x WHERE x.app = a.id AND x.cluster = ANY ($4)))
        ORDER BY name LIMIT $3),
      counts AS (${countsByKey(
        `SELECT t.app AS key, ${state} AS state FROM target t JOIN page p ON p.id = t.app JOIN cluster c ON c.id = t.cluster
         WHERE $4::int[] IS NULL OR t.cluster = ANY ($4)`,
      )}),
      reported AS (SELECT t.app, max(t.reported_at) AS at, min(${OBSERVED_AT_SQL}) AS observed
        FROM target t JOIN page p ON p.id = t.app JOIN cluster c ON c.id = t.cluster
        WHERE $4::int[] IS NULL OR t.cluster = ANY ($4) GROUP BY 1)
      SELECT p.name, p.life, p.namespace, p.project, p.strategy, p.frozen_since AS "frozenSince",
        p.frozen_because AS "frozenBecause",
        CASE WHEN r.id IS NULL THEN NULL ELSE ${releaseJson('r')} END AS release,
        CASE WHEN o.id IS NULL THEN NULL
          ELSE jsonb_build_object('release', orl.number, 'state', o.state, 'startedAt', ${momentJson('o.started_at')}) END AS rollout,
        reported.at AS "lastReportAt", reported.observed AS "observedAt", coalesce(counts.counts, '{}') AS targets
      FROM page p LEFT JOIN release r ON r.id = p.newest_release
        LEFT JOIN LATERAL (SELECT * FROM rollout WHERE app = p.id ORDER BY id DESC LIMIT 1) o ON true
        LEFT JOIN release orl ON orl.id = o.release
        LEFT JOIN counts ON counts.key = p.id LEFT JOIN reported ON reported.app = p.id
      ORDER BY p.name`;
  }

  list({ names, clusterIds, afterName, limit }: AppFilter): Promise<AppRow[]> {
    return this.dataSource.query(this.sql, [names ?? null, afterName ?? null, limit, clusterIds ?? null]);
  }
}
