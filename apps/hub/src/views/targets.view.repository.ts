import { Inject, Injectable } from '@nestjs/common';
import type { DriftEntry, ObjectProblem, ObjectRef, ObservedPlan } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { HubConfig } from '../config/index.js';
import type { TargetState } from '../web/index.js';
import { OBSERVED_AT_SQL, targetStateSql } from '../web/index.js';

export interface TargetRow {
  readonly app: string;
  readonly cluster: string;
  readonly labels: Record<string, string>;
  readonly state: TargetState;
  readonly health: string;
  readonly phase: string | null;
  readonly matchedBy: string;
  readonly life: string;
  readonly lifeBecause: string;
  readonly desiredRelease: number | null;
  readonly allowedRelease: number | null;
  readonly allowedAt: Date | null;
  readonly appliedRelease: number | null;
  readonly appliedAt: Date | null;
  readonly healthAt: Date | null;
  readonly reportedAt: Date | null;
  readonly observedAt: Date | null;
  readonly objects: number;
  readonly objectsReady: number;
  readonly drifted: number;
  readonly problems: ObjectProblem[];
  readonly drifts: DriftEntry[];
  readonly plan: ObservedPlan | null;
  readonly deletions: ObjectRef[];
  readonly bundle: string | null;
}

export interface TargetFilter {
  readonly app?: string | undefined;
  readonly cluster?: string | undefined;
  readonly clusterIds?: readonly number[] | undefined;
  readonly states?: readonly string[] | undefined;
  readonly after?: readonly [app: string, cluster: string] | undefined;
  readonly limit: number;
}

@Injectable()
export class TargetsViewRepository {
  private readonly sql: string;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(HubConfig) config: HubConfig,
  ) {
    this.sql = `
      SELECT app, cluster, labels, state, CASE WHEN state = 'unknown' THEN 'unknown' ELSE coalesce(health, 'unknown') END AS health,
        phase, matched_by AS "matchedBy", life, life_because AS "lifeBecause", dr AS "desiredRelease", ar AS "allowedRelease",
        allowed_at AS "allowedAt", pr AS "appliedRelease", applied_at AS "appliedAt", health_at AS "healthAt",
        reported_at AS "reportedAt", observed_at AS "observedAt", objects, objects_ready AS "objectsReady", drifted, problems, drifts, plan, deletions,
        substr(encode(applied_bundle, 'hex'), 1, 7) AS bundle
      FROM (
        SELECT a.name AS app, c.name AS cluster, c.labels, ${targetStateSql(config.settings.heartbeatMs)} AS state,
          t.health, t.phase, t.matched_by, t.life, t.life_because, t.allowed_at, t.applied_at, t.health_at, t.reported_at,
          ${OBSERVED_AT_SQL} AS observed_at,
          t.objects, t.objects_ready, t.drifted, t.problems, t.drifts, t.plan, t.deletions, t.applied_bundle,
          d.number AS dr, al.number AS ar, p.number AS pr
        FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster
          LEFT JOIN release d ON d.id = t.desired_release LEFT JOIN release al ON al.id = t.allowed_release
          LEFT JOIN release p ON p.id = t.applied_release
        WHERE ($1::text IS NULL OR a.name = $1) AND ($2::text IS NULL OR c.name = $2)
          AND ($3::int[] IS NULL OR c.id = ANY ($3))
          AND ($5::text IS NULL OR (a.name, c.name) > ($5, $6::text))
      ) t WHERE $4::text[] IS NULL OR state = ANY ($4)
      ORDER BY app, cluster LIMIT $7`;
  }

  list(filter: TargetFilter): Promise<TargetRow[]> {
    const { app, cluster, clusterIds, states, after, limit } = filter;
    const [afterApp, afterCluster] = after ?? [];
    return this.dataSource.query(this.sql, [
      app ?? null,
      cluster ?? null,
      clusterIds ?? null,
      states ?? null,
      afterApp ?? null,
      afterCluster ?? null,
      limit,
    ]);
  }
}
