import { Injectable } from '@nestjs/common';
import type { AppReport, DriftRecord, DriftState, KnownDrift, ObjectRef } from '@flotilla/domain';
import { trackDrifts } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';

/** Drifts of a target that are kept once they are over. */
const KEPT_PER_TARGET = 100;
/** What dates can be printed up to. */
const LAST_MS = 8_640_000_000_000_000;

/** Whose drifts a report tells of. */
export interface DriftOwner {
  readonly appId: number;
  readonly clusterId: number;
  readonly report: AppReport;
}

interface DriftRow {
  readonly id: string;
  readonly ref: ObjectRef;
  readonly kind: DriftRecord['kind'];
  readonly field: string;
  readonly wanted: string;
  readonly live: string;
  readonly manager: string;
  readonly at_ms: string;
  readonly state: DriftState;
  readonly seen_ms: string;
  readonly mark_ms: string;
  readonly ended_ms: string;
}

/** Keeps what became of each drift. */
@Injectable()
export class DriftHistoryRepository {
  /** Takes in the drifts of a report whose target is locked by `tx`. */
  async save(tx: EntityManager, { appId, clusterId, report }: DriftOwner, now: number): Promise<void> {
    const rows = await tx.query<DriftRow[]>(
      `SELECT * FROM drift WHERE app = $1 AND cluster = $2 ORDER BY id DESC LIMIT ${KEPT_PER_TARGET * 2}`,
      [appId, clusterId],
    );
    const { drifts: items, drifted } = report;
    const { opened, changed } = trackDrifts(rows.map(knownOf), { items, drifted }, now);
    if (changed.length > 0) await tx.query(CHANGE, [...columnsOf(changed), changed.map(({ id }) => id)]);
    if (opened.length === 0) return;
    await tx.query(OPEN, [...columnsOf(opened), appId, clusterId]);
    await tx.query(FORGET, [appId, clusterId]);
  }
}

const COLUMNS = `ref jsonb, kind text, field text, wanted text, live text, manager text, at_ms bigint, state text, seen_ms bigint,
  mark_ms bigint, ended_ms bigint`;
const NAMES = COLUMNS.split(',').map((column) => column.trim().split(' ')[0] ?? '');
const TYPES = COLUMNS.split(',').map((column) => `${column.trim().split(' ')[1] ?? ''}[]`);
const ARRAYS = TYPES.map((type, index) => `$${index + 1}::${type}`).join(', ');

const CHANGE = `UPDATE drift d SET ${NAMES.map((name) => `${name} = n.${name}`).join(', ')}
  FROM unnest(${ARRAYS}, $${NAMES.length + 1}::bigint[]) AS n(${NAMES.join(', ')}, id) WHERE d.id = n.id`;

const OPEN = `INSERT INTO drift (app, cluster, ${NAMES.join(', ')})
  SELECT $${NAMES.length + 1}::int, $${NAMES.length + 2}::int, n.* FROM unnest(${ARRAYS}) AS n(${NAMES.join(', ')})`;

const FORGET = `DELETE FROM drift WHERE app = $1 AND cluster = $2 AND ended_ms <> 0 AND id <= (
  SELECT id FROM drift WHERE app = $1 AND cluster = $2 AND ended_ms <> 0 ORDER BY id DESC OFFSET ${KEPT_PER_TARGET} LIMIT 1)`;

function columnsOf(drifts: readonly DriftRecord[]): unknown[][] {
  return [
    drifts.map(({ ref }) => plain(JSON.stringify(ref))),
    drifts.map(({ kind }) => kind),
    drifts.map(({ field }) => plain(field)),
    drifts.map(({ wanted }) => plain(wanted)),
    drifts.map(({ live }) => plain(live)),
    drifts.map(({ manager }) => plain(manager)),
    drifts.map(({ at }) => bounded(at)),
    drifts.map(({ state }) => state),
    drifts.map(({ seenAt }) => bounded(seenAt)),
    drifts.map(({ mark }) => bounded(mark)),
    drifts.map(({ endedAt }) => bounded(endedAt)),
  ];
}

/** Postgres refuses U+0000 in text, and its escape in JSON. */
function plain(text: string): string {
  return text.replaceAll('\0', '\ufffd').replaceAll('\\u0000', '\\ufffd');
}

function bounded(ms: number): number {
  return Math.min(ms, LAST_MS);
}

function knownOf(row: DriftRow): KnownDrift {
  const { id, ref, kind, field, wanted, live, manager, state } = row;
  const times = { at: Number(row.at_ms), seenAt: Number(row.seen_ms), mark: Number(row.mark_ms) };
  return { id, ref, kind, field, wanted, live, manager, state, ...times, endedAt: Number(row.ended_ms) };
}
