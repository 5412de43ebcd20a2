import type { ApplyPlan, WaitCode } from '@flotilla/domain';
import { refKey } from '@flotilla/domain';
import type { AppState } from './app-state.js';
import type { Instant } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';

const READ_RETRY_MS = 2_000;
const OWNER_RETRY_MS = 10_000;
const OBSERVE_EVERY_MS = 60_000;
/** A retry that fell due while the pass was still running. */
const OVERDUE_MS = 1_000;

/** Objects that no watch tells us about while they wait. */
const NEEDS_READING: ReadonlyMap<WaitCode, number> = new Map([
  ['unknown', READ_RETRY_MS],
  ['terminating', READ_RETRY_MS],
  ['stuck', READ_RETRY_MS],
  ['ownedBy', OWNER_RETRY_MS],
  ['notOwned', OWNER_RETRY_MS],
  ['adoptDiffers', OWNER_RETRY_MS],
]);

export interface Look {
  readonly plan: ApplyPlan | undefined;
  readonly monotonic: number;
  /** For how long the app is suspended still; 0 when it is not. */
  readonly suspendedForMs: number;
}

/** When something may change by time alone, in ms from now; undefined when nothing does. */
export function nextLookMs(state: AppState, look: Look): number | undefined {
  const objects = [...state.tracked.values()];
  const retries = objects.map((tracked) => retryInMs(tracked, look.monotonic));
  const settling = objects.map(({ verdict }) => verdict.lookAgainMs ?? Infinity);
  const reads = (look.plan?.waits ?? []).map((wait) => NEEDS_READING.get(wait.code) ?? Infinity);
  const suspended = look.suspendedForMs > 0 ? look.suspendedForMs : Infinity;
  const observed = state.desired?.entry.mode === 'observe' ? OBSERVE_EVERY_MS : Infinity;
  const soonest = Math.min(...retries, ...settling, ...reads, suspended, observed);
  // Timers may fire a little early, and what is not due yet would not be done.
  return soonest === Infinity ? undefined : Math.max(10, Math.ceil(soonest) + 1);
}

/** `stale` tells that nothing was tried since the refusal: then a time that has passed already must not be forgotten. */
function retryInMs({ retryAt, stale }: TrackedObject, monotonic: number): number {
  if (retryAt > monotonic) return retryAt - monotonic;
  return stale ? OVERDUE_MS : Infinity;
}

/** Makes a pass look anew at what waits: it is read again, or its health is judged as of now. */
export function lookAgain(state: AppState, plan: ApplyPlan | undefined, now: Instant): void {
  const isObserved = state.desired?.entry.mode === 'observe';
  const waiting = new Set(
    (plan?.waits ?? []).filter(({ code }) => NEEDS_READING.has(code)).map(({ ref }) => refKey(ref)),
  );
  for (const tracked of state.tracked.values()) {
    if (isObserved || waiting.has(tracked.key)) tracked.live = undefined;
    else judgeAgain(state, tracked, now);
  }
}

function judgeAgain(state: AppState, tracked: TrackedObject, now: Instant): void {
  const { verdict, raw, live } = tracked;
  if (verdict.lookAgainMs === undefined || raw === undefined || live?.state !== 'present') return;
  tracked.verdict = state.judge(tracked, raw, now);
  tracked.live = { ...live, health: tracked.verdict.health };
}
