import type { DriftItem, FieldDifference, InventoryEntry, KubeObject, PresentObject } from '@flotilla/domain';
import {
  appliedFields,
  diffObject,
  extraFieldsOf,
  fieldPointers,
  holdsPath,
  managedFieldsOf,
  parsePointer,
  printJson,
  touchesPath,
  valueAt,
} from '@flotilla/domain';
import { FIELD_MANAGER, isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import { describeFault } from './describe-fault.js';
import type { ReconcileContext } from './reconcile-context.js';
import type { TrackedObject, Wanted } from './tracked-object.js';

/**
 * A changed hash is not drift yet: one dry-run apply tells whether anything would change. When not, the API server writes the
 * same thing in another form, and that is the new baseline.
 */
export async function judgeDrifts(context: ReconcileContext, state: AppState): Promise<void> {
  await judgeAll(context, state, newlyWanted);
  await judgeAll(context, state, drifted);
}

type Judged = (state: AppState, tracked: TrackedObject) => Wanted | undefined;

async function judgeAll(context: ReconcileContext, state: AppState, by: Judged): Promise<void> {
  const suspects = [...state.tracked.values()].flatMap((tracked) => {
    const wanted = by(state, tracked);
    return wanted === undefined ? [] : [{ tracked, wanted }];
  });
  await Promise.all(suspects.map((suspect) => context.calls.run(() => judgeDrift(context, state, suspect))));
}

/** What may have been written already although it is not noted. */
function newlyWanted(state: AppState, tracked: TrackedObject): Wanted | undefined {
  const { entry, wanted } = tracked;
  if (entry === undefined || wanted === undefined || entry.applied === wanted.digest) return undefined;
  return isPerhapsWritten(state, tracked, entry) ? wanted : undefined;
}

/** What is in force and perhaps not so any more. What is to be changed or dropped matters only while that has to wait. */
function drifted(state: AppState, tracked: TrackedObject): Wanted | undefined {
  const { entry, wanted } = tracked;
  const inForce = state.inForce(tracked);
  if (entry === undefined || (inForce !== wanted && !state.isHeldBack)) return undefined;
  return inForce !== undefined && isUnjudged(tracked, entry) ? inForce : undefined;
}

/**
 * Ours and to be changed, but not as we left it: an earlier process may have written it and died before it could note that.
 * What is right already is not written again.
 */
function isPerhapsWritten(state: AppState, { live, judgedAt }: TrackedObject, entry: InventoryEntry): boolean {
  if (live?.state !== 'present' || live.matches || live.terminating || judgedAt === live.resourceVersion) return false;
  return live.managed && live.app === state.app && (entry.uid === '' || entry.uid === live.uid);
}

/** Gone or edited, and not judged at this version yet. */
function isUnjudged({ live, drift }: TrackedObject, entry: InventoryEntry): boolean {
  if (live?.state === 'absent') return !entry.finished && drift?.resourceVersion !== '';
  return live?.state === 'present' && isEdited(live, entry) && drift?.resourceVersion !== live.resourceVersion;
}

function isEdited(live: PresentObject, entry: InventoryEntry): boolean {
  return !live.terminating && !live.matches && entry.uid === live.uid;
}

async function judgeDrift(
  context: ReconcileContext,
  state: AppState,
  { tracked, wanted }: { readonly tracked: TrackedObject; readonly wanted: Wanted },
): Promise<void> {
  const { live } = tracked;
  if (live?.state === 'absent') {
    tracked.drift = { resourceVersion: '', items: [deletedItem(tracked)] };
    return;
  }
  const address = state.addressOf(tracked);
  const { raw } = tracked;
  if (address === undefined || raw === undefined || live?.state !== 'present') return;
  try {
    const body = state.bodyFor(tracked, wanted, raw);
    const dry = await context.client.apply(address, body, { impersonate: state.account, force: true, dryRun: true });
    takeVerdict(state, { tracked, wanted, dry, raw });
  } catch (error) {
    if (!isApiFault(error)) throw error;
    tracked.problem = describeFault(tracked.ref, error);
  }
}

function takeVerdict(
  state: AppState,
  judged: {
    readonly tracked: TrackedObject;
    readonly wanted: Wanted;
    readonly dry: KubeObject;
    readonly raw: KubeObject;
  },
): void {
  const { tracked, wanted, dry, raw } = judged;
  const live = tracked.live;
  if (live?.state !== 'present') return;
  const held = appliedFields(dry, FIELD_MANAGER) ?? {};
  // What webhooks write anew at each request is not ours, and differs every time.
  const differences = diffObject(dry, raw).filter(({ field }) => touchesPath(held, dry, parsePointer(field)));
  const isHeld = JSON.stringify(held) === JSON.stringify(appliedFields(raw, FIELD_MANAGER) ?? {});
  if (differences.length === 0 && isHeld && !hasExtraFields(state, raw)) {
    state.applied(tracked, raw, wanted);
    tracked.live = { ...live, matches: true };
    tracked.drift = undefined;
    return;
  }
  if (tracked.entry?.applied !== wanted.digest) {
    tracked.judgedAt = live.resourceVersion;
    return;
  }
  const known = new Set(differences.map(({ field }) => field));
  const added = addedFields(state, raw).filter(({ field }) => !known.has(field));
  const items = [...differences, ...added].map((found) => toDriftItem(tracked, found, raw));
  tracked.drift = { resourceVersion: live.resourceVersion, items };
}

/** Fields that people added with kubectl and that the policy wants removed. */
export function hasExtraFields(state: AppState, live: KubeObject): boolean {
  if (state.desired?.policy.drift.extraFields !== 'remove') return false;
  return Object.keys(extraFieldsOf(live, appliedFields(live, FIELD_MANAGER) ?? {})).length > 0;
}

/** What a dry-run does not show: fields that are only there because a person added them. */
function addedFields(state: AppState, live: KubeObject): FieldDifference[] {
  if (!hasExtraFields(state, live)) return [];
  const extra = extraFieldsOf(live, appliedFields(live, FIELD_MANAGER) ?? {});
  return fieldPointers(extra, live).map((field) => ({
    field,
    wanted: undefined,
    live: valueAt(live, parsePointer(field)),
  }));
}

/** One field that differs; values of Secrets are never told. */
export function toDriftItem(tracked: TrackedObject, found: FieldDifference, live: KubeObject): DriftItem {
  const author = authorOf(live, found.field);
  const print = (value: FieldDifference['live']): string =>
    isSecret(tracked) || value === undefined ? '' : printJson(value);
  return {
    ref: tracked.ref,
    kind: 'edited',
    field: found.field,
    wanted: print(found.wanted),
    live: print(found.live),
    manager: author?.manager ?? '',
    at: author === undefined ? 0 : Date.parse(author.time) || 0,
    healed: false,
  };
}

/** Without an audit log nobody knows who deleted something. The claim that is made again has another volume, without data. */
function deletedItem({ ref, volume }: TrackedObject): DriftItem {
  const item: DriftItem = { ref, kind: 'deleted', field: '', wanted: '', live: '', manager: '', at: 0, healed: false };
  if (ref.kind !== 'PersistentVolumeClaim' || ref.group !== '') return item;
  return { ...item, field: '/spec/volumeName', wanted: JSON.stringify(volume), live: '"a new, empty volume"' };
}

function isSecret({ ref }: TrackedObject): boolean {
  return ref.kind === 'Secret' && ref.group === '';
}

/** The manager that holds the field now; for one that is gone, whoever wrote last. */
function authorOf(live: KubeObject, field: string): { readonly manager: string; readonly time: string } | undefined {
  const others = managedFieldsOf(live).filter(
    (entry) => entry.manager !== FIELD_MANAGER && entry.subresource !== 'status',
  );
  const holder = others.find((entry) => holdsPath(entry.fields, live, parsePointer(field)));
  return holder ?? others.sort((a, b) => (a.time < b.time ? 1 : -1))[0];
}
