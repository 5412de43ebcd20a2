/**
 * Time counts only while observed (invariant 14): every clock of a rollout runs on *observed time*, which grows from look
 * to look, by no more than a bound, and not at all over a time in which no leader looked.
 */
export interface Stopwatch {
  /** Observed time of finished stretches. */
  readonly bankedMs: number;
  /** Observed time at which the present stretch began; absent while it stands still. */
  readonly since?: number;
}

export const STOPPED: Stopwatch = { bankedMs: 0 };

export function elapsedMs(watch: Stopwatch | undefined, observedMs: number): number {
  if (watch === undefined) return 0;
  return watch.bankedMs + (watch.since === undefined ? 0 : observedMs - watch.since);
}

/** The same watch when nothing changes. */
export function runWatch(watch: Stopwatch, runs: boolean, observedMs: number): Stopwatch {
  if (runs) return watch.since === undefined ? { bankedMs: watch.bankedMs, since: observedMs } : watch;
  return watch.since === undefined ? watch : { bankedMs: elapsedMs(watch, observedMs) };
}

export interface LookTimes {
  readonly lookedAt: number;
  readonly observedMs: number;
  readonly leaderSince: number;
  /** The most that may pass between two looks and still count. */
  readonly boundMs: number;
}

/** Observed time at `now`. A hub that was away, a jump of the clock or a driver that hung adds at most the bound. */
export function observe(times: LookTimes, now: number): number {
  const from = Math.max(times.lookedAt, times.leaderSince);
  return times.observedMs + Math.min(times.boundMs, Math.max(0, now - from));
}
