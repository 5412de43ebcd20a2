/** What an agent writes on its Lease, for people who have only the cluster. Frozen names. */
export const NOTE_HUB = 'flotilla.dev/hub';
export const NOTE_HUB_SINCE = 'flotilla.dev/hub-since';
export const NOTE_DESIRED = 'flotilla.dev/desired-state';
export const NOTE_APPS = 'flotilla.dev/apps';
export const NOTE_VERSION = 'flotilla.dev/agent-version';

export interface AgentNotes {
  readonly connected: boolean;
  /** Version of the desired state that is stored in the cluster, e.g. `1.42`. */
  readonly desired: string;
  readonly apps: number;
  readonly agentVersion: string;
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
    [NOTE_DESIRED]: notes.desired,
    [NOTE_APPS]: String(notes.apps),
    [NOTE_VERSION]: notes.agentVersion,
  };
}
