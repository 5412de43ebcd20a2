import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '@flotilla/domain';
import { boundReport } from '@flotilla/domain';
import type { wire } from '@flotilla/protocol';
import {
  MAX_REPORT_BYTES,
  MAX_UNSTORED_REPORTS,
  fromWireDigest,
  fromWireDigestOrNone,
  fromWireReport,
  fromWireVersion,
} from '@flotilla/protocol';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import { ReportsService } from '../reports/index.js';
import type { AgentSession } from './agent-session.js';
import { HeldVersions } from './held-versions.service.js';
import { Publisher } from './publisher.service.js';
import { AskedApps } from './asked-apps.service.js';
import { ReconnectWindow } from './reconnect-window.service.js';
import { ReportCheck } from './report-check.service.js';
import { RateLimit } from './rate-limit.js';
import { SessionRepository } from './session.repository.js';
import { StoredSequence } from './stored-sequence.js';

/** Messages of one agent; beyond this it is read more slowly, and gRPC's flow control holds it back. */
const MESSAGES = { burst: 2_000, perSecond: 500 };
const PAUSE_MS = 50;

type Message = NonNullable<wire.ConnectRequest['message']>;

/** Handles what an agent says during its session, in order, reading no faster than reports can be stored. */
@Injectable()
export class SessionServer {
  private readonly rates = new RateLimit(MESSAGES);

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(ReportsService) private readonly reports: ReportsService,
    @Inject(HeldVersions) private readonly held: HeldVersions,
    @Inject(Publisher) private readonly publisher: Publisher,
    @Inject(ReportCheck) private readonly check: ReportCheck,
    @Inject(ReconnectWindow) private readonly window: ReconnectWindow,
    @Inject(AskedApps) private readonly asked: AskedApps,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  /** Ends when the stream does. @throws Fault badInput for a malformed message. */
  async serve(session: AgentSession, messages: AsyncIterator<wire.ConnectRequest>): Promise<void> {
    const stored = new StoredSequence(MAX_UNSTORED_REPORTS, (sequence) =>
      session.outbox.put({ $case: 'reportStored', value: { sequence } }),
    );
    for (let next = await messages.next(); !next.done; next = await messages.next()) {
      session.hear();
      while (!this.rates.take(session.id)) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (next.value.message && session.live) await this.handle(session, next.value.message, stored);
    }
  }

  private async handle(session: AgentSession, message: Message, stored: StoredSequence): Promise<void> {
    switch (message.$case) {
      case 'accepted':
        return this.accept(session, message.value);
      case 'rejected':
        return this.reject(session, message.value);
      case 'report':
        return this.report(session, message.value, stored);
      case 'removed':
        return this.events.emit('targetRemoved', { app: message.value.app, clusterId: session.clusterId });
      case 'heartbeat':
        return this.beat(session, message.value);
      case 'hello':
        return session.close('protocol', 'Hello is said once');
    }
  }

  private beat(session: AgentSession, { reportsHash: heard }: wire.Heartbeat): void {
    const hash = fromWireDigestOrNone(heard);
    if (hash !== undefined) this.check.beat(session, hash);
    const monotonicMs = BigInt(Math.round(performance.now()));
    const apps = this.asked.of(session.clusterId);
    const value = {
      monotonicMs,
      reportsHash: Buffer.alloc(0),
      reconnectMs: this.window.ms,
      sendReports: false,
      asked: apps && { apps: [...apps] },
    };
    session.outbox.put({ $case: 'heartbeat', value });
  }

  private accept(session: AgentSession, accepted: wire.Accepted): void {
    const { offer } = session;
    if (!offer || fromWireDigest(accepted.hash) !== offer.state.hash) return;
    session.held = offer.state;
    session.rejectedHash = undefined;
    this.settle(session);
    this.held.note({ clusterId: session.clusterId, version: offer.state.version });
  }

  private async reject(session: AgentSession, rejected: wire.Rejected): Promise<void> {
    const { offer } = session;
    const version = fromWireVersion(rejected.version);
    if (!offer || version.number !== offer.state.version.number) return;
    const problems = rejected.problems.slice(0, 20).map(({ code, message, field }) => ({ code, message, field }));
    session.rejectedHash = offer.state.hash;
    this.settle(session);
    this.log.warn({ cluster: session.clusterName, version, problems }, 'the agent rejected its desired state');
    const body = { version: { ...version }, problems, at: new Date().toISOString() } satisfies JsonObject;
    await this.repository.saveRejected(session.clusterId, body);
    this.events.emit('changed', {
      kind: 'cluster',
      cluster: session.clusterName,
      message: `${session.clusterName} rejected its desired state: ${problems[0]?.message ?? 'no reason given'}`,
    });
  }

  /** The offer is answered: what changed meanwhile is looked at now. */
  private settle(session: AgentSession): void {
    session.offer = undefined;
    session.pace.end(performance.now());
    if (!session.stale) return;
    session.stale = false;
    this.publisher.publish([session.clusterId]);
  }

  private async report(session: AgentSession, received: wire.Report, stored: StoredSequence): Promise<void> {
    const { report, digest } = fromWireReport(received);
    const { clusterId, id: sessionId } = session;
    const bounded = boundReport(report, MAX_REPORT_BYTES);
    await stored.add(received.sequence, this.reports.save({ clusterId, sessionId, report: bounded, digest }));
  }
}
