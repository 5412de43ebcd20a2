import { Inject, Injectable } from '@nestjs/common';
import { AuditRepository } from '../access/index.js';
import { Logger } from '../logging/index.js';

export interface RefusedCaller {
  /** `cluster.join`, `cluster.connect`, `cluster.renew`. */
  readonly action: string;
  /** Cluster, token id or address: what is known of the caller. */
  readonly subject: string;
  readonly reason: string;
  /** Remote address, when known. */
  readonly from?: string;
}

/** The same refusal is written at most this often: a broken agent that retries must not fill log and table. */
const QUIET_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/** Says who was turned away and why: one log line and one audit row. */
@Injectable()
export class RefusalLog {
  private readonly written = new Map<string, number>();

  constructor(
    @Inject(AuditRepository) private readonly audit: AuditRepository,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  async record(refused: RefusedCaller): Promise<void> {
    if (!this.isNews(refused)) return;
    const { action, subject, reason, from } = refused;
    this.log.warn({ action, subject, reason, from }, 'refused');
    const entry = { actor: from ?? subject, action, subject, reason, outcome: 'refused' } as const;
    await this.audit.record(entry).catch((error: unknown) => {
      this.log.error({ err: error }, 'audit row could not be written');
    });
  }

  private isNews({ action, subject, reason, from }: RefusedCaller): boolean {
    const key = JSON.stringify([action, subject, reason, from?.replace(/:\d+$/, '')]);
    const now = Date.now();
    if (now - (this.written.get(key) ?? -Infinity) < QUIET_MS) return false;
    if (this.written.size >= MAX_REMEMBERED) this.written.clear();
    this.written.set(key, now);
    return true;
  }
}
