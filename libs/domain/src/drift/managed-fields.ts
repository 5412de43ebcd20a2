import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { isJsonObject, parseJson, printJson } from '../json/index.js';
import { memberText } from '../health/members.js';
import { escapePointer } from './diff-object.js';

/** FieldsV1: `f:name` a member, `k:{…}` an item by its keys, `v:…` an item of a set, `i:n` an item by index, `.` the node itself. */
export type FieldSet = JsonObject;

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
  readonly time: string;
  readonly fields: FieldSet;
}

/** Who holds which fields of a live object, as the API server says. */
export function managedFieldsOf(object: KubeObject): ManagedFields[] {
  const entries = object.metadata['managedFields'];
  if (!Array.isArray(entries)) return [];
  return (entries as readonly Json[]).filter(isJsonObject).map((entry) => ({
    manager: memberText(entry, 'manager'),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    subresource: memberText(entry, 'subresource'),
    time: memberText(entry, 'time'),
    fields: isJsonObject(entry['fieldsV1']) ? entry['fieldsV1'] : {},
  }));
}

/** What one manager holds by applying; undefined when it never applied the object. */
export function appliedFields(object: KubeObject, manager: string): FieldSet | undefined {
  return managedFieldsOf(object).find((entry) => isApplier(entry, manager))?.fields;
}

function isApplier(entry: ManagedFields, manager: string): boolean {
  return entry.manager === manager && entry.operation === 'Apply' && entry.subresource === '';
}

/** The part of a value that a field set covers. List items are named by their field-set key, so that order does not matter. */
export function projectFields(value: Json | undefined, fields: FieldSet): Json {
  const children = Object.keys(fields).filter((key) => key !== '.');
  if (children.length === 0) return '.' in fields ? kindOfValue(value) : (value ?? null);
  const projection: Record<string, Json> = {};
  for (const key of children) {
    const child = childOf(value, key);
    if (child !== undefined) projection[key] = projectFields(child, fieldsAt(fields, key));
  }
  return projection;
}

function kindOfValue(value: Json | undefined): Json {
  if (Array.isArray(value)) return [];
  return isJsonObject(value) ? {} : (value ?? null);
}

function fieldsAt(fields: FieldSet, key: string): FieldSet {
  const child = fields[key];
  return isJsonObject(child) ? child : {};
}

/** The child of a live value that a field-set key names. */
export function childOf(value: Json | undefined, key: string): Json | undefined {
  const name = key.slice(2);
  if (key.startsWith('f:')) return isJsonObject(value) ? value[name] : undefined;
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly Json[];
  if (key.startsWith('i:')) return items[Number(name)];
  const wanted = parseKey(name);
  if (key.startsWith('v:')) return items.find((item) => item === wanted || printJson(item) === name);
  return isJsonObject(wanted) ? items.find((item) => hasKeys(item, wanted)) : undefined;
}

function parseKey(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

function hasKeys(item: Json, keys: JsonObject): boolean {
  return (
    isJsonObject(item) && Object.entries(keys).every(([key, value]) => item[key] === value || isDefaulted(key, item))
  );
}

/** The API server fills in the protocol of a port, which is part of its key. */
function isDefaulted(key: string, item: JsonObject): boolean {
  return key === 'protocol' && item[key] === undefined;
}

/** A value without the fields of a set, and without what was left empty by that: as the API server removes what nobody holds. */
export function removeFields(value: Json, fields: FieldSet): Json {
  if (!Array.isArray(value)) return isJsonObject(value) ? removeMembers(value, fields) : value;
  const items = value as readonly Json[];
  const removals = new Map(
    Object.keys(fields).flatMap((key) => {
      const item = childOf(value, key);
      return item === undefined ? [] : [[item, fieldsAt(fields, key)] as const];
    }),
  );
  return items.flatMap((item) => {
    const removal = removals.get(item);
    return removal === undefined ? [item] : remaining(item, removal);
  });
}

function removeMembers(value: JsonObject, fields: FieldSet): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const key = `f:${name}`;
      if (member === undefined || !(key in fields)) return [[name, member]];
      return remaining(member, fieldsAt(fields, key)).map((kept) => [name, kept]);
    }),
  );
}

