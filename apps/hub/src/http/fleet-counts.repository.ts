import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HubConfig } from '../config/index.js';
import type { TargetState } from '../web/index.js';
import { clusterStateSql, targetStateSql } from '../web/index.js';

export interface Count<S extends string = string> {
  readonly state: S;
  readonly count: number;
}

export interface AppCounts {
  readonly app: string;
  readonly counts: readonly Count<TargetState>[];
}

/** Counts over the whole fleet. */
@Injectable()
export class FleetCountsRepository {
  private readonly clusterState: string;
  private readonly targetState: string;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(HubConfig) config: HubConfig,
  ) {
    this.clusterState = clusterStateSql(config.settings.heartbeatMs);
    this.targetState = targetStateSql(config.settings.heartbeatMs);
  }

  clusters(): Promise<Count[]> {
    return this.dataSource.query(
      `SELECT ${this.clusterState} AS state, count(*)::int AS count FROM cluster c WHERE c.state <> 'removed' GROUP BY 1 ORDER BY 1`,
    );
  }

  targets(): Promise<Count<TargetState>[]> {
    return this.dataSource.query(
      `SELECT ${this.targetState} AS state, count(*)::int AS count FROM target t JOIN cluster c ON c.id = t.cluster GROUP BY 1 ORDER BY 1`,
    );
  }

  async problems(): Promise<Count[]> {
    return this.dataSource.query('SELECT severity AS state, count(*)::int AS count FROM problem GROUP BY 1');
  }

  async rollouts(): Promise<Count[]> {
    return this.dataSource.query(`SELECT state, count(*)::int AS count FROM rollout WHERE ended_at IS NULL GROUP BY 1`);
  }

  async mode(): Promise<{ mode: string; reason: string | null; since: Date | null }> {
    const [row] = await this.dataSource.query<{ mode: string; reason: string | null; since: Date | null }[]>(
      'SELECT mode, mode_reason AS reason, mode_since AS since FROM hub_state',
    );
    return row ?? { mode: 'normal', reason: null, since: null };
  }
}
