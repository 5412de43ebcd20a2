import type { JsonObject, ManagedFieldsEntry } from '../json.js';
import { sameJson, timestamp } from '../json.js';
import { FieldSet } from './field-set.js';

/** Who does a write: what `managedFields` remembers of it. */
export interface Workflow {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
}

export interface Managed extends Workflow {
  readonly set: FieldSet;
  readonly time: string | undefined;
}

/** Managers of one object by identity. An applier keeps its entry when its API version changes; an updater does not. */
export type Managers = Map<string, Managed>;

const MAX_UPDATERS = 10;

export function managerId(workflow: Workflow): string {
  const version = workflow.operation === 'Apply' ? '' : workflow.apiVersion;
  return JSON.stringify([workflow.operation, workflow.manager, workflow.subresource, version]);
}

/** Reads `metadata.managedFields`; undefined when an entry makes no sense. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers: Managers = new Map();
  for (const entry of entries ?? []) {
    const managed = decodeEntry(entry);
    if (!managed) return undefined;
    managers.set(managerId(managed), managed);
  }
  return managers;
}

function decodeEntry(entry: ManagedFieldsEntry): Managed | undefined {
  const { operation, apiVersion } = entry;
  if ((operation !== 'Apply' && operation !== 'Update') || !apiVersion || entry.fieldsType !== 'FieldsV1')
    return undefined;
  return {
    manager: entry.manager ?? '',
    operation,
    apiVersion,
    subresource: entry.subresource ?? '',
    time: entry.time,
    set: FieldSet.parse(entry.fieldsV1),
  };
}

export function encodeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].sort(byOperationAndTime).map((managed) => ({
    ...(managed.manager === '' ? {} : { manager: managed.manager }),
    operation: managed.operation,
    apiVersion: managed.apiVersion,
    ...(managed.time === undefined ? {} : { time: managed.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: managed.set.toFieldsV1(),
    ...(managed.subresource === '' ? {} : { subresource: managed.subresource }),
  }));
}

function byOperationAndTime(a: Managed, b: Managed): number {
  const key = (m: Managed): string => [m.operation, m.time ?? '', m.manager, m.apiVersion, m.subresource].join('\0');
  return key(a) < key(b) ? -1 : 1;
}

/** Equal but for the times: such a change is not worth a write. */
export function sameManagers(a: readonly ManagedFieldsEntry[] = [], b: readonly ManagedFieldsEntry[] = []): boolean {
  const strip = (entries: readonly ManagedFieldsEntry[]): Map<string, JsonObject> =>
    new Map(entries.map(({ time: _, ...rest }) => [managerId(decodeEntry(rest) ?? UNKNOWN), rest]));
  const [left, right] = [strip(a), strip(b)];
  return left.size === right.size && [...left].every(([id, entry]) => sameJson(entry, right.get(id)));
}

const UNKNOWN: Workflow = { manager: '', operation: 'Update', apiVersion: '', subresource: '' };

/** Keeps at most ten updaters: the oldest of one API version flow together into `ancient-changes`. */
export function capManagers(managers: Managers): void {
  const updaters = [...managers].filter(([, managed]) => managed.operation === 'Update');
  let surplus = updaters.length - MAX_UPDATERS;
  updaters.sort(([, a], [, b]) => byOperationAndTime(a, b));
  for (const [id, managed] of updaters) {
    if (surplus <= 0) return;
    const bucket: Workflow = { ...UNKNOWN, manager: 'ancient-changes', apiVersion: managed.apiVersion };
    if (id === managerId(bucket)) continue;
    const ancient = managers.get(managerId(bucket));
    managers.delete(id);
    const set = ancient ? ancient.set.union(managed.set) : managed.set;
    managers.set(managerId(bucket), { ...bucket, set, time: managed.time });
    if (ancient) surplus--;
  }
}

export function stampedNow(workflow: Workflow, set: FieldSet): Managed {
  return { ...workflow, set, time: timestamp() };
}
