import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { HubConfig } from '../config/index.js';
import { clusterStateSql, targetStateSql } from '../web/index.js';
import type { Counts } from './counts.js';
import { countsByKey } from './counts.js';

export interface ClusterRow {
  readonly name: string;
  readonly state: string;
  readonly stateReason: string;
  readonly labels: Record<string, string>;
  readonly facts: Record<string, string>;
  readonly agentVersion: string | null;
  readonly joinedAt: Date | null;
  readonly lastSeenAt: Date | null;
  readonly lastReportAt: Date | null;
  readonly suspendedUntil: Date | null;
  readonly desiredVersion: string;
  readonly heldVersion: string;
  readonly rejected: JsonObject | null;
  readonly targets: Counts;
}

export interface ClusterFilter {
  readonly ids: readonly number[] | undefined;
  readonly names: readonly string[] | undefined;
  readonly state: string | undefined;
  readonly afterName: string | undefined;
  readonly limit: number;
}

@Injectable()
export class ClustersViewRepository {
  private readonly sql: string;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(HubConfig) config: HubConfig,
  ) {
    const { heartbeatMs } = config.settings;
    this.sql = `
      WITH page AS (
        SELECT * FROM (SELECT c.*, ${clusterStateSql(heartbeatMs)} AS shown FROM cluster c WHERE c.state <> 'removed') c
        WHERE ($1::int[] IS NULL OR id = ANY ($1)) AND ($2::text[] IS NULL OR name = ANY ($2))
          AND ($3::text IS NULL OR shown = $3) AND ($4::text IS NULL OR name > $4)
        ORDER BY name LIMIT $5),
      counts AS (${countsByKey(
        `SELECT t.cluster AS key, ${targetStateSql(heartbeatMs)} AS state FROM target t JOIN page c ON c.id = t.cluster`,
      )}),
      reported AS (SELECT t.cluster, max(t.reported_at) AS at FROM target t JOIN page p ON p.id = t.cluster GROUP BY 1)
      SELECT p.name, p.shown AS state, p.state_reason AS "stateReason", p.labels, p.facts, p.agent_version AS "agentVersion",
        p.joined_at AS "joinedAt",
        CASE WHEN p.session_id IS NOT NULL THEN greatest(p.last_seen_at, reported.at) ELSE p.last_seen_at END AS "lastSeenAt",
        reported.at AS "lastReportAt", p.suspended_until AS "suspendedUntil",
        (SELECT generation FROM hub_state) || '.' || p.desired_number AS "desiredVersion",
        p.held_generation || '.' || p.held_number AS "heldVersion", p.rejected, coalesce(counts.counts, '{}') AS targets
      FROM page p LEFT JOIN counts ON counts.key = p.id LEFT JOIN reported ON reported.cluster = p.id ORDER BY p.name`;
  }

  list(filter: ClusterFilter): Promise<ClusterRow[]> {
    const { ids, names, state, afterName, limit } = filter;
    return this.dataSource.query(this.sql, [ids ?? null, names ?? null, state ?? null, afterName ?? null, limit]);
  }
}
