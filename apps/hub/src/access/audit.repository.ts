import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import { DataSource } from 'typeorm';

export interface AuditEntry {
  readonly actor: string;
  /** `noun.verb`, e.g. `cluster.join`. */
  readonly action: string;
  readonly subject: string;
  readonly outcome: 'done' | 'refused';
  readonly reason?: string;
  readonly requestId?: string;
  readonly detail?: JsonObject;
}

export interface StoredAuditEntry extends Required<Omit<AuditEntry, 'requestId'>> {
  readonly id: string;
  readonly at: Date;
  readonly requestId: string | null;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  /** Entries older than this id. */
  readonly before?: string;
  readonly limit: number;
}

/** Who did what, when and why: refusals too. Append only. */
@Injectable()
export class AuditRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async record(entry: AuditEntry): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO audit (actor, action, subject, outcome, reason, request_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        entry.actor,
        entry.action,
        entry.subject,
        entry.outcome,
        entry.reason ?? '',
        entry.requestId ?? null,
        entry.detail ?? {},
      ],
    );
  }

  /** What a request id stands for already. */
  async loadRequest(requestId: string): Promise<{ readonly action: string; readonly subject: string } | undefined> {
    const [row] = await this.dataSource.query<{ action: string; subject: string }[]>(
      `SELECT action, subject FROM audit WHERE request_id = $1 AND outcome = 'done' LIMIT 1`,
      [requestId],
    );
    return row;
  }

  /** Whether this was done before by this request id. @throws Fault conflict when the id stands for something else */
  async isRepeated(action: string, subject: string, requestId: string | undefined): Promise<boolean> {
    const known = requestId === undefined ? undefined : await this.loadRequest(requestId);
    if (known === undefined) return false;
    if (known.action === action && known.subject === subject) return true;
    throw new Fault(
      'conflict',
      `the request id ${requestId ?? ''} has been used for ${known.action} of ${known.subject}`,
    );
  }

  /** Newest first. */
  async list(filter: AuditFilter): Promise<StoredAuditEntry[]> {
    return this.dataSource.query(
      `SELECT id, at, actor, action, subject, outcome, reason, request_id AS "requestId", detail FROM audit
       WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2 OR action LIKE $2 || '.%')
         AND ($3::text IS NULL OR subject = $3) AND ($4::bigint IS NULL OR id < $4)
       ORDER BY id DESC LIMIT $5`,
      [filter.actor ?? null, filter.action ?? null, filter.subject ?? null, filter.before ?? null, filter.limit],
    );
  }
}
