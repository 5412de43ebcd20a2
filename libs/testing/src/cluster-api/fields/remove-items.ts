import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';
import type { FieldSet } from './field-set.js';
import { listKey } from './list-key.js';

/** The value without the members of the set. A map or list that loses all it had becomes null. */
export function removeItems(value: Json | undefined, gone: FieldSet, node: SchemaNode): Json | undefined {
  const shape = node.shape(value);
  if (shape === 'map' && !node.atomicMap && isObject(value)) return removeFromMap(value, gone, node);
  if (shape === 'list' && node.relation.type !== 'atomic' && Array.isArray(value))
    return removeFromList(value, gone, node);
  return value;
}

function removeFromMap(map: JsonObject, gone: FieldSet, node: SchemaNode): JsonObject | null {
  const kept: JsonObject = {};
  for (const key in map) {
    const step = gone.children.get(`f:${key}`);
    if (step?.self) continue;
    const child = node.child(key);
    kept[key] = step && child ? removeItems(map[key], step, child) : map[key];
  }
  return Object.keys(map).length > 0 && Object.keys(kept).length === 0 ? null : kept;
}

function removeFromList(list: readonly Json[], gone: FieldSet, node: SchemaNode): Json[] | null {
  const kept: Json[] = [];
  list.forEach((item, index) => {
    const step = gone.children.get(listKey(node, item) ?? `i:${index}`);
    if (!step?.self) kept.push((step ? removeItems(item, step, node.items) : item) ?? null);
  });
  return list.length > 0 && kept.length === 0 ? null : kept;
}
