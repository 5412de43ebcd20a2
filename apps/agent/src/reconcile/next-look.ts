import type { ApplyPlan, WaitCode } from '@flotilla/domain';
import { refKey } from '@flotilla/domain';
import type { AppState } from './app-state.js';
import type { TrackedObject } from './tracked-object.js';

const WAIT_RETRY_MS = 5_000;
const OBSERVE_EVERY_MS = 60_000;

/** Objects that no watch tells us about while they wait. */
const NEEDS_READING: ReadonlySet<WaitCode> = new Set(['unknown', 'terminating', 'ownedBy', 'notOwned', 'adoptDiffers']);

export interface Look {
  readonly plan: ApplyPlan | undefined;
  readonly monotonic: number;
  /** For how long the app is suspended still; 0 when it is not. */
  readonly suspendedForMs: number;
}

/** When something may change by time alone, in ms from now; undefined when nothing does. */
export function nextLookMs(state: AppState, look: Look): number | undefined {
  const waits: number[] = [];
  for (const { retryAt, verdict } of state.tracked.values()) {
    if (retryAt > look.monotonic) waits.push(retryAt - look.monotonic);
    if (verdict.lookAgainMs !== undefined) waits.push(verdict.lookAgainMs);
  }
  if (look.suspendedForMs > 0) waits.push(look.suspendedForMs);
  if (look.plan?.waits.some((wait) => NEEDS_READING.has(wait.code)) === true) waits.push(WAIT_RETRY_MS);
  if (state.desired?.entry.mode === 'observe') waits.push(OBSERVE_EVERY_MS);
  return waits.length === 0 ? undefined : Math.max(10, Math.min(...waits));
}

/** Makes a pass look anew at what waits: it is read again, or its health is judged as of now. */
export function lookAgain(state: AppState, plan: ApplyPlan | undefined, now: number): void {
  const isObserved = state.desired?.entry.mode === 'observe';
  const waiting = new Set(
    (plan?.waits ?? []).filter(({ code }) => NEEDS_READING.has(code)).map(({ ref }) => refKey(ref)),
  );
  for (const tracked of state.tracked.values()) {
    if (isObserved || waiting.has(tracked.key)) tracked.live = undefined;
    else judgeAgain(state, tracked, now);
  }
}

function judgeAgain(state: AppState, tracked: TrackedObject, now: number): void {
  const { verdict, raw, live } = tracked;
  if (verdict.lookAgainMs === undefined || raw === undefined || live?.state !== 'present') return;
  tracked.verdict = state.judge(tracked, raw, now);
  tracked.live = { ...live, health: tracked.verdict.health };
}
