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
  const { live, wanted } = tracked;
  const address = state.addressOf(tracked);
  tracked.drift = undefined;
  if (address === undefined || wanted === undefined || live === undefined || live.state === 'unknown') return;
  try {
    const present =
      live.state === 'present' ? await context.client.get(address, { impersonate: state.account }) : undefined;
    const object = unstampObject(wanted.object);
    const body = present === undefined ? object : state.bodyFor(tracked, object, present);
    const dry = await context.client.apply(address, body, { impersonate: state.account, force: true, dryRun: true });
    tracked.problem = undefined;
    const items =
      present === undefined
        ? [missingItem(tracked)]
        : diffObject(dry, present).map((found) => toDriftItem(tracked, found, present));
    if (items.length > 0)
      tracked.drift = { resourceVersion: live.state === 'present' ? live.resourceVersion : '', items };
  } catch (error) {
    if (!isApiFault(error)) throw error;
    if (isNamespaceMissing(error)) tracked.drift = { resourceVersion: '', items: [missingItem(tracked)] };
    else tracked.problem = describeFault(tracked.ref, error);
  }
}

function missingItem({ ref }: TrackedObject): DriftItem {
  return { ref, kind: 'deleted', field: '', wanted: '', live: '', manager: '', at: 0, healed: false };
}
