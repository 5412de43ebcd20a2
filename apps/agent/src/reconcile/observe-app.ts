import type { DriftItem } from '@flotilla/domain';
import { diffObject, unstampObject } from '@flotilla/domain';
import { isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import { describeFault, isNamespaceMissing } from './describe-fault.js';
import { toDriftItem } from './judge-drift.js';
import type { ReconcileContext } from './reconcile-context.js';
import type { TrackedObject } from './tracked-object.js';

/** Mode `observe`: dry-runs of everything that is wanted, the difference as drift, and no write. */
export async function observeApp(context: ReconcileContext, state: AppState): Promise<void> {
  const wanted = [...state.tracked.values()].filter((tracked) => tracked.wanted !== undefined);
  await Promise.all(wanted.map((tracked) => context.calls.run(() => observeObject(context, state, tracked))));
}

async function observeObject(context: ReconcileContext, state: AppState, tracked: TrackedObject): Promise<void> {
  const { live } = tracked;
  if (live === undefined || live.state === 'unknown' || tracked.wanted === undefined) return;
  const resourceVersion = live.state === 'present' ? live.resourceVersion : '';
  try {
    const items = await differences(context, state, tracked);
    tracked.problem = undefined;
    tracked.drift = items.length === 0 ? undefined : { resourceVersion, items };
  } catch (error) {
    if (!isApiFault(error)) throw error;
    const isMissing = isNamespaceMissing(error);
    tracked.problem = isMissing ? undefined : describeFault(tracked.ref, error);
    tracked.drift = isMissing ? { resourceVersion, items: [missingItem(tracked)] } : undefined;
  }
}

async function differences(context: ReconcileContext, state: AppState, tracked: TrackedObject): Promise<DriftItem[]> {
  const address = state.addressOf(tracked);
  if (address === undefined || tracked.wanted === undefined) return [];
  const call = { impersonate: state.account };
  const object = unstampObject(tracked.wanted.object);
  const present = tracked.live?.state === 'present' ? await context.client.get(address, call) : undefined;
  const body = present === undefined ? object : state.bodyFor(tracked, object, present);
  const dry = await context.client.apply(address, body, { ...call, force: true, dryRun: true });
  if (present === undefined) return [missingItem(tracked)];
  return diffObject(dry, present).map((found) => toDriftItem(tracked, found, present));
}

function missingItem({ ref }: TrackedObject): DriftItem {
  return { ref, kind: 'deleted', field: '', wanted: '', live: '', manager: '', at: 0, healed: false };
}
