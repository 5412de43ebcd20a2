/** A cluster as the hub hears it. */
export interface HeardCluster {
  readonly clusterId: number;
  readonly connected: boolean;
  /** When it fell silent, by a steady clock; of no meaning while it is connected. */
  readonly silentSinceMs: number;
}

/** Many clusters fell silent at once: rather the hub's own network than theirs. */
export interface Isolation {
  /** By a steady clock. */
  readonly sinceMs: number;
  /** Who fell silent, ascending. */
  readonly clusterIds: readonly number[];
}

const AT_ONCE_MS = 60_000;

/**
 * Isolation begins when more than max(3, 20 %) of the connected clusters fall silent within a minute. It ends when no
 * more than that are still missing of them: by coming back, or by being removed.
 */
export function detectIsolation(
  clusters: readonly HeardCluster[],
  before: Isolation | undefined,
  nowMs: number,
): Isolation | undefined {
  const connected = clusters.filter((cluster) => cluster.connected).length;
  const lost = clusters.filter(({ connected: here, silentSinceMs }) => !here && nowMs - silentSinceMs <= AT_ONCE_MS);
  const missed = new Set(before?.clusterIds);
  const still = clusters.filter(({ clusterId, connected: here }) => !here && missed.has(clusterId));
  const missing = [...new Set([...lost, ...still].map(({ clusterId }) => clusterId))].sort((a, b) => a - b);
  if (missing.length <= Math.max(3, 0.2 * (connected + missing.length))) return undefined;
  return { sinceMs: before?.sinceMs ?? nowMs, clusterIds: missing };
}
