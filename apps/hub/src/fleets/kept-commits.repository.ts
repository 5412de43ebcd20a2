import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FLEET_SOURCE } from '../sources/index.js';

const KEPT_RELEASES = 20;

/** Commits that something still needs, by source. */
@Injectable()
export class KeptCommitsRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Those of each app's last releases, and those at which apps were last good. */
  async load(): Promise<Map<string, Set<string>>> {
    const rows = await this.dataSource.query<{ source: string; commit: string }[]>(
      `SELECT DISTINCT s.key AS source, s.value AS commit
       FROM (SELECT snapshot, row_number() OVER (PARTITION BY app ORDER BY number DESC) AS age FROM release) r
       JOIN snapshot n ON n.number = r.snapshot, jsonb_each_text(n.sources) s WHERE r.age <= $1
       UNION SELECT COALESCE(d.body->>'source', $2), a.good_commit
       FROM app a JOIN definition d ON d.kind = 'App' AND d.name = a.name WHERE a.good_commit <> ''`,
      [KEPT_RELEASES, FLEET_SOURCE],
    );
    const kept = new Map<string, Set<string>>();
    for (const { source, commit } of rows) kept.set(source, (kept.get(source) ?? new Set()).add(commit));
    return kept;
  }
}
