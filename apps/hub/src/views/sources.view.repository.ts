import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface SourceRow {
  readonly name: string;
  readonly role: string;
  readonly url: string;
  readonly ref: string;
  readonly commit: string | null;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: Date | null;
  readonly movedAt: Date | null;
  readonly checkedAt: Date | null;
  readonly failingSince: Date | null;
  readonly failure: string;
}

export interface ProblemRow {
  readonly id: string;
  readonly origin: string;
  readonly code: string;
  readonly severity: string;
  readonly subjectKind: string;
  readonly subjectName: string;
  readonly source: string;
  readonly commit: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly field: string;
  readonly message: string;
  readonly hint: string;
  readonly clusters: string[];
  readonly since: Date;
}

export interface EventRow {
  readonly id: string;
  readonly at: Date;
  readonly app: string;
  readonly cluster: string;
  readonly kind: string;
  readonly release: number | null;
  readonly detail: Record<string, unknown>;
}

export interface EventFilter {
  readonly app: string | undefined;
  readonly cluster: string | undefined;
  readonly sinceMs: number | undefined;
  readonly before: string | undefined;
  readonly limit: number;
}

/** Sources, what is wrong with them, and what happened to targets. */
@Injectable()
export class SourcesViewRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  sources(name?: string): Promise<SourceRow[]> {
    return this.dataSource.query(
      `SELECT name, role, url, ref, commit, author, subject, committed_at AS "committedAt", moved_at AS "movedAt",
         checked_at AS "checkedAt", failing_since AS "failingSince", failure
       FROM source WHERE $1::text IS NULL OR name = $1 ORDER BY role = 'fleet' DESC, name`,
      [name ?? null],
    );
  }

  problems(filter: {
    subject: string | undefined;
    severity: string | undefined;
    after: string | undefined;
    limit: number;
  }): Promise<ProblemRow[]> {
    return this.dataSource.query(
      `SELECT id, origin, code, severity, subject_kind AS "subjectKind", subject_name AS "subjectName", source, commit, file, line,
         "column", field, message, hint, clusters, since
       FROM problem WHERE ($1::text IS NULL OR subject_name = $1) AND ($2::text IS NULL OR severity = $2)
         AND ($3::bigint IS NULL OR id > $3) ORDER BY id LIMIT $4`,
      [filter.subject ?? null, filter.severity ?? null, filter.after ?? null, filter.limit],
    );
  }

  /** Newest first. */
  events({ app, cluster, sinceMs, before, limit }: EventFilter): Promise<EventRow[]> {
    return this.dataSource.query(
      `SELECT e.id, e.at, a.name AS app, c.name AS cluster, e.kind, r.number AS release,
         e.detail || jsonb_strip_nulls(jsonb_build_object('bundle', left(e.detail->>'bundle', 7), 'policy', left(e.detail->>'policy', 7))) AS detail
       FROM target_event e JOIN app a ON a.id = e.app JOIN cluster c ON c.id = e.cluster LEFT JOIN release r ON r.id = e.release
       WHERE ($1::text IS NULL OR a.name = $1) AND ($2::text IS NULL OR c.name = $2) AND ($3::bigint IS NULL OR e.id < $3)
         AND ($4::bigint IS NULL OR e.at > now() - $4 * interval '1 millisecond')
       ORDER BY e.id DESC LIMIT $5`,
      [app ?? null, cluster ?? null, before ?? null, sinceMs ?? null, limit],
    );
  }
}
