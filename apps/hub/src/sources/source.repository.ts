import { Inject, Injectable } from '@nestjs/common';
import type { CommitInfo } from '@flotilla/git';
import { DataSource } from 'typeorm';
import { LeaderService } from '../database/index.js';
import type { FollowedSource } from './followed-source.js';

/** A source as it is stored. Times are Unix ms. */
export interface SourceRow {
  readonly name: string;
  readonly url: string;
  readonly ref: string;
  readonly commit: string | null;
  readonly failing_since: number | null;
}

/** What is known of the sources: their last good commits, and since when they fail. */
@Injectable()
export class SourceRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  async load(): Promise<SourceRow[]> {
    return this.dataSource.query<SourceRow[]>(
      `SELECT name, url, ref, commit, (extract(epoch FROM failing_since) * 1000)::float8 AS failing_since FROM source`,
    );
  }

  /** Writes what a source is; another URL or ref forgets the commit of the former one. */
  async saveSource({ name, role, url, refText, intervalMs, definition }: FollowedSource): Promise<void> {
    await this.leader.decide((tx) =>
      tx.query(
        `INSERT INTO source (name, role, url, ref, interval_ms, definition) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET role = EXCLUDED.role, url = EXCLUDED.url, ref = EXCLUDED.ref,
           interval_ms = EXCLUDED.interval_ms, definition = EXCLUDED.definition,
           commit = CASE WHEN source.url = EXCLUDED.url AND source.ref = EXCLUDED.ref THEN source.commit END`,
        [name, role, url, refText, intervalMs, definition],
      ),
    );
  }

  /** A source that nobody follows any more. */
  async remove(name: string): Promise<void> {
    await this.leader.decide(async (tx) => {
      await tx.query(`DELETE FROM source WHERE name = $1`, [name]);
      await tx.query(`DELETE FROM problem WHERE origin = 'source' AND source = $1`, [name]);
    });
  }

  async saveMoved(name: string, commit: CommitInfo): Promise<void> {
    await this.leader.decide((tx) =>
      tx.query(
        `WITH good AS (DELETE FROM problem WHERE origin = 'source' AND source = $1)
         UPDATE source SET commit = $2, author = $3, subject = $4, committed_at = to_timestamp($5::float8 / 1000),
           moved_at = now(), checked_at = now(), failing_since = NULL, failure = '' WHERE name = $1`,
        [name, commit.id, commit.author, commit.subject, commit.committedAt],
      ),
    );
  }

  async saveChecked(name: string): Promise<void> {
    await this.leader.decide((tx) =>
      tx.query(
        `WITH good AS (DELETE FROM problem WHERE origin = 'source' AND source = $1)
         UPDATE source SET checked_at = now(), failing_since = NULL, failure = '' WHERE name = $1`,
        [name],
      ),
    );
  }

  async saveFailing(name: string, failure: string, hint: string): Promise<void> {
    await this.leader.decide(async (tx) => {
      await tx.query(
        `UPDATE source SET checked_at = now(), failing_since = COALESCE(failing_since, now()), failure = $2 WHERE name = $1`,
        [name, failure],
      );
      await tx.query(
        `INSERT INTO problem (key, origin, code, severity, subject_kind, subject_name, source, commit, file, line, "column",
           field, message, hint)
         SELECT sha256(convert_to('source/' || $1::text, 'UTF8')), 'source', 'sourceUnavailable', 'error', 'Source', $1, $1,
           COALESCE(s.commit, ''), '', 0, 0, '', $2, $3 FROM source s WHERE s.name = $1
         ON CONFLICT (key) DO UPDATE SET message = EXCLUDED.message, hint = EXCLUDED.hint`,
        [name, failure, hint],
      );
    });
  }
}
