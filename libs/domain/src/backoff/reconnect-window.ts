/** Longest time over which agents spread their return to a hub. A new leader's grace lasts two of them (design: rollouts). */
export const MAX_RECONNECT_WINDOW_MS = 30_000;

const LEAST_WINDOW_MS = 1_000;
/** One connect costs the hub about 2.3 ms of CPU, and the database as much: at this pace half a core is left. */
const PACE_MS = 5;
/** Waits grow to this share of the time without a hub. */
const SHARE_OF_ABSENCE = 0.1;

/**
 * Over how long a fleet of this size should spread its return: a second for a small one, so that nobody waits for nothing,
 * and as long as its handshakes take for a large one.
 */
export function reconnectWindowMs(clusters: number): number {
  return Math.min(MAX_RECONNECT_WINDOW_MS, Math.max(LEAST_WINDOW_MS, clusters * PACE_MS));
}

export interface Absence {
  /** What the hub asked its fleet for. */
  readonly windowMs: number;
  /** Upper end of every wait, the agent's own setting. */
  readonly capMs: number;
  /** Since when the hub is away, in ms. */
  readonly awayMs: number;
}

/**
 * How long to wait before the next try to reach a hub that said its window: anything between 0 and the window, from the
 * first try on, so that a large fleet never comes at once. The longer the hub is away the longer the waits, up to a tenth
 * of its absence: a hub that is gone for a day costs little, and is missed for no longer than the cap when it is back.
 * @param random at least 0, below 1.
 */
export function reconnectWaitMs({ windowMs, capMs, awayMs }: Absence, random: number): number {
  return Math.floor(random * Math.min(capMs, Math.max(windowMs, awayMs * SHARE_OF_ABSENCE)));
}
