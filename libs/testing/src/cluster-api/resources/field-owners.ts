import { zeroObject } from '../defaulting/settle.js';
import { decodeManagers, encodeManagers } from '../fields/managers.js';
import type { Managed, Managers, Workflow } from '../fields/managers.js';
import { FieldSet, printPath } from '../fields/field-set.js';
import type { MergeInput } from '../fields/structured-merge.js';
import { applyConfig, ApplyConflict, trackUpdate, withoutManagedFields } from '../fields/structured-merge.js';
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { apiVersionOf } from '../registry/resource-type.js';
import { checkFields } from '../schema/check-fields.js';
import { StatusError } from '../status-error.js';

const NOTHING = new FieldSet();
const STATUS = new FieldSet().insert(['f:status']);

/** The object with `managedFields` that tell who changed what. `live` is undefined on creation. */
export function ownUpdate(
  live: KubeObject | undefined,
  next: KubeObject,
  who: { type: ResourceType; workflow: Workflow },
): KubeObject {
  const managers = managersOfUpdate(live?.metadata.managedFields, next.metadata.managedFields);
  const before = live ? withoutManagedFields(live) : who.type.custom ? {} : zeroObject(who.type.schema);
  const after = withoutManagedFields(next);
  trackUpdate(input(before, { ...who, managers }), after);
  return withManagers(after, managers);
}

/** A client that sends none keeps those that are there; one that sends an empty list resets them. */
function managersOfUpdate(
  live: readonly ManagedFieldsEntry[] | undefined,
  sent: readonly ManagedFieldsEntry[] | undefined,
): Managers {
  const resets =
    sent !== undefined && (sent.length === 0 || (sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0));
  if (resets) return new Map();
  const own = decodeManagers(sent);
  return own && own.size > 0 ? own : (decodeManagers(live) ?? new Map<string, Managed>());
}

/** Lays an applied configuration over the live object. @throws 409 with a cause for each field that another owns. */
export function ownApply(
  live: KubeObject | undefined,
  config: JsonObject,
  who: { type: ResourceType; workflow: Workflow; force: boolean },
): KubeObject {
  checkTyped(config, who.type);
  const managers = decodeManagers(live?.metadata.managedFields) ?? new Map<string, Managed>();
  try {
    const merged = applyConfig(input(live ? withoutManagedFields(live) : {}, { ...who, managers }), config, who.force);
    return withManagers(merged as KubeObject, managers);
  } catch (error) {
    throw error instanceof ApplyConflict ? applyConflict(error) : error;
  }
}

function checkTyped(config: JsonObject, type: ResourceType): void {
  const problems = checkFields(config, type.schema).map((problem) => `${problem.fieldPath}: ${problem.message}`);
  if (problems.length === 0) return;
  const { name = '', namespace = '' } = (config as KubeObject).metadata;
  const which = `${namespace}/${name}; ${type.group}/${type.version}, Kind=${type.kind}`;
  throw new StatusError(500, '', `failed to create typed patch object (${which}): ${problems.sort()[0]}`);
}

function input(live: JsonObject, who: { type: ResourceType; workflow: Workflow; managers: Managers }): MergeInput {
  return { live, managers: who.managers, node: who.type.schema, workflow: who.workflow, ignored: ignoredBy(who) };
}

/** Writes on the main resource never own the status, not even its defaults. */
function ignoredBy({ type, workflow }: { type: ResourceType; workflow: Workflow }): FieldSet {
  return workflow.subresource === '' && type.subresources.has('status') ? STATUS : NOTHING;
}

function withManagers(object: KubeObject, managers: Managers): KubeObject {
  const managedFields = encodeManagers(managers);
  return managedFields ? { ...object, metadata: { ...object.metadata, managedFields } } : object;
}

function applyConflict({ conflicts }: ApplyConflict): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: printPath(path),
  }));
  return new StatusError(409, 'Conflict', applyMessage(conflicts), { causes });
}

function applyMessage(conflicts: ApplyConflict['conflicts']): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only) {
    return `Apply failed with 1 conflict: conflict with ${printManager(only.manager)}: ${printPath(only.path)}`;
  }
  const names = [...new Set(conflicts.map(({ manager }) => printManager(manager)))].sort();
  const lines = names.flatMap((name) => {
    const own = conflicts.filter(({ manager }) => printManager(manager) === name);
    return [`conflicts with ${name}:`, ...own.map(({ path }) => `- ${printPath(path)}`)];
  });
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function printManager({ manager, operation, apiVersion, subresource }: Managed): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

export function workflowOf(type: ResourceType, workflow: Omit<Workflow, 'apiVersion'>): Workflow {
  return { ...workflow, apiVersion: apiVersionOf(type) };
}
