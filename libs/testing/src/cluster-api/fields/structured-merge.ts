import type { JsonObject, KubeObject } from '../json.js';
import { sameJson } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';
import type { Comparison } from './compare-values.js';
import { compareValues } from './compare-values.js';
import { FieldSet } from './field-set.js';
import type { Managed, Managers, Workflow } from './managers.js';
import { capManagers, managerId, stampedNow } from './managers.js';
import { mergeValues } from './merge-values.js';
import { removeItems } from './remove-items.js';
import { toFieldSet, withNamedFields } from './to-field-set.js';

/**
 * Server-side apply as structured-merge-diff defines it. Objects come and go without `metadata.managedFields`; managers
 * are changed in place of the map given.
 */
export interface MergeInput {
  readonly live: JsonObject;
  readonly managers: Managers;
  readonly node: SchemaNode;
  readonly workflow: Workflow;
  /** Fields that this endpoint does not take, e.g. `status` on the main resource: never owned, never in conflict. */
  readonly ignored: FieldSet;
}

export interface FieldConflict {
  readonly manager: Managed;
  readonly path: readonly string[];
}

export class ApplyConflict extends Error {
  constructor(readonly conflicts: readonly FieldConflict[]) {
    super('apply conflict');
  }
}

/** Never part of managed fields. */
const STRIPPED = new FieldSet().insert(['f:apiVersion']).insert(['f:kind']).insert(['f:metadata']);
for (const name of ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation'])
  STRIPPED.insert(['f:metadata', `f:${name}`]);
STRIPPED.insert(['f:metadata', 'f:managedFields']).insert(['f:metadata', 'f:resourceVersion']);

/**
 * Applies a configuration: merges it, removes what this manager applied before and nobody owns now, records ownership.
 * @throws ApplyConflict when another manager owns a changed field and `force` is not given.
 */
export function applyConfig(input: MergeInput, config: JsonObject, force: boolean): JsonObject {
  const { managers, node, workflow } = input;
  const id = managerId(workflow);
  const last = managers.get(id);
  const set = toFieldSet(config, node).without(input.ignored);
  managers.set(id, { ...workflow, set, time: last?.time });
  const merged = mergeValues(input.live, config, node) as JsonObject;
  const result = last ? pruneDropped(merged, last.set, input) : merged;
  settleOthers(input, compareUnignored(input, result), { id, force });
  if (!sameJson(input.live, result)) managers.set(id, stampedNow(workflow, set));
  strip(managers, id);
  return result;
}

/** Records who changed what after a PUT or patch; the changed fields leave the sets of everybody else. */
export function trackUpdate(input: MergeInput, after: JsonObject): void {
  const { managers, workflow } = input;
  const comparison = compareUnignored(input, after);
  settleOthers(input, comparison, { id: undefined, force: true });
  const taken = comparison.modified.union(comparison.added).difference(STRIPPED);
  if (taken.isEmpty) return;
  const id = managerId(workflow);
  const previous = managers.get(id)?.set ?? new FieldSet();
  managers.set(id, stampedNow(workflow, taken.union(previous)));
  capManagers(managers);
}

function compareUnignored(input: MergeInput, after: JsonObject): Comparison {
  const { added, modified, removed } = compareValues(input.live, after, input.node);
  const { ignored } = input;
  return { added: added.without(ignored), modified: modified.without(ignored), removed: removed.without(ignored) };
}

/** Takes changed and removed fields from all other managers, or refuses. */
function settleOthers(
  input: MergeInput,
  comparison: Comparison,
  own: { id: string | undefined; force: boolean },
): void {
  const changed = comparison.modified.union(comparison.added);
  const others = [...input.managers].filter(([id]) => id !== own.id);
  if (!own.force) refuseConflicts(others, changed);
  for (const [id, managed] of others) {
    const set = managed.set.difference(changed).difference(comparison.removed);
    if (set.isEmpty) input.managers.delete(id);
    else input.managers.set(id, { ...managed, set });
  }
}

function refuseConflicts(others: readonly [string, Managed][], changed: FieldSet): void {
  const conflicts = others.flatMap(([, manager]) =>
    [...manager.set.intersection(changed).paths()].map((path) => ({ manager, path })),
  );
  if (conflicts.length > 0) throw new ApplyConflict(conflicts);
}

/** Removes what was in the last applied set and is owned by no manager any more. */
function pruneDropped(merged: JsonObject, last: FieldSet, input: MergeInput): JsonObject {
  const { node } = input;
  const named = (set: FieldSet): FieldSet => withNamedFields(set, node);
  const lastNamed = named(last);
  const withoutLast = removeItems(merged, lastNamed, node);
  const mergedNamed = named(toFieldSet(merged, node));
  let owned = new FieldSet();
  for (const managed of input.managers.values()) owned = owned.union(managed.set);
  const kept = named(toFieldSet(withoutLast, node)).union(named(owned));
  const ownedOnly = removeItems(merged, mergedNamed.difference(kept), node);
  const dangling = mergedNamed.difference(named(toFieldSet(ownedOnly, node))).intersection(lastNamed);
  return dangling.isEmpty ? merged : ((removeItems(merged, dangling, node) ?? {}) as JsonObject);
}

function strip(managers: Managers, id: string): void {
  const managed = managers.get(id);
  if (!managed) return;
  const set = managed.set.difference(STRIPPED);
  if (set.isEmpty) managers.delete(id);
  else managers.set(id, { ...managed, set });
}

/** The object without its managed fields, which are no part of the merge. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
