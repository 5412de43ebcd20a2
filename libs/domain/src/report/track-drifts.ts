import { refKey } from '../json/index.js';
import type { DriftEntry, DriftItem } from './report.js';

/** What became of a drift. `gone`: it went away by itself, nobody healed it. */
export type DriftState = 'open' | 'healed' | 'reported' | 'contested' | 'suspended' | 'gone';

/** A drift as it is kept, open or over. */
export interface DriftRecord extends Omit<DriftItem, 'healed'> {
  readonly state: DriftState;
  /** Unix ms by the agent's clock, since the drift was first told of. */
  readonly seenAt: number;
  /** The agent's last `seenAt` for it: an agent that restarts notices an open drift anew. */
  readonly mark: number;
  /** Unix ms; 0 while it is open. */
  readonly endedAt: number;
}

export interface KnownDrift extends DriftRecord {
  readonly id: string;
}

export interface ReportedDrifts {
  readonly items: readonly DriftEntry[];
  /** Open drifts in all; when the list has fewer it was cut, and nothing follows from what is not in it. */
  readonly drifted: number;
}

export interface DriftChanges {
  readonly opened: readonly DriftRecord[];
  readonly changed: readonly KnownDrift[];
}

/**
 * What a report changes in the history of a target's drifts. The same report twice changes nothing; what is over stays as it
 * was; of one field at most one drift is open.
 */
export function trackDrifts(known: readonly KnownDrift[], reported: ReportedDrifts, now: number): DriftChanges {
  const rest = new Set(known);
  const marked = new Map(known.map((drift) => [`${drift.mark} ${placeOf(drift)}`, drift]));
  const changes: { opened: DriftRecord[]; changed: KnownDrift[] } = { opened: [], changed: [] };
  const found = reported.items.map((item) => ({ item, drift: marked.get(`${item.seenAt} ${placeOf(item)}`) }));
  for (const { drift } of found) if (drift !== undefined) rest.delete(drift);
  for (const { item, drift } of [...found].reverse()) {
    const match = drift ?? takeOpen(rest, placeOf(item));
    if (match === undefined) changes.opened.push(recordOf(item, item.seenAt));
    else if (match.endedAt === 0) noteChange(changes.changed, match, item);
  }
  const open = reported.items.filter(({ healed }) => !healed).length;
  if (open >= reported.drifted) changes.changed.push(...goneOf(rest, now));
  return changes;
}

function placeOf({ ref, field, kind }: Pick<DriftItem, 'ref' | 'field' | 'kind'>): string {
  return JSON.stringify([refKey(ref), kind, field]);
}

function takeOpen(rest: Set<KnownDrift>, place: string): KnownDrift | undefined {
  for (const drift of rest) {
    if (drift.endedAt !== 0 || placeOf(drift) !== place) continue;
    rest.delete(drift);
    return drift;
  }
  return undefined;
}

function noteChange(changed: KnownDrift[], known: KnownDrift, item: DriftEntry): void {
  const next = { ...recordOf(item, known.seenAt), id: known.id };
  const same = (Object.keys(next) as (keyof KnownDrift)[]).every((key) => key === 'ref' || next[key] === known[key]);
  if (!same) changed.push(next);
}

function recordOf(item: DriftEntry, seenAt: number): DriftRecord {
  const { ref, kind, field, wanted, live, manager, at, healed, left } = item;
  const state = healed ? 'healed' : left === '' ? 'open' : left;
  const endedAt = healed ? item.healedAt || item.seenAt : 0;
  return { ref, kind, field, wanted, live, manager, at, state, seenAt, mark: item.seenAt, endedAt };
}

function goneOf(rest: ReadonlySet<KnownDrift>, now: number): KnownDrift[] {
  const open = [...rest].filter(({ endedAt }) => endedAt === 0);
  return open.map((drift) => ({ ...drift, state: 'gone', endedAt: now }));
}
