import type { ApplyWhy, FieldSet, KubeObject, ObjectProblem } from '@flotilla/domain';
import {
  Fault,
  REPLACE_ANNOTATION,
  isByHand,
  isFinished,
  managedFieldsOf,
  memberText,
  parseConflictManager,
  splitConflicts,
  transferOwnership,
} from '@flotilla/domain';
import type { ApiFault, ObjectAddress } from '@flotilla/kube';
import { FIELD_MANAGER, isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import { isFieldConflict, isImmutable, isNamespaceMissing } from './describe-fault.js';
import { hasExtraFields } from './judge-drift.js';
import type { ReconcileContext } from './reconcile-context.js';
import type { TrackedObject, Wanted } from './tracked-object.js';

/** What became of one apply. */
export type ApplyOutcome =
  | { readonly did: 'applied'; readonly object: KubeObject; readonly from: readonly string[] }
  /** The old object was deleted, because it cannot be changed; the new one follows. */
  | { readonly did: 'replaced' };

interface Target {
  readonly state: AppState;
  readonly tracked: TrackedObject;
  readonly wanted: Wanted;
  readonly address: ObjectAddress;
  readonly why: ApplyWhy;
}

/** Refused because other managers hold fields that we never held. */
export class ClaimConflict extends Fault {
  constructor(readonly problem: ObjectProblem) {
    super('conflict', problem.message);
  }
}

/** Brings one object to what is wanted by server-side apply. Refusals are thrown. */
export async function applyObject(context: ReconcileContext, target: Target): Promise<ApplyOutcome> {
  if (target.tracked.live?.state !== 'present') {
    return { did: 'applied', object: await create(context, target), from: [] };
  }
  const moved = mustSeeLive(target) ? await takeOwnership(context, target) : { live: undefined, from: [] };
  try {
    return { did: 'applied', object: await applyOver(context, target, moved.live), from: moved.from };
  } catch (error) {
    if (!isImmutable(error)) throw error;
    const live = await context.client.get(target.address, { impersonate: target.state.account });
    if (!mayReplace(target, live)) throw error;
    return replace(context, target, live);
  }
}

/** Adoption, removal of what people added, and paths left to others depend on who holds what now. */
function mustSeeLive({ state, tracked, why }: Target): boolean {
  if (why === 'adopt' || why === 'drift' || tracked.scaled) return true;
  const ignored = state.ignoredPaths(tracked, undefined);
  return ignored.pointers.length + ignored.managers.length > 0;
}

async function create(context: ReconcileContext, target: Target): Promise<KubeObject> {
  const { address, wanted, state } = target;
  try {
    return await context.client.apply(address, wanted.object, { impersonate: state.account });
  } catch (error) {
    if (!isNamespaceMissing(error) || !mayCreateNamespace(target)) throw error;
    await ensureNamespace(context, address.namespace);
    return context.client.apply(address, wanted.object, { impersonate: state.account });
  }
}

function mayCreateNamespace({ state, address }: Target): boolean {
  const policy = state.desired?.policy;
  return policy?.createNamespace === true && policy.namespace === address.namespace;
}

/** With the agent's own account: it is ensured, not owned, labelled or pruned. */
async function ensureNamespace(context: ReconcileContext, name: string): Promise<void> {
  const type = context.client.discovery.find('v1', 'Namespace');
  if (type === undefined) throw new Fault('unavailable', 'the API server serves no namespaces');
  try {
    await context.client.create(type, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    if (!isApiFault(error, 'AlreadyExists')) throw error;
  }
}

/** Moves to us what adopted managers hold, and what people added by hand, so that the apply can change and remove it. */
async function takeOwnership(
  context: ReconcileContext,
  target: Target,
): Promise<{ readonly live: KubeObject; readonly from: readonly string[] }> {
  const { address, state, tracked } = target;
  const call = { impersonate: state.account };
  const live = tracked.raw ?? (await context.client.get(address, call));
  const from = managersToReplace(target, live);
  const patch = from.length === 0 ? undefined : transferOwnership(live, from, FIELD_MANAGER);
  if (patch === undefined) return { live, from: [] };
  return { live: await context.client.patch(address, patch, { type: 'json', ...call }), from };
}

function managersToReplace(target: Target, live: KubeObject): string[] {
  const policy = target.state.desired?.policy;
  if (policy === undefined) return [];
  const managers = managedFieldsOf(live).map((entry) => entry.manager);
  if (target.why === 'adopt') return policy.apply.adopt.from.filter((manager) => managers.includes(manager));
  const isRemoving = target.why === 'drift' && hasExtraFields(target.state, live);
  return isRemoving ? [...new Set(managers.filter(isByHand))] : [];
}

/** Takes back what we held; what others hold and we never did is theirs, unless the policy forces it. */
async function applyOver(context: ReconcileContext, target: Target, live: KubeObject | undefined): Promise<KubeObject> {
  const { address, state, tracked, wanted } = target;
  const call = { impersonate: state.account };
  const force = target.why === 'drift' || state.desired?.policy.apply.conflict === 'force';
  try {
    const body = live === undefined ? wanted.object : state.bodyFor(tracked, wanted, live);
    return await context.client.apply(address, body, { ...call, force });
  } catch (error) {
    if (!isFieldConflict(error)) throw error;
    refuseClaims(target, error);
    // What is left to others is judged on what is live now: someone may have taken it a moment ago.
    const fresh = await context.client.get(address, call);
    return context.client.apply(address, state.bodyFor(tracked, wanted, fresh), { ...call, force: true });
  }
}

function refuseClaims({ tracked }: Target, conflict: ApiFault): void {
  const conflicts = conflict.causes.map(({ field, message }) => ({ field, manager: parseConflictManager(message) }));
  const held = JSON.parse(
    tracked.entry?.held === undefined || tracked.entry.held === '' ? '{}' : tracked.entry.held,
  ) as FieldSet;
  const { claims } = splitConflicts(conflicts, held);
  if (claims.length === 0) return;
  const named = claims.map((claim) => `${claim.field} (${claim.manager})`).join(', ');
  throw new ClaimConflict({
    ref: tracked.ref,
    code: 'applyConflict',
    message: `held by other managers: ${named}`,
    summary: '',
  });
}

/** Only what the inventory proves to be ours is deleted, and only when told to or when it has run to its end. */
function mayReplace({ tracked, wanted }: Target, live: KubeObject): boolean {
  if (tracked.entry === undefined || tracked.entry.uid !== memberText(live.metadata, 'uid')) return false;
  return wanted.object.metadata.annotations?.[REPLACE_ANNOTATION] === 'allowed' || isFinished(live);
}

async function replace(context: ReconcileContext, target: Target, live: KubeObject): Promise<ApplyOutcome> {
  const uid = memberText(live.metadata, 'uid');
  const resourceVersion = memberText(live.metadata, 'resourceVersion');
  const impersonate = target.state.account;
  await context.client.delete(target.address, { uid, resourceVersion, impersonate, propagation: 'Foreground' });
  return { did: 'replaced' };
}
