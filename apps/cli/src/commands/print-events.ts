import type { Schemas } from '../api/client.js';
import { clean } from '../output/table.js';
import { joinAlike, printDrift, printReason } from '../output/words.js';

type Event = Schemas['EventDto'];
type Detail = Event['detail'];
type Drift = Schemas['DriftDto'];

/**
 * Events, oldest first, a line each: `2026-11-25T02:41:07.113Z   web #4 on eu-1   health   progressing → failed: …`. A report
 * repeats the drifts of those before it: each is told once, when it is new or has changed, and alike ones are counted.
 */
export function eventLines(events: readonly Event[]): string[] {
  const told = new Map<string, ReadonlySet<string>>();
  return events.flatMap((event) => {
    if (event.kind !== 'drift') return [eventLine(event, detailOf(event.kind, event.detail))];
    const target = `${event.app} ${event.cluster}`;
    const drifts = driftsOf(event.detail);
    const before = told.get(target) ?? new Set();
    told.set(target, new Set(drifts.map(keyOf)));
    const fresh = drifts.filter((drift) => !before.has(keyOf(drift)));
    if (drifts.length === 0) return before.size === 0 ? [] : [eventLine(event, 'none any more')];
    return fresh.length === 0 ? [] : [eventLine(event, countAlike(fresh))];
  });
}

/** One drift in one state: the same again later is another one. */
function keyOf({ ref, kind, field, manager, seenAt, healed, left }: Drift): string {
  return JSON.stringify([ref, kind, field, manager, seenAt, healed, left]);
}

function countAlike(drifts: readonly Drift[]): string {
  return joinAlike(drifts, printDrift)
    .map((alike) => `${printDrift(alike[0])}${alike.length === 1 ? '' : ` (${alike.length} times)`}`)
    .join('; ');
}

function eventLine({ at, app, cluster, kind, release }: Event, words: string): string {
  const what = `${app}${release === null ? '' : ` #${release}`} on ${cluster}`;
  return [at, what, kind, words].filter((part) => part !== '').join('   ');
}

function detailOf(kind: string, detail: Detail): string {
  if (kind === 'health' || kind === 'phase')
    return `${textOf(detail['from'], 'none')} → ${textOf(detail['to'], 'none')}${reasonOf(detail)}`;
  return detail['bundle'] === undefined
    ? clean(textOf(detail['because'], ''))
    : `bundle ${textOf(detail['bundle'], '')}`;
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function reasonOf({ problems }: Detail): string {
  const [first] = (problems ?? []) as Schemas['ObjectProblemDto'][];
  return first ? `: ${printReason(first)}` : '';
}

function driftsOf({ drifts }: Detail): Drift[] {
  return (drifts ?? []) as Drift[];
}
