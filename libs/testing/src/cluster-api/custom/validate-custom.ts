import { isExactInteger } from '@flotilla/domain';
import type { Json, JsonObject, KubeObject } from '../json.js';
import { isObject, sameJson } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { SchemaNode } from '../schema/schema-node.js';
import type { StatusCause } from '../status-error.js';

/** The object against the structural schema of its version, in the words of kube-openapi's validator. */
export function validateCustom(object: KubeObject, type: ResourceType): StatusCause[] {
  const causes: StatusCause[] = [];
  const { metadata: _, ...rest } = object;
  check(rest, type.schema, '', causes);
  return causes.sort((a, b) => ((a.field ?? '') < (b.field ?? '') ? -1 : 1));
}

function check(value: Json | undefined, node: SchemaNode, path: string, into: StatusCause[]): void {
  if (value === undefined || (value === null && node.raw.nullable)) return;
  const wrong = wrongType(value, node);
  if (wrong) return void into.push(typeCause(value, wrong, path));
  into.push(...checkEnum(value, node, path));
  if (typeof value === 'string') into.push(...checkString(value, node, path));
  else if (typeof value === 'number') into.push(...checkNumber(value, node, path));
  else if (Array.isArray(value)) checkList(value, node, path, into);
  else if (isObject(value)) checkMap(value, node, path, into);
}

function wrongType(value: Json, { raw }: SchemaNode): string | undefined {
  if (raw.type === undefined || raw['x-kubernetes-int-or-string']) return undefined;
  if (raw.type === 'integer') return Number.isInteger(value) || isExactInteger(value) ? undefined : raw.type;
  const got = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return got === raw.type ? undefined : raw.type;
}

function typeCause(value: Json, type: string, field: string): StatusCause {
  const got = Array.isArray(value) ? 'array' : value === null ? 'null' : goType(value);
  return {
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: "${got}": ${field} in body must be of type ${type}: "${got}"`,
    field,
  };
}

function goType(value: Json): string {
  if (isExactInteger(value)) return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function cause(field: string, value: Json, detail: string): StatusCause {
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${field} in body ${detail}`,
    field,
  };
}

function checkEnum(value: Json, { raw }: SchemaNode, field: string): StatusCause[] {
  if (!raw.enum || raw.enum.some((allowed) => sameJson(allowed, value))) return [];
  const list = raw.enum.map((allowed) => JSON.stringify(allowed)).join(', ');
  return [
    {
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
      field,
    },
  ];
}

function checkString(value: string, { raw }: SchemaNode, field: string): StatusCause[] {
  if (raw.maxLength !== undefined && value.length > raw.maxLength) {
    const message = `Too long: may not be more than ${raw.maxLength} bytes`;
    return [{ reason: 'FieldValueTooLong', message, field }];
  }
  const causes: StatusCause[] = [];
  if (raw.minLength !== undefined && value.length < raw.minLength) {
    causes.push(cause(field, value, `should be at least ${raw.minLength} chars long`));
  }
  if (raw.pattern !== undefined && !new RegExp(raw.pattern, 'u').test(value)) {
    causes.push(cause(field, value, `should match '${raw.pattern}'`));
  }
  return causes;
}

function checkNumber(value: number, { raw }: SchemaNode, field: string): StatusCause[] {
  const { minimum, maximum, multipleOf } = raw;
  const low = minimum !== undefined && (raw.exclusiveMinimum ? value <= minimum : value < minimum);
  const high = maximum !== undefined && (raw.exclusiveMaximum ? value >= maximum : value > maximum);
  const broken = multipleOf !== undefined && value % multipleOf !== 0;
  const orEqual = (exclusive: boolean | undefined): string => (exclusive ? '' : 'or equal to ');
  return [
    ...(low ? [`should be greater than ${orEqual(raw.exclusiveMinimum)}${minimum}`] : []),
    ...(high ? [`should be less than ${orEqual(raw.exclusiveMaximum)}${maximum}`] : []),
    ...(broken ? [`should be a multiple of ${multipleOf}`] : []),
  ].map((detail) => cause(field, value, detail));
}

function checkList(list: readonly Json[], node: SchemaNode, path: string, into: StatusCause[]): void {
  const { minItems, maxItems } = node.raw;
  if (minItems !== undefined && list.length < minItems)
    into.push(cause(path, list.length, `should have at least ${minItems} items`));
  if (maxItems !== undefined && list.length > maxItems) {
    const message = `Too many: ${list.length}: must have at most ${maxItems} item${maxItems === 1 ? '' : 's'}`;
    into.push({ reason: 'FieldValueTooMany', message, field: path });
  }
  list.forEach((item, index) => check(item, node.items, `${path}[${index}]`, into));
}

function checkMap(map: JsonObject, node: SchemaNode, path: string, into: StatusCause[]): void {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  for (const [key, field] of node.fields) {
    if (field.required && map[key] === undefined) {
      into.push({ reason: 'FieldValueRequired', message: 'Required value', field: below(key) });
    }
  }
  for (const key in map) {
    const child = node.child(key);
    if (child) check(map[key], child, below(key), into);
  }
}
