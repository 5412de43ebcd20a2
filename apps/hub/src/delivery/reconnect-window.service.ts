import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { reconnectWindowMs } from '@flotilla/domain';
import { LeaderService } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { SessionRegistry } from './session-registry.service.js';
import { SessionRepository } from './session.repository.js';

const COUNT_EVERY_MS = 60_000;

/** Over how long agents should spread their return after this hub was away: grows with the fleet. */
@Injectable()
export class ReconnectWindow implements OnApplicationBootstrap, OnApplicationShutdown {
  private clusters = 0;
  private timer: NodeJS.Timeout | undefined;
  private counted: Promise<void> = Promise.resolve();

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.leader.onChange(() => this.count());
    this.timer = setInterval(() => this.count(), COUNT_EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Resolves once the fleet was counted: those who come first after a restart must hear the whole fleet's window. */
  get ready(): Promise<void> {
    return this.counted;
  }

  /** A fleet that joins right now is seen by its sessions before it is counted. */
  get ms(): number {
    return reconnectWindowMs(Math.max(this.clusters, this.sessions.count));
  }

  private count(): void {
    this.counted = this.repository.countClusters().then(
      (clusters) => void (this.clusters = clusters),
      (error: unknown) => this.log.warn({ err: error }, 'the fleet could not be counted; tried again within 60s'),
    );
  }
}
