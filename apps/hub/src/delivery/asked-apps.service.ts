import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { LeaderService } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { SessionRegistry } from './session-registry.service.js';
import { SessionRepository } from './session.repository.js';

const READ_EVERY_MS = 2_000;

/** Apps whose removal a person is asked about: agents hear of them with each heartbeat, and say what would go along. */
@Injectable()
export class AskedApps implements OnApplicationBootstrap, OnApplicationShutdown {
  private byCluster: ReadonlyMap<number, readonly string[]> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.leader.onChange((leading) => {
      this.byCluster = undefined;
      if (leading) void this.read();
    });
    this.timer = setInterval(() => {
      if (this.sessions.count > 0) void this.read();
    }, READ_EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Undefined as long as it is not known. */
  of(clusterId: number): readonly string[] | undefined {
    return this.byCluster === undefined ? undefined : (this.byCluster.get(clusterId) ?? []);
  }

  private async read(): Promise<void> {
    try {
      this.byCluster = await this.repository.loadAsked();
    } catch (error) {
      this.log.warn({ err: error }, 'what people are asked about could not be read; tried again within 2s');
    }
  }
}
