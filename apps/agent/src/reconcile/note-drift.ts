import type { ApplyWhy } from '@flotilla/domain';
import type { ReconcileContext } from './reconcile-context.js';
import type { TrackedObject } from './tracked-object.js';

const CONTESTED_WINDOW_MS = 60_000;
const CONTESTED_WRITES = 10;

/** Counts a heal of an object that someone changes back and back: at most ten a minute. False when it must wait. */
export function noteHeal(context: ReconcileContext, tracked: TrackedObject, why: ApplyWhy): boolean {
  if (why !== 'drift' && why !== 'recreate') return true;
  const now = context.clock.monotonic();
  tracked.heals = tracked.heals.filter((at) => now - at < CONTESTED_WINDOW_MS);
  if (tracked.heals.length < CONTESTED_WRITES) {
    tracked.heals.push(now);
    return true;
  }
  tracked.retryAt = (tracked.heals[0] ?? now) + CONTESTED_WINDOW_MS;
  tracked.problem = { ref: tracked.ref, code: 'contested', message: describeContest(tracked), summary: '' };
  return false;
}

function describeContest({ drift }: TrackedObject): string {
  const managers = [...new Set((drift?.items ?? []).map((item) => item.manager).filter((manager) => manager !== ''))];
  const who = managers.length === 0 ? 'someone' : managers.join(', ');
  return `${who} changed it ${CONTESTED_WRITES} times within a minute: healing waits`;
}
