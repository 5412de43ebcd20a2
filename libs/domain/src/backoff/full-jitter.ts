export interface Backoff {
  /** Upper end of the first wait. */
  readonly baseMs: number;
  /** Upper end of every wait. */
  readonly capMs: number;
}

/**
 * How long to wait before try `attempt` (0 is the first repetition): anything between 0 and a limit that doubles up to the
 * cap ("full jitter"), so that thousands who lost the same hub come back spread out.
 * @param random at least 0, below 1.
 */
export function fullJitterMs(attempt: number, backoff: Backoff, random: number): number {
  const limit = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(Math.max(attempt, 0), 30));
  return Math.floor(random * limit);
}