/** What is left of a child: nothing when all of it goes. */
function remaining(child: Json, fields: FieldSet): Json[] {
  if (Object.keys(fields).every((key) => key === '.')) return [];
  const kept = removeFields(child, fields);
  const isEmpty = typeof kept === 'object' && kept !== null && Object.keys(kept).length === 0;
  return isEmpty ? [] : [kept];
}

/** Every field of a set that is a leaf, in the notation of the API server's conflicts: `.spec.containers[name="web"].image`. */
export function printFields(fields: FieldSet, prefix = ''): string[] {
  const paths: string[] = [];
  for (const [key, child] of Object.entries(fields)) {
    if (key === '.' || !isJsonObject(child)) continue;
    const path = prefix + printFieldKey(key);
    const isLeaf = Object.keys(child).every((name) => name === '.');
    if (isLeaf) paths.push(path);
    else paths.push(...printFields(child, path));
  }
  return paths;
}

/** JSON pointers of every leaf of a field set, as the live object has them. */
export function fieldPointers(fields: FieldSet, value: Json | undefined, prefix = ''): string[] {
  const children = Object.keys(fields).filter((key) => key !== '.');
  if (children.length === 0) return [prefix];
  return children.flatMap((key) => {
    const child = childOf(value, key);
    if (child === undefined) return [];
    const index = Array.isArray(value)
      ? String((value as readonly Json[]).indexOf(child))
      : escapePointer(key.slice(2));
    return fieldPointers(fieldsAt(fields, key), child, `${prefix}/${index}`);
  });
}

function printFieldKey(key: string): string {
  const name = key.slice(2);
  if (key.startsWith('f:')) return `.${name}`;
  if (key.startsWith('v:')) return `[=${name}]`;
  if (key.startsWith('i:')) return `[${name}]`;
  const keys = parseKey(name);
  if (!isJsonObject(keys)) return `[${name}]`;
  const pairs = Object.entries(keys).map(([field, value]) => `${field}=${printJson(value ?? null)}`);
  return `[${pairs.join(',')}]`;
}

/** What is in `a` and not in `b`. */
export function subtractFields(a: FieldSet, b: FieldSet): FieldSet {
  const rest: Record<string, Json> = {};
  for (const [key, child] of Object.entries(a)) {
    // Updates note the node itself (`.`) where applies do not: whoever holds something in it holds it too.
    if (!isJsonObject(child) || key === '.') continue;
    const other = b[key];
    if (!isJsonObject(other)) {
      rest[key] = child;
      continue;
    }
    const deeper = subtractFields(child, other);
    if (Object.keys(deeper).length > 0) rest[key] = deeper;
  }
  return rest;
}

/** What is in `a`, in `b`, or in both. */
export function mergeFields(a: FieldSet, b: FieldSet): FieldSet {
  const merged: Record<string, Json> = { ...(a as Record<string, Json>) };
  for (const [key, child] of Object.entries(b)) {
    if (!isJsonObject(child)) continue;
    const own = merged[key];
    merged[key] = isJsonObject(own) ? mergeFields(own, child) : child;
  }
  return merged;
}

/** True when the field set covers the place that a JSON pointer names in the object, or anything in it. */
export function touchesPath(fields: FieldSet, value: Json | undefined, segments: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  const children = Object.keys(fields).filter((key) => key !== '.');
  if (segment === undefined || children.length === 0) return true;
  const key = childKey(children, value, segment);
  return key !== undefined && key in fields && touchesPath(fieldsAt(fields, key), memberAt(value, segment), rest);
}

/** True when the field set covers the place that the segments of a JSON pointer name in the object. */
export function holdsPath(fields: FieldSet, value: Json | undefined, segments: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  if (segment === undefined) return true;
  const children = Object.keys(fields).filter((key) => key !== '.');
  if (children.length === 0) return !('.' in fields);
  const child = memberAt(value, segment);
  const key = childKey(children, value, segment);
  return key !== undefined && key in fields && holdsPath(fieldsAt(fields, key), child, rest);
}

function memberAt(value: Json | undefined, segment: string): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[])[Number(segment)];
  return isJsonObject(value) ? value[segment] : undefined;
}

/** The key of a field set under which the member of a live value is found; undefined when none is. */
function childKey(children: readonly string[], value: Json | undefined, segment: string): string | undefined {
  if (!Array.isArray(value)) return `f:${segment}`;
  const child = memberAt(value, segment);
  return child === undefined ? undefined : children.find((name) => childOf(value, name) === child);
}
