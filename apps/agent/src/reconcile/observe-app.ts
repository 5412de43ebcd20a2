import type { DriftItem, FieldDifference, FieldSet, KubeObject, ObservedObject } from '@flotilla/domain';
import { diffObject, holdsPath, managedFieldsOf, parsePointer, unstampObject } from '@flotilla/domain';
import { FIELD_MANAGER, isApiFault } from '@flotilla/kube';
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

/** What a dry-run says of one object. */
interface Observation {
  readonly items: readonly DriftItem[];
  readonly from: readonly string[];
  readonly claims: readonly string[];
}

async function observeObject(context: ReconcileContext, state: AppState, tracked: TrackedObject): Promise<void> {
  const { live } = tracked;
  if (live === undefined || live.state === 'unknown' || tracked.wanted === undefined) return;
  const resourceVersion = live.state === 'present' ? live.resourceVersion : '';
  try {
    const observation = await observe(context, state, tracked);
    tracked.problem = undefined;
    take(tracked, resourceVersion, observation);
  } catch (error) {
    if (!isApiFault(error)) throw error;
    const isMissing = isNamespaceMissing(error);
    take(tracked, resourceVersion, { items: isMissing ? [missingItem(tracked)] : [], from: [], claims: [] });
    tracked.problem = isMissing ? undefined : describeFault(tracked.ref, error);
    if (tracked.problem !== undefined) tracked.observed = { ...observed(tracked), refusal: tracked.problem.message };
  }
}

function take(tracked: TrackedObject, resourceVersion: string, { items, from, claims }: Observation): void {
  tracked.drift = items.length === 0 ? undefined : { resourceVersion, items };
  tracked.observed = { ref: tracked.ref, differs: items.length > 0, from, claims, refusal: '' };
}

function observed({ ref, observed: known }: TrackedObject): ObservedObject {
  return known ?? { ref, differs: false, from: [], claims: [], refusal: '' };
}

async function observe(context: ReconcileContext, state: AppState, tracked: TrackedObject): Promise<Observation> {
  const address = state.addressOf(tracked);
  if (address === undefined || tracked.wanted === undefined) return { items: [], from: [], claims: [] };
  const call = { impersonate: state.account };
  const object = unstampObject(tracked.wanted.object);
  const present = tracked.live?.state === 'present' ? await context.client.get(address, call) : undefined;
  const body = present === undefined ? object : state.bodyFor(tracked, { ...tracked.wanted, object }, present);
  const dry = await context.client.apply(address, body, { ...call, force: true, dryRun: true });
  if (present === undefined) return { items: [missingItem(tracked)], from: [], claims: [] };
  const differences = diffObject(dry, present);
  const from = adoptedManagers(state, present);
  return {
    items: differences.map((found) => toDriftItem(tracked, found, present)),
    from,
    claims: claimsOf(state, tracked, { differences, present, from }),
  };
}

function adoptedManagers(state: AppState, present: KubeObject): string[] {
  const managers = new Set(managedFieldsOf(present).map(({ manager }) => manager));
  return (state.desired?.policy.apply.adopt.from ?? []).filter((manager) => managers.has(manager));
}

/** Fields that others hold, that we want otherwise and never held: with `conflict: fail` the apply would be refused. */
function claimsOf(
  state: AppState,
  tracked: TrackedObject,
  found: {
    readonly differences: readonly FieldDifference[];
    readonly present: KubeObject;
    readonly from: readonly string[];
  },
): string[] {
  if (state.desired?.policy.apply.conflict !== 'fail') return [];
  const { differences, present, from } = found;
  const held = JSON.parse(tracked.entry?.held || '{}') as FieldSet;
  const others = managedFieldsOf(present).filter(
    ({ manager, subresource }) => manager !== FIELD_MANAGER && subresource !== 'status' && !from.includes(manager),
  );
  return differences.flatMap(({ field, wanted }) => {
    const path = parsePointer(field);
    if (wanted === undefined || (Object.keys(held).length > 0 && holdsPath(held, present, path))) return [];
    const holder = others.find(({ fields }) => holdsPath(fields, present, path));
    return holder === undefined ? [] : [`${field} (${holder.manager})`];
  });
}

function missingItem({ ref }: TrackedObject): DriftItem {
  return { ref, kind: 'deleted', field: '', wanted: '', live: '', manager: '', at: 0, healed: false };
}
