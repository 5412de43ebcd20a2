import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { LeaderService } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { SourcesService } from '../sources/index.js';
import { KeptCommitsRepository } from './kept-commits.repository.js';

const INTERVAL_MS = 6 * 3_600_000;

/** Lets mirrors forget commits that no kept release needs, a few times a day while this hub leads. */
@Injectable()
export class PinsService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private stop: (() => void) | undefined;

  constructor(
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(SourcesService) private readonly sources: SourcesService,
    @Inject(KeptCommitsRepository) private readonly kept: KeptCommitsRepository,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = this.leader.onChange((leading) => {
      clearInterval(this.timer);
      if (leading)
        this.timer = setInterval(() => void this.tidy().catch((error: Error) => this.complain(error)), INTERVAL_MS);
    });
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stop?.();
  }

  async tidy(): Promise<void> {
    await this.sources.keep(await this.kept.load());
  }

  private complain(error: Error): void {
    this.logger.warn(`old commits could not be let go: ${error.message}`);
  }
}
