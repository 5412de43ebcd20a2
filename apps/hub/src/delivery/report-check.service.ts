import { Inject, Injectable } from '@nestjs/common';
import type { Digest } from '@flotilla/domain';
import { Logger } from '../logging/index.js';
import { ReportsService } from '../reports/index.js';
import type { AgentSession } from './agent-session.js';
import { SessionRegistry } from './session-registry.service.js';

/** Clusters looked up by one statement. */
const BATCH = 200;

/**
 * Silence must be sameness: the hash over reports that comes with each heartbeat is compared with what is stored. Looked up
 * for many sessions at once, after changes only.
 */
@Injectable()
export class ReportCheck {
  private readonly due = new Map<AgentSession, Digest>();
  private running: Promise<void> | undefined;

  constructor(
    @Inject(ReportsService) private readonly reports: ReportsService,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  beat(session: AgentSession, hash: Digest): void {
    if (!session.beats.hear(hash)) return;
    this.due.set(session, hash);
    this.running ??= this.drain().finally(() => {
      this.running = undefined;
    });
  }

  private async drain(): Promise<void> {
    while (this.due.size > 0) {
      const batch = [...this.due].slice(0, BATCH);
      for (const [session] of batch) this.due.delete(session);
      try {
        await this.compare(batch);
      } catch (error) {
        this.log.warn({ err: error }, 'reports could not be compared; tried again with the next heartbeats');
      }
    }
  }

  private async compare(batch: readonly (readonly [AgentSession, Digest])[]): Promise<void> {
    const stored = await this.reports.hashes(batch.map(([{ clusterId }]) => clusterId));
    for (const [session, hash] of batch) {
      const found = stored.get(session.clusterId);
      if (found === undefined || !session.beats.settle(hash, found)) continue;
      if (this.sessions.get(session.clusterId) !== session) continue;
      this.log.warn({ cluster: session.clusterName }, 'reports of this cluster are missing: asked for all of them');
      session.outbox.put({
        $case: 'heartbeat',
        value: { monotonicMs: 0n, reportsHash: Buffer.alloc(0), reconnectMs: 0, sendReports: true, asked: undefined },
      });
    }
  }
}
