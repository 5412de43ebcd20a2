import { Inject, Injectable } from '@nestjs/common';
import type { Digest, ReportState } from '@flotilla/domain';
import { reportsHash } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { toDigest } from '../database/index.js';
import { DriftHistoryRepository } from './drift-history.repository.js';
import type { ReceivedReport } from './received-report.js';
import { SAVE_REPORTS, reportColumns } from './save-reports.sql.js';

/** What one report changed. Facts are null where they stayed as they were. */
export interface StoredReport {
  readonly clusterId: number;
  readonly appId: number;
  readonly app: string;
  readonly cluster: string;
  /** Number of the release that is applied now; null when nothing new is. */
  readonly applied: number | null;
  readonly health: string | null;
  readonly drifted: number | null;
}

/** Renewed by hash: nothing was sent, everything still stands. */
export interface Renewal {
  readonly known: boolean;
  readonly appIds: readonly number[];
}

@Injectable()
export class ReportRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(DriftHistoryRepository) private readonly drifts: DriftHistoryRepository,
  ) {}

  /**
   * Saves reports, each of another target, in one statement, and what became of their drifts with them. Reports of a session
   * that is not the cluster's present one, and of targets that are not there, change nothing and are not returned.
   */
  save(reports: readonly ReceivedReport[]): Promise<StoredReport[]> {
    if (!reports.some(hasHistory)) return this.dataSource.query<StoredReport[]>(SAVE_REPORTS, reportColumns(reports));
    return this.dataSource.transaction((tx) => this.saveWithDrifts(tx, reports));
  }

  private async saveWithDrifts(tx: EntityManager, reports: readonly ReceivedReport[]): Promise<StoredReport[]> {
    const stored = await tx.query<StoredReport[]>(SAVE_REPORTS, reportColumns(reports));
    const targets = new Map(stored.map((one) => [`${one.clusterId} ${one.app}`, one]));
    for (const received of reports.filter(hasHistory)) {
      const { clusterId, report } = received;
      const target = targets.get(`${clusterId} ${report.app}`);
      if (target === undefined || target.drifted === null) continue;
      await this.drifts.save(tx, { appId: target.appId, clusterId, report }, Date.now());
    }
    return stored;
  }

  async hashes(clusterIds: readonly number[]): Promise<Map<number, Digest>> {
    const rows = await this.dataSource.query<{ cluster: number; name: string; digest: Buffer }[]>(
      `SELECT t.cluster, a.name, t.report_digest AS digest FROM target t JOIN app a ON a.id = t.app
       WHERE t.cluster = ANY ($1) AND t.report_digest IS NOT NULL`,
      [clusterIds],
    );
    const states = new Map<number, ReportState[]>(clusterIds.map((id) => [id, []]));
    for (const { cluster, name, digest } of rows) states.get(cluster)?.push({ app: name, digest: toDigest(digest) });
    return new Map([...states].map(([id, reports]) => [id, reportsHash(reports)]));
  }

  /** Lets all reports of a cluster count for a new session when the agent's hash over them is the same. */
  async renew(clusterId: number, sessionId: string, hash: Digest): Promise<Renewal> {
    return this.dataSource.transaction(async (tx) => {
      const rows = await tx.query<{ id: number; name: string; digest: Buffer }[]>(
        `SELECT a.id, a.name, t.report_digest AS digest FROM target t JOIN app a ON a.id = t.app
         WHERE t.cluster = $1 AND t.report_digest IS NOT NULL ORDER BY a.id FOR UPDATE OF t`,
        [clusterId],
      );
      const states: ReportState[] = rows.map(({ name, digest }) => ({ app: name, digest: toDigest(digest) }));
      if (reportsHash(states) !== hash) return { known: false, appIds: [] };
      await tx.query(`UPDATE target SET session_id = $2 WHERE cluster = $1 AND report_digest IS NOT NULL`, [
        clusterId,
        sessionId,
      ]);
      return { known: true, appIds: rows.map(({ id }) => id) };
    });
  }
}

/** What an observed app differs in is a plan, not a drift. */
function hasHistory({ report }: ReceivedReport): boolean {
  return report.drifts.length > 0 && report.phase !== 'observed';
}
