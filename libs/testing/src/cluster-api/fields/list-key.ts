import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';

/**
 * The FieldsV1 step that names an item of a set or keyed list; undefined when the item has none of the keys. A missing
 * key counts with its default (`protocol` is TCP).
 */
export function listKey(list: SchemaNode, item: Json | undefined): string | undefined {
  if (list.relation.type === 'set') return `v:${JSON.stringify(item)}`;
  if (!isObject(item)) return undefined;
  const key: JsonObject = {};
  for (const name of [...list.relation.keys].sort()) {
    const value = item[name] ?? list.items.fields.get(name)?.default;
    if (value !== undefined) key[name] = value;
  }
  return Object.keys(key).length === 0 ? undefined : `k:${JSON.stringify(key)}`;
}

export interface KeyedItems {
  readonly order: readonly string[];
  /** First item of each key. */
  readonly first: ReadonlyMap<string, Json>;
  readonly duplicates: ReadonlySet<string>;
}

/** Items by key, in order of first appearance; items without key go by their place. */
export function keyItems(list: SchemaNode, items: readonly Json[]): KeyedItems {
  const first = new Map<string, Json>();
  const duplicates = new Set<string>();
  items.forEach((item, index) => {
    const key = listKey(list, item) ?? `i:${index}`;
    if (first.has(key)) duplicates.add(key);
    else first.set(key, item);
  });
  return { order: [...first.keys()], first, duplicates };
}
