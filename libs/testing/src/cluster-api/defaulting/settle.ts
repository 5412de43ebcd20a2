import type { Json, JsonObject } from '../json.js';
import { cloneJson, isObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';
import { fillBuiltInDefaults } from './built-in-defaults.js';
import { canonicalQuantity } from './quantity.js';

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * Brings an object of a built-in kind into the form in which the API server keeps it, as if it had gone through the Go
 * type: unknown fields, nulls and empty collections go, defaults come, quantities and times are written canonically.
 * Returns a fresh object.
 */
export function settleBuiltIn(value: JsonObject, node: SchemaNode): JsonObject {
  return settleStruct(value, node);
}

function settle(value: Json | undefined, node: SchemaNode): Json | undefined {
  if (value === null || value === undefined) return undefined;
  if (node.name === QUANTITY) return settleQuantity(value);
  if (node.name === TIME || node.name === MICRO_TIME) return settleTime(value, node.name);
  if (Array.isArray(value)) return value.map((item) => settle(item, node.items) ?? null);
  if (!isObject(value)) return value;
  return node.fields.size > 0 ? settleStruct(value, node) : settleFreeMap(value, node);
}

function settleFreeMap(map: JsonObject, node: SchemaNode): JsonObject {
  const rest = typeof node.raw.additionalProperties === 'object' ? node.rest : null;
  if (!rest) return cloneJson(map);
  const result: JsonObject = {};
  for (const key in map) result[key] = settle(map[key], rest) ?? zeroOf(rest);
  return result;
}

function settleStruct(struct: JsonObject, node: SchemaNode): JsonObject {
  const result: JsonObject = {};
  for (const [key, field] of node.fields) {
    const value = settleField(struct[key], field.node);
    if (value !== undefined && (field.required || !isEmptyCollection(value, field.node))) result[key] = value;
    else if (field.default !== undefined) result[key] = settleDefault(field.default, field.node);
    else if (field.required && isCollection(field.node)) result[key] = null;
  }
  fillBuiltInDefaults(node.name, result);
  return result;
}

function settleField(value: Json | undefined, node: SchemaNode): Json | undefined {
  return node.name === META && isObject(value) ? settleStruct(value, node) : settle(value, node);
}

function settleDefault(value: Json, node: SchemaNode): Json | undefined {
  return isObject(value) ? settleStruct(value, node) : value;
}

function isCollection(node: SchemaNode): boolean {
  return (
    node.raw.type === 'array' ||
    (node.raw.type === 'object' && node.fields.size === 0 && !!node.raw.additionalProperties)
  );
}

function isEmptyCollection(value: Json, node: SchemaNode): boolean {
  if (Array.isArray(value)) return value.length === 0 && node.raw.type === 'array';
  return isObject(value) && isCollection(node) && Object.keys(value).length === 0;
}

function zeroOf(node: SchemaNode): Json {
  if (node.raw.type === 'string') return '';
  return node.raw.type === 'object' ? {} : null;
}

function settleQuantity(value: Json): Json {
  return typeof value === 'string' || typeof value === 'number' ? (canonicalQuantity(value) ?? value) : value;
}

function settleTime(value: Json, name: string): Json {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) return value;
  const date = Date.parse(value);
  const iso = new Date(date).toISOString();
  return name === TIME ? iso.replace(/\.\d{3}Z$/, 'Z') : keepMicros(value, iso);
}

/** JavaScript dates end at milliseconds; the digits after them are taken from the text itself. */
function keepMicros(text: string, iso: string): string {
  const digits = /\.(\d+)/.exec(text)?.[1] ?? '';
  return iso.replace(/\.\d{3}Z$/, `.${digits.padEnd(6, '0').slice(0, 6)}Z`);
}

/** What a freshly made Go object of that type would print: the state before a create, for managed fields. */
export function zeroObject(node: SchemaNode): JsonObject {
  const zero: JsonObject = {};
  for (const [key, field] of node.fields) {
    if (isObject(field.default)) zero[key] = zeroObject(field.node);
    else if (field.default !== undefined) zero[key] = field.default;
    else if (field.required) zero[key] = null;
  }
  return zero;
}
