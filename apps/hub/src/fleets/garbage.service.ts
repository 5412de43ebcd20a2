import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { ContentRepository } from './content.repository.js';
import { GarbageRepository } from './garbage.repository.js';

const INTERVAL_MS = 3_600_000;
/** What is younger may be about to be used. */
const MIN_AGE_MS = 3_600_000;
/** Batches of one kind in one round: the rest waits for the next. */
const MAX_BATCHES = 40;

/** Keeps the database as small as what is needed of it, once an hour while this hub leads. */
@Injectable()
export class GarbageService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private stop: (() => void) | undefined;

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(GarbageRepository) private readonly garbage: GarbageRepository,
    @Inject(ContentRepository) private readonly content: ContentRepository,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = this.leader.onChange((leading) => {
      clearInterval(this.timer);
      if (leading) this.timer = setInterval(() => void this.tidySafely(), INTERVAL_MS);
    });
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stop?.();
  }

  /** Deletes what nothing needs any more. @throws Fault notLeader */
  async tidy(minAgeMs = MIN_AGE_MS): Promise<void> {
    const { historyMs, rolloutHistoryMs, auditHistoryMs, removalWindowMs } = this.config.settings;
    await this.garbage.turnPartitions(historyMs);
    await this.inBatches(() => this.garbage.deleteEvents(historyMs));
    await this.inBatches(() => this.garbage.deleteRolloutHistory(rolloutHistoryMs));
    await this.inBatches(() => this.garbage.deleteRollouts(rolloutHistoryMs));
    await this.inBatches(() => this.garbage.deleteAudit(auditHistoryMs));
    await this.inBatches(() => this.garbage.deleteDepartures(removalWindowMs));
    await this.inBatches(() => this.garbage.deleteParts());
    try {
      await this.inBatches(() => this.garbage.deleteBundles(minAgeMs));
      await this.inBatches(() => this.garbage.deletePolicies(minAgeMs));
    } finally {
      // What comes again must be stored again.
      this.content.forget();
    }
    await this.inBatches(() => this.garbage.deleteSnapshots(minAgeMs));
    await this.inBatches(() => this.garbage.deleteRevisions(minAgeMs));
  }

  private async inBatches(work: () => Promise<number>): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) if ((await work()) < this.garbage.batch) return;
  }

  private async tidySafely(): Promise<void> {
    await this.tidy().catch((error: Error) => this.logger.warn(`old rows could not be deleted: ${error.message}`));
  }
}
