import type { Json, JsonObject } from '../json.js';
import { cloneJson, isObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';

/**
 * The same for custom resources, by their structural schema: undeclared fields are pruned unless preserved, nulls that
 * the schema does not allow go, defaults come. Returns a fresh object.
 */
export function settleCustom(value: JsonObject, node: SchemaNode): JsonObject {
  return settleMap(value, node);
}

function settle(value: Json | undefined, node: SchemaNode): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => settle(item, node.items) ?? null);
  if (!isObject(value)) return value;
  return settleMap(value, node);
}

function settleMap(map: JsonObject, node: SchemaNode): JsonObject {
  const result: JsonObject = {};
  for (const key in map) {
    if (map[key] === undefined || node.prunes(key) || isUnwantedNull(map[key], node, key)) continue;
    const child = node.child(key);
    result[key] = child ? settle(map[key], child) : cloneJson(map[key]);
  }
  for (const [key, field] of node.fields) {
    if (result[key] !== undefined || field.default === undefined) continue;
    result[key] = settle(cloneJson(field.default), field.node);
  }
  return result;
}

function isUnwantedNull(value: Json | undefined, node: SchemaNode, key: string): boolean {
  return value === null && node.fields.has(key) && node.child(key)?.raw.nullable !== true;
}
