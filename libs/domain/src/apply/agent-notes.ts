import type { Version } from '../desired-state/index.js';
import { NO_VERSION, printVersion } from '../desired-state/index.js';

/** What an agent writes on its Lease, for people who have only the cluster. Frozen names. */
export const NOTE_HUB = 'flotilla.dev/hub';
export const NOTE_HUB_SINCE = 'flotilla.dev/hub-since';
export const NOTE_HUB_TROUBLE = 'flotilla.dev/hub-trouble';
export const NOTE_DESIRED = 'flotilla.dev/desired-state';
export const NOTE_APPS = 'flotilla.dev/apps';
export const NOTE_VERSION = 'flotilla.dev/agent-version';
/** Not for people: what the records held, so that an agent which finds less knows that somebody deleted some. */
export const NOTE_HELD = 'flotilla.dev/held';
export const NOTE_RECORDS = 'flotilla.dev/records';

export interface AgentNotes {
  readonly connected: boolean;
  /** Why not; empty when it is, or nobody knows yet. */
  readonly trouble: string;
  /** Version of the desired state that is stored in the cluster, e.g. `1.42`. */
  readonly desired: string;
  readonly apps: number;
  readonly agentVersion: string;
  readonly witness: RecordsWitness;
}

/** What an agent's records held when it last renewed its Lease: less than that means that somebody deleted some. */
export interface RecordsWitness {
  /** The highest version of the desired state that was ever held. */
  readonly held: Version;
  /** Numbers of the Secrets that hold the records. */
  readonly records: readonly number[];
}

/** What a Lease bears witness of. */
export function readWitness(annotations: Readonly<Record<string, string>>): RecordsWitness {
  const [, generation, number] = /^(\d+)\.(\d+)$/.exec(annotations[NOTE_HELD] ?? '') ?? [];
  const records = (annotations[NOTE_RECORDS] ?? '').split(' ').filter((text) => /^\d+$/.test(text));
  return {
    held: generation === undefined ? NO_VERSION : { generation: Number(generation), number: Number(number) },
    records: records.map(Number),
  };
}

/**
 * Annotations of the Lease. The time since when the hub is connected or away stands while that stays the same, over restarts
 * of the agent too.
 * @param now Unix ms
 */
export function renderAgentNotes(
  notes: AgentNotes,
  previous: Readonly<Record<string, string>>,
  now: number,
): Record<string, string> {
  const hub = notes.connected ? 'connected' : 'away';
  const since = previous[NOTE_HUB] === hub ? previous[NOTE_HUB_SINCE] : undefined;
  return {
    ...previous,
    [NOTE_HUB]: hub,
    [NOTE_HUB_SINCE]: since ?? new Date(now).toISOString(),
    [NOTE_HUB_TROUBLE]: notes.trouble,
    [NOTE_DESIRED]: notes.desired,
    [NOTE_APPS]: String(notes.apps),
    [NOTE_VERSION]: notes.agentVersion,
    [NOTE_HELD]: printVersion(notes.witness.held),
    [NOTE_RECORDS]: notes.witness.records.join(' '),
  };
}
