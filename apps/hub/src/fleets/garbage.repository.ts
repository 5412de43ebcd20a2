import { Inject, Injectable } from '@nestjs/common';
import { LeaderService } from '../database/index.js';

const KEPT_RELEASES = 20;
/** Rows that one transaction deletes at most. */
const BATCH = 500;

const NEEDED = (column: 'bundle' | 'policy'): string => `
  NOT EXISTS (SELECT FROM release_part p WHERE p.${column} = x.digest)
  AND NOT EXISTS (SELECT FROM target t WHERE x.digest IN (t.desired_${column}, t.allowed_${column}, t.applied_${column},
    t.attempted_${column}, t.proven_${column}))`;

/** Of a rollout `o`: it ended before the time kept, and a newer one of its app followed. */
const ENDED_BEFORE = `o.ended_at < now() - $1 * interval '1 millisecond'
  AND o.id < (SELECT max(n.id) FROM rollout n WHERE n.app = o.app)`;

/**
 * Deletes what nothing needs any more, a bounded number of rows at a time, only while this hub leads. Each method returns how
 * many rows went; `BATCH` may mean that there are more.
 */
@Injectable()
export class GarbageRepository {
  readonly batch = BATCH;

  constructor(@Inject(LeaderService) private readonly leader: LeaderService) {}

  /** Parts of releases that are neither among the last of their app nor where any target is or goes. The releases stay. */
  deleteParts(): Promise<number> {
    return this.delete(
      `WITH aged AS (SELECT id, row_number() OVER (PARTITION BY app ORDER BY number DESC) AS age FROM release),
       old AS (SELECT DISTINCT p.release FROM release_part p JOIN aged a ON a.id = p.release WHERE a.age > $1
         AND NOT EXISTS (SELECT FROM target t WHERE p.release IN
           (t.desired_release, t.allowed_release, t.applied_release, t.proven_release))
         AND NOT EXISTS (SELECT FROM rollout r WHERE r.release = p.release
           AND r.state IN ('running', 'paused', 'held', 'halted')) LIMIT ${BATCH})
       DELETE FROM release_part p USING old WHERE p.release = old.release RETURNING 1`,
      [KEPT_RELEASES],
    );
  }

  /** Bundles that are neither desired, allowed, applied, proven nor of a kept part, with the objects that only they held. */
  deleteBundles(minAgeMs: number): Promise<number> {
    return this.delete(
      `WITH gone AS (DELETE FROM bundle WHERE digest IN (SELECT x.digest FROM bundle x
           WHERE x.created_at < now() - $1 * interval '1 millisecond' AND ${NEEDED('bundle')} LIMIT ${BATCH})
         RETURNING digest, entries),
       orphans AS (SELECT DISTINCT e->>'objectId' AS id FROM gone, jsonb_array_elements(gone.entries) e
         EXCEPT SELECT e->>'objectId' FROM bundle b, jsonb_array_elements(b.entries) e
           WHERE b.digest NOT IN (SELECT digest FROM gone)),
       objects AS (DELETE FROM object_content o USING orphans WHERE o.id = decode(orphans.id, 'hex'))
       SELECT 1 FROM gone`,
      [minAgeMs],
    );
  }

