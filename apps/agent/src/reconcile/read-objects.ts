import { diffObject, unstampObject } from '@flotilla/domain';
import type { KubeObject } from '@flotilla/domain';
import { isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';
import { instantOf } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';
import { describeFault } from './describe-fault.js';
import { stealingIsHarmless } from './judge-adoption.js';

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

async function takeRead(
  context: ReconcileContext,
  read: { readonly state: AppState; readonly tracked: TrackedObject; readonly live: KubeObject },
): Promise<void> {
  const { state, tracked, live } = read;
  tracked.live = undefined;
  state.observe(tracked, live, instantOf(context.clock));
  if (isStranger(tracked) && state.desired?.policy.apply.adopt.when === 'ifEqual') await judgeEqual(context, read);
}

function isStranger(tracked: TrackedObject): boolean {
  const { live, wanted, entry } = tracked;
  return wanted !== undefined && live?.state === 'present' && !live.managed && (entry?.uid ?? '') === '';
}

/** `ifEqual` is judged by a dry-run: adopting must change nothing but our label and ownership. */
async function judgeEqual(
  context: ReconcileContext,
  read: { readonly state: AppState; readonly tracked: TrackedObject; readonly live: KubeObject },
): Promise<void> {
  const { state, tracked, live } = read;
  const address = state.addressOf(tracked);
  if (address === undefined || tracked.wanted === undefined || tracked.live?.state !== 'present') return;
  const options = { impersonate: state.account, dryRun: true, force: true };
  try {
    const dry = await context.client.apply(address, unstampObject(tracked.wanted.object), options);
    const from = state.desired?.policy.apply.adopt.from ?? [];
    const isEqual = diffObject(dry, live).length === 0;
    tracked.live = { ...tracked.live, equal: isEqual && stealingIsHarmless(live, dry, from) };
  } catch (error) {
    if (!isApiFault(error)) throw error;
    tracked.live = { ...tracked.live, equal: false };
    tracked.problem = describeFault(tracked.ref, error);
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
