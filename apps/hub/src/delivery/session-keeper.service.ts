import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import type { GoodbyeReason } from './agent-session.js';
import { SessionRegistry } from './session-registry.service.js';
import { SessionRepository } from './session.repository.js';

const FLUSH_MS = 60_000;
const OFFER_MS = 60_000;
/** Silence after which a cluster is unknown, in heartbeats. */
const SILENT_HEARTBEATS = 3;

const REASONS: readonly GoodbyeReason[] = ['revoked', 'cloned', 'rejoin'];

/** Ends the sessions that must not go on: of silent agents, of clusters without access, of a hub that no longer leads. */
@Injectable()
export class SessionKeeper implements OnApplicationBootstrap {
  private readonly timers: NodeJS.Timeout[] = [];
  private cleared: Promise<void> = Promise.resolve();

  constructor(
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.events.on('accessWithdrawn', ({ clusterId, reason }) => {
      const known = REASONS.find((one) => one === reason) ?? 'revoked';
      this.sessions.get(clusterId)?.close(known, 'access was withdrawn');
    });
    this.leader.onChange((leading) => this.turn(leading));
    this.every(this.config.settings.heartbeatMs, () => this.endSilent());
    this.every(FLUSH_MS, () => this.flush());
  }

  /** Resolves once the sessions of the hub that led before are struck out: none may be opened earlier. */
  get ready(): Promise<void> {
    return this.cleared;
  }

  async closeAll(reason: GoodbyeReason, message: string): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    for (const session of this.sessions.all()) session.close(reason, message);
    await this.flush().catch(() => undefined);
  }

  private turn(leading: boolean): void {
    if (leading) this.cleared = this.repository.closeAll().catch((error: unknown) => this.warn(error));
    else for (const session of this.sessions.all()) session.close('standby', 'another hub leads now');
  }

  private endSilent(): void {
    const silentMs = SILENT_HEARTBEATS * this.config.settings.heartbeatMs;
    for (const session of this.sessions.all()) {
      if (session.silentForMs > silentMs) session.close('protocol', 'no heartbeat');
      else if (session.isStuck(OFFER_MS)) session.close('protocol', 'a desired state was not answered');
    }
  }

  private async flush(): Promise<void> {
    const sessions = this.sessions.all();
    if (sessions.length > 0) await this.repository.saveSeen(sessions);
  }

  private every(ms: number, work: () => Promise<void> | void): void {
    const run = async (): Promise<void> => work();
    const timer = setInterval(() => void run().catch((error: unknown) => this.warn(error)), ms);
    this.timers.push(timer.unref());
  }

  private warn(error: unknown): void {
    this.log.warn({ err: error }, 'sessions could not be kept up to date in the database');
  }
}
