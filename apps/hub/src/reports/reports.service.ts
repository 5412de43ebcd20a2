import { Inject, Injectable } from '@nestjs/common';
import type { Digest } from '@flotilla/domain';
import { HubEvents } from '../events/index.js';
import { describeReport } from './describe-report.js';
import type { ReceivedReport } from './received-report.js';
import type { StoredReport } from './report.repository.js';
import { ReportRepository } from './report.repository.js';

/** Targets saved by one statement at most. */
const MAX_BATCH = 500;

interface Waiting {
  readonly received: ReceivedReport;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Takes in what agents observed. The first report is saved at once; those that come while a batch is being saved wait
 * for the next one, so that a thousand agents cost as many commits as the database can do, and one agent waits for nothing.
 */
@Injectable()
export class ReportsService {
  private waiting: Waiting[] = [];
  private saving = false;

  constructor(
    @Inject(ReportRepository) private readonly reports: ReportRepository,
    @Inject(HubEvents) private readonly events: HubEvents,
  ) {}

  /** Resolves once the report is durable. @throws Error when the database could not take it: the agent sends it again. */
  save(received: ReceivedReport): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ received, resolve, reject });
      void this.drain();
    });
  }

  /** True when all that the hub has of a cluster is what the agent has: it counts for the new session without being sent. */
  async renew(clusterId: number, sessionId: string, hash: Digest): Promise<boolean> {
    const { known, appIds } = await this.reports.renew(clusterId, sessionId, hash);
    if (appIds.length > 0) this.events.emit('reportsStored', { clusterId, appIds });
    return known;
  }

  /** For each of these clusters the hash over its stored reports, as its agent makes it. */
  hashes(clusterIds: readonly number[]): Promise<Map<number, Digest>> {
    return this.reports.hashes(clusterIds);
  }

  private async drain(): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    while (this.waiting.length > 0) await this.saveBatch(this.takeBatch());
    this.saving = false;
  }

  /** One report per target: a later one of the same target waits for the next batch, so that the history keeps both. */
  private takeBatch(): Waiting[] {
    const batch = new Map<string, Waiting>();
    const later: Waiting[] = [];
    for (const one of this.waiting) {
      const key = `${one.received.clusterId} ${one.received.report.app}`;
      if (batch.size >= MAX_BATCH || batch.has(key)) later.push(one);
      else batch.set(key, one);
    }
    this.waiting = later;
    return [...batch.values()];
  }

  private async saveBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const stored = await this.reports.save(batch.map(({ received }) => received));
      for (const { resolve } of batch) resolve();
      this.tell(stored);
    } catch (error) {
      await this.saveEach(batch, error);
    }
  }

  /** One report that the database refuses must not cost those of other agents. */
  private async saveEach(batch: readonly Waiting[], error: unknown): Promise<void> {
    const [only, ...more] = batch;
    if (only && more.length === 0) return only.reject(error);
    for (const one of batch) await this.saveBatch([one]);
  }

  private tell(stored: readonly StoredReport[]): void {
    const byCluster = new Map<number, number[]>();
    for (const { clusterId, appId } of stored) {
      const appIds = byCluster.get(clusterId) ?? [];
      byCluster.set(clusterId, appIds);
      appIds.push(appId);
    }
    for (const [clusterId, appIds] of byCluster) this.events.emit('reportsStored', { clusterId, appIds });
    for (const one of stored) {
      const message = describeReport(one);
      if (message === undefined) continue;
      this.events.emit('changed', { kind: 'target', app: one.app, cluster: one.cluster, message });
    }
  }
}
