import type { ObjectProblem } from '@flotilla/domain';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';
import type { TrackedObject } from './tracked-object.js';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** One run of a plan. */
export interface Execution {
  readonly context: ReconcileContext;
  readonly state: AppState;
  /** Aborted as soon as a newer desired state came: running writes end, no new one starts. */
  readonly signal: AbortSignal;
  /** A write ended after its pass had been superseded: what it did must be seen by the next one. */
  readonly landed: () => void;
}

/** An object was refused: it is tried again later, with growing pauses or when the server asked for it. */
export function holdBack(
  { context, state }: Execution,
  tracked: TrackedObject,
  refusal: { readonly problem: ObjectProblem; readonly waitMs: number | undefined },
): void {
  tracked.problem = refusal.problem;
  tracked.attempts += 1;
  const backoff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tracked.attempts - 1));
  tracked.retryAt = context.clock.monotonic() + Math.max(refusal.waitMs ?? 0, backoff);
  // Whatever was refused, what is known may be old: it is read again before the next try.
  tracked.stale = true;
  context.events.event({ type: 'failed', app: state.app, ref: tracked.ref, code: refusal.problem.code });
}
