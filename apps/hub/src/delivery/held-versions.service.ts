import { Inject, Injectable } from '@nestjs/common';
import type { Version } from '@flotilla/domain';
import { Logger } from '../logging/index.js';
import { SessionRepository } from './session.repository.js';

const RETRY_MS = 1_000;
/** Between two statements: the acknowledgements of a fleet come within a moment, each would have one of its own. */
const PACE_MS = 100;

/** A version that an agent has acknowledged. */
export interface HeldVersion {
  readonly clusterId: number;
  readonly version: Version;
}

/**
 * Writes down which versions clusters hold, for people to see. Nobody waits for it: acknowledgements that come while some
 * are being written go together into the next statement, the newest of each cluster.
 */
@Injectable()
export class HeldVersions {
  private waiting = new Map<number, HeldVersion>();
  private writing: Promise<void> | undefined;

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  note(held: HeldVersion): void {
    this.waiting.set(held.clusterId, held);
    this.writing ??= this.drain().finally(() => {
      this.writing = undefined;
    });
  }

  /** Resolves when all that was noted is written, or could not be. */
  async written(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    while (this.waiting.size > 0) {
      const batch = this.waiting;
      this.waiting = new Map();
      await this.write([...batch.values()]);
      if (this.waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }

  private async write(batch: readonly HeldVersion[]): Promise<void> {
    try {
      await this.repository.saveHeld(batch);
    } catch (error) {
      this.log.warn({ err: error, clusters: batch.length }, 'held versions could not be written down; tried once more');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      await this.repository.saveHeld(batch).catch(() => undefined);
    }
  }
}
