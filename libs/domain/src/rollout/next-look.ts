import type { Look } from './look.js';
import type { Observed } from './observe-target.js';
import type { PlannedWave } from './plan-wave.js';
import type { TargetStanding } from './rollout-plan.js';
import type { WindowBook } from './window-open.js';

/** A look that no event and no clock asks for, so that a lost signal costs delay only. */
const LONG_STOP_MS = 5 * 60_000;

interface Waiting {
  readonly look: Look;
  readonly waves: readonly PlannedWave[];
  readonly windows: WindowBook;
  /** Whether anything waits. */
  readonly waits: boolean;
}

/** When the plan may change without an event: a deadline, a soak, a window, a silence, the end of a grace. */
export function nextLook({ look, waves, windows, waits }: Waiting): number | undefined {
  const { now } = look;
  if (!waits) return undefined;
  const times = [now + LONG_STOP_MS];
  if (now < look.graceUntil) times.push(look.graceUntil);
  for (const wave of waves) {
    if (wave.members.length === 0) continue;
    const watch = wave.memory !== undefined && wave.finishedAt === undefined;
    for (const one of wave.observed) pushTimes(one, { times, look, wave, watch });
    if (wave.assignments.length > 0) times.push(now + wave.rule.deadlineMs);
    if (wave.counts.waiting > 0) pushWindows(wave, windows, times);
  }
  return Math.max(now + 1, Math.min(...futureOnly(times, now)));
}

interface Times {
  readonly times: number[];
  readonly look: Look;
  readonly wave: PlannedWave;
  readonly watch: boolean;
}

function pushTimes(one: Observed, { times, look, wave, watch }: Times): void {
  const { now, silentAfterMs } = look;
  const { target, deadlineInMs } = one;
  if (target.suspendedUntil > now) times.push(target.suspendedUntil);
  if (deadlineInMs !== undefined) times.push(now + Math.max(1, deadlineInMs), now + silentAfterMs);
  if (!watch || !WATCHED.has(one.standing)) return;
  const soakMs = one.standing === 'healthy' ? wave.rule.soakMs - one.soakedMs : 0;
  if (soakMs > 0) times.push(now + soakMs, now + silentAfterMs);
  if (target.silentForMs !== undefined) times.push(now + silentAfterMs - target.silentForMs + 1);
}

/** Standings in which a cluster's falling silent would matter. */
const WATCHED: ReadonlySet<TargetStanding> = new Set(['waiting', 'inFlight', 'healthy', 'unknown']);

function pushWindows(wave: PlannedWave, windows: WindowBook, times: number[]): void {
  for (const { target, standing } of wave.observed) {
    if (standing !== 'waiting') continue;
    const { changesAt } = windows.stateFor(target, wave.rule.windows);
    if (changesAt !== undefined) times.push(changesAt);
  }
}

function futureOnly(times: readonly number[], now: number): number[] {
  return times.filter((at) => at > now);
}
