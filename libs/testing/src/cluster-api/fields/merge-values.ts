import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';
import type { KeyedItems } from './list-key.js';
import { keyItems } from './list-key.js';

/** Lays a configuration over the live value: what it says wins, what it does not mention stays. Changes neither. */
export function mergeValues(live: Json | undefined, config: Json | undefined, node: SchemaNode): Json | undefined {
  if (config === undefined) return live;
  const shape = node.shape(config);
  if (shape === 'map' && !node.atomicMap && isObject(live) && isObject(config)) return mergeMaps(live, config, node);
  if (shape === 'list' && node.relation.type !== 'atomic' && Array.isArray(live) && Array.isArray(config)) {
    return mergeLists(live, config, node);
  }
  return config;
}

function mergeMaps(live: JsonObject, config: JsonObject, node: SchemaNode): JsonObject {
  const merged: JsonObject = { ...live };
  for (const key in config) {
    const child = node.child(key);
    merged[key] = child ? mergeValues(live[key], config[key], child) : config[key];
  }
  return merged;
}

/** Keeps the order of the configuration for the items both know, and live-only items near where they were. */
function mergeLists(live: readonly Json[], config: readonly Json[], node: SchemaNode): Json[] {
  const [left, right] = [keyItems(node, live), keyItems(node, config)];
  if (left.duplicates.size > 0)
    return [...live.filter((item) => !known(item, node, right)), ...mergeAll(left, right, node)];
  return interleave(left, right).map((key) => mergeItem(key, { left, right, node }));
}

function known(item: Json, node: SchemaNode, right: KeyedItems): boolean {
  return keyItems(node, [item]).order.some((key) => right.first.has(key));
}

function mergeAll(left: KeyedItems, right: KeyedItems, node: SchemaNode): Json[] {
  return right.order.map((key) => mergeItem(key, { left, right, node }));
}

function mergeItem(key: string, sides: { left: KeyedItems; right: KeyedItems; node: SchemaNode }): Json {
  const merged = mergeValues(sides.left.first.get(key), sides.right.first.get(key), sides.node.items);
  return merged ?? null;
}

/** The order in which structured-merge-diff v6 puts the items of two associative lists. */
function interleave(left: KeyedItems, right: KeyedItems): string[] {
  const shared = right.order.filter((key) => left.first.has(key));
  const taken = new Set<string>();
  const order: string[] = [];
  const take = (key: string): void => {
    order.push(key);
    taken.add(key);
    if (shared[0] === key) shared.shift();
  };
  let l = 0;
  for (const key of right.order) {
    l = takeLiveOnly({ left, right, from: l, next: key, shared, taken, take });
    take(key);
  }
  for (const key of left.order.slice(l)) if (!taken.has(key) && !right.first.has(key)) take(key);
  return order;
}

interface Cursor {
  left: KeyedItems;
  right: KeyedItems;
  from: number;
  next: string;
  shared: string[];
  taken: Set<string>;
  take(key: string): void;
}

/** Before a configured item: the live items that stand before it there and that the configuration does not know. */
function takeLiveOnly(cursor: Cursor): number {
  let l = cursor.from;
  for (; l < cursor.left.order.length; l++) {
    const key = cursor.left.order[l] ?? '';
    if (key === cursor.next) return l + 1;
    if (!cursor.right.first.has(key)) cursor.take(key);
    else if (!cursor.taken.has(key) && cursor.shared[0] === key) return l;
  }
  return l;
}
