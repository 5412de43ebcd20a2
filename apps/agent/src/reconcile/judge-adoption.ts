import type { FieldSet, JsonObject, KubeObject } from '@flotilla/domain';
import {
  appliedFields,
  diffObject,
  isJsonObject,
  managedFieldsOf,
  memberText,
  mergeFields,
  removeFields,
  subtractFields,
  unstampObject,
} from '@flotilla/domain';
import { FIELD_MANAGER } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';
import type { TrackedObject } from './tracked-object.js';

export interface Stranger {
  readonly state: AppState;
  readonly tracked: TrackedObject;
  readonly live: KubeObject;
}

/**
 * Whether adopting would change nothing but our label and ownership, by dry-runs alone: what we would apply is there already,
 * and what the former managers hold beyond it comes back by itself when it is removed with the transfer. Clients that update
 * hold every default that the API server filled in.
 * @throws ApiFault when a dry-run is refused
 */
export async function isEqualToWanted(context: ReconcileContext, { state, tracked, live }: Stranger): Promise<boolean> {
  const address = state.addressOf(tracked);
  if (address === undefined || tracked.wanted === undefined) return false;
  const from = state.desired?.policy.apply.adopt.from ?? [];
  const call = { impersonate: state.account, dryRun: true };
  const wanted = { ...tracked.wanted, object: unstampObject(tracked.wanted.object) };
  const body = state.bodyFor(tracked, wanted, withoutManagers(live, from));
  const applied = await context.client.apply(address, body, { ...call, force: true });
  if (diffObject(applied, live).length > 0) return false;
  const excess = excessFields(live, applied, from);
  if (Object.keys(excess).length === 0) return true;
  const without = removeFields(live, excess) as KubeObject;
  return diffObject(await context.client.replace(address, without, call), live).length === 0;
}

/** As it will be known when they have handed over: what is left to others and nobody holds any more is ours to send. */
function withoutManagers(live: KubeObject, from: readonly string[]): KubeObject {
  const entries = (live.metadata['managedFields'] ?? []) as readonly JsonObject[];
  const managedFields = entries.filter((entry) => !from.includes(memberText(entry, 'manager')));
  return { ...live, metadata: { ...live.metadata, managedFields } };
}

/** What former managers hold and we would not apply. Labels and annotations are their bookkeeping: nothing is judged by them. */
function excessFields(live: KubeObject, applied: KubeObject, from: readonly string[]): FieldSet {
  const theirs = managedFieldsOf(live)
    .filter((entry) => from.includes(entry.manager) && entry.subresource === '')
    .reduce<FieldSet>((all, { fields }) => mergeFields(all, fields), {});
  const { 'f:metadata': metadata, ...rest } = subtractFields(theirs, appliedFields(applied, FIELD_MANAGER) ?? {});
  const { 'f:labels': _labels, 'f:annotations': _annotations, ...others } = isJsonObject(metadata) ? metadata : {};
  return Object.keys(others).length === 0 ? rest : { ...rest, 'f:metadata': others };
}
