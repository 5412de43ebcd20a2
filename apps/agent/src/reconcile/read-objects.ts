import { isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';
import { instantOf } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';
import { describeFault } from './describe-fault.js';
import type { Stranger } from './judge-adoption.js';
import { isEqualToWanted } from './judge-adoption.js';

const JUDGE_AGAIN_MS = 500;

/** Reads every object that must be known before planning. A read that fails makes the object unknown, never absent. */
export async function readObjects(context: ReconcileContext, state: AppState): Promise<void> {
  const now = context.clock.monotonic();
  const unread = [...state.tracked.values()].filter(
    ({ live, stale, retryAt }) => live === undefined || (stale && retryAt <= now),
  );
  await Promise.all(unread.map((tracked) => context.calls.run(() => readObject(context, state, tracked))));
}

export async function readObject(context: ReconcileContext, state: AppState, tracked: TrackedObject): Promise<void> {
  const address = state.addressOf(tracked);
  if (address === undefined) return;
  tracked.stale = false;
  try {
    const live = await context.client.find(address, { impersonate: state.account });
    if (live === undefined) markAbsent(tracked);
    else await takeRead(context, { state, tracked, live });
  } catch (error) {
    markUnknown(tracked, describeFault(tracked.ref, error).message);
  }
}

async function takeRead(context: ReconcileContext, read: Stranger): Promise<void> {
  const { state, tracked, live } = read;
  tracked.live = undefined;
  state.observe(tracked, live, instantOf(context.clock));
  if (isStranger(tracked) && state.desired?.policy.apply.adopt.when === 'ifEqual') await judgeEqual(context, read);
}

function isStranger(tracked: TrackedObject): boolean {
  const { live, wanted, entry } = tracked;
  return wanted !== undefined && live?.state === 'present' && !live.managed && (entry?.uid ?? '') === '';
}

/** Its controller may be quicker than the judgement: then it is read and judged again soon. */
async function judgeEqual(context: ReconcileContext, stranger: Stranger): Promise<void> {
  const { tracked } = stranger;
  if (tracked.live?.state !== 'present') return;
  try {
    tracked.live = { ...tracked.live, equal: await isEqualToWanted(context, stranger) };
    tracked.problem = undefined;
  } catch (error) {
    if (!isApiFault(error)) throw error;
    tracked.live = { ...tracked.live, equal: false };
    tracked.problem = describeFault(tracked.ref, error);
    if (!isApiFault(error, 'Conflict')) return;
    tracked.stale = true;
    tracked.retryAt = context.clock.monotonic() + JUDGE_AGAIN_MS;
  }
}

export function markAbsent(tracked: TrackedObject): void {
  tracked.live = { state: 'absent' };
  tracked.raw = undefined;
  tracked.verdict = { health: 'progressing', code: 'missing', message: 'the object does not exist' };
}

export function markUnknown(tracked: TrackedObject, because: string): void {
  tracked.live = { state: 'unknown', because };
  tracked.verdict = { health: 'unknown', code: 'unknown', message: because };
}
