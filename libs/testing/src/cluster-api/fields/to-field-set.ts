import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';
import { FieldSet } from './field-set.js';
import { keyItems } from './list-key.js';

/** The fields that a configuration sets, which is what its applier will own. */
export function toFieldSet(value: Json | undefined, node: SchemaNode): FieldSet {
  const set = new FieldSet();
  collect(value, node, set);
  set.self = false;
  return set;
}

function collect(value: Json | undefined, node: SchemaNode, into: FieldSet): void {
  const shape = node.shape(value);
  if (shape === 'map' && !node.atomicMap) {
    if (isObject(value)) collectMap(value, node, into);
  } else if (shape === 'list' && node.relation.type !== 'atomic') {
    if (Array.isArray(value)) collectList(value, node, into);
  } else into.self = true;
}

function collectMap(map: JsonObject, node: SchemaNode, into: FieldSet): void {
  for (const key in map) {
    const value = map[key];
    if (value === undefined) continue;
    const step = new FieldSet();
    collect(value, node.child(key) ?? node, step);
    const blank = value === null || (isObject(value) && Object.keys(value).length === 0);
    if (blank || !node.fields.has(key)) step.self = true;
    if (!step.isEmpty) into.children.set(`f:${key}`, step);
  }
}

function collectList(list: readonly Json[], node: SchemaNode, into: FieldSet): void {
  const items = keyItems(node, list);
  for (const key of items.order) {
    const step = into.step(key);
    if (!items.duplicates.has(key)) collect(items.first.get(key), node.items, step);
    step.self = true;
  }
}

/** The set with every declared field above a member made a member too: removing all below a struct removes the struct. */
export function withNamedFields(set: FieldSet, node: SchemaNode | null): FieldSet {
  const result = new FieldSet();
  result.self = set.self;
  for (const [key, child] of set.children) {
    const named = withNamedFields(child, node && below(node, key));
    if (key.startsWith('f:') && child.children.size > 0 && node?.fields.has(key.slice(2))) named.self = true;
    result.children.set(key, named);
  }
  return result;
}

function below(node: SchemaNode, step: string): SchemaNode | null {
  return step.startsWith('f:') ? node.child(step.slice(2)) : node.items;
}