  deletePolicies(minAgeMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM policy WHERE digest IN (SELECT x.digest FROM policy x
         WHERE x.created_at < now() - $1 * interval '1 millisecond' AND ${NEEDED('policy')} LIMIT ${BATCH}) RETURNING 1`,
      [minAgeMs],
    );
  }

  /** Snapshots that made no release, but the newest. */
  deleteSnapshots(minAgeMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM snapshot WHERE number IN (SELECT s.number FROM snapshot s
         WHERE s.taken_at < now() - $1 * interval '1 millisecond' AND s.number < (SELECT max(number) FROM snapshot)
           AND NOT EXISTS (SELECT FROM release r WHERE r.snapshot = s.number) LIMIT ${BATCH}) RETURNING 1`,
      [minAgeMs],
    );
  }

  /** Revisions that no snapshot and no definition is of. */
  deleteRevisions(minAgeMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM fleet_revision WHERE id IN (SELECT f.id FROM fleet_revision f
         WHERE f.parsed_at < now() - $1 * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM snapshot s WHERE s.revision = f.id)
           AND NOT EXISTS (SELECT FROM definition d WHERE d.revision = f.id) LIMIT ${BATCH}) RETURNING 1`,
      [minAgeMs],
    );
  }

  /** Events from before there were partitions, or that came late. */
  deleteEvents(historyMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM target_event_rest WHERE id IN (SELECT id FROM target_event_rest
         WHERE at < now() - $1 * interval '1 millisecond' LIMIT ${BATCH}) RETURNING 1`,
      [historyMs],
    );
  }

  /** What was decided in rollouts that ended before then, and acts on releases that are not the newest. */
  async deleteRolloutHistory(historyMs: number): Promise<number> {
    const lines = await this.delete(
      `DELETE FROM rollout_event WHERE id IN (SELECT e.id FROM rollout_event e JOIN rollout o ON o.id = e.rollout
         WHERE ${ENDED_BEFORE} LIMIT ${BATCH}) RETURNING 1`,
      [historyMs],
    );
    const acts = await this.delete(
      `DELETE FROM act WHERE id IN (SELECT c.id FROM act c JOIN app a ON a.id = c.app
         WHERE c.at < now() - $1 * interval '1 millisecond' AND c.release IS DISTINCT FROM a.newest_release LIMIT ${BATCH}) RETURNING 1`,
      [historyMs],
    );
    return Math.max(lines, acts);
  }

  /** Rollouts that ended before then, when no line of their history is left. The newest of an app stays: what runs is of it. */
  deleteRollouts(historyMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM rollout WHERE id IN (SELECT o.id FROM rollout o
         WHERE ${ENDED_BEFORE} AND NOT EXISTS (SELECT FROM rollout_event e WHERE e.rollout = o.id) LIMIT ${BATCH}) RETURNING 1`,
      [historyMs],
    );
  }

  deleteAudit(historyMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < now() - $1 * interval '1 millisecond' LIMIT ${BATCH})
       RETURNING 1`,
      [historyMs],
    );
  }

  /** Departures that no guard counts any more. */
  deleteDepartures(windowMs: number): Promise<number> {
    return this.delete(
      `DELETE FROM departure WHERE (app, cluster) IN (SELECT app, cluster FROM departure
         WHERE observed_ms < (SELECT observed_ms FROM leader) - $1::bigint LIMIT ${BATCH}) RETURNING 1`,
      [windowMs],
    );
  }

  /** Makes the partitions of the coming days, in which there is no event yet, and drops those older than the history. */
  async turnPartitions(historyMs: number): Promise<void> {
    await this.leader.decide(async (tx) => {
      const [clock] = await tx.query<{ now: string }[]>(`SELECT floor(extract(epoch FROM now()) * 1000)::text AS now`);
      const now = Number(clock?.now);
      for (const ahead of [1, 2, 3]) {
        const [from, to] = [dayOf(now, ahead), dayOf(now, ahead + 1)];
        await tx.query(
          `CREATE TABLE IF NOT EXISTS ${partitionOf(from)} PARTITION OF target_event
           FOR VALUES FROM ('${from} 00:00+00') TO ('${to} 00:00+00')`,
        );
      }
      const oldest = partitionOf(dayOf(now - historyMs, 0));
      const rows = await tx.query<{ name: string }[]>(
        `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'target_event'::regclass AND c.relname ~ '^target_event_[0-9]{8}$' AND c.relname < $1`,
        [oldest],
      );
      for (const { name } of rows) await tx.query(`DROP TABLE ${name}`);
    });
  }

  private delete(sql: string, parameters: readonly unknown[]): Promise<number> {
    return this.leader.decide(async (tx) => {
      const answer = await tx.query<unknown[]>(sql, [...parameters]);
      // Deleting answers rows and their count, selecting rows only.
      const [rows] = answer;
      return Array.isArray(rows) ? rows.length : answer.length;
    });
  }
}

/** `2026-11-25`, in UTC. */
function dayOf(at: number, ahead: number): string {
  return new Date(at + ahead * 86_400_000).toISOString().slice(0, 10);
}

function partitionOf(day: string): string {
  return `target_event_${day.replaceAll('-', '')}`;
}
