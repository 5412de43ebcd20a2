/**
 * Time counts only while observed (invariant 14): every clock of a rollout runs on *observed time*, which grows from look
 * to look, by no more than a bound, and not at all over a time in which no leader looked. It is never taken from a wall
 * clock: setting that forward passes no soak and no deadline, setting it back lengthens none.
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

/** A leader's own steady clock: readings of one epoch can be compared, others cannot. */
export interface ClockReading {
  readonly epoch: number;
  readonly ms: number;
}

export interface LookTimes {
  /** At the last look. */
  readonly looked: ClockReading;
  readonly observedMs: number;
  readonly now: ClockReading;
  /** How long the present leader has led. */
  readonly ledForMs: number;
  /** The most that may pass between two looks and still count. */
  readonly boundMs: number;
}

/** Observed time now. A hub that was away or a driver that hung adds at most the bound. */
export function observe({ looked, observedMs, now, ledForMs, boundMs }: LookTimes): number {
  const passedMs = looked.epoch === now.epoch ? now.ms - looked.ms : ledForMs;
  return observedMs + Math.min(boundMs, Math.max(0, passedMs));
}
