import type { Json, JsonObject } from '../json.js';
import { isObject, sameJson } from '../json.js';
import type { Field, SchemaNode } from '../schema/schema-node.js';

const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

/** Kubernetes' strategic merge patch: a merge patch whose lists merge by key where the schema says so. */
export function applyStrategicMerge(target: JsonObject, patch: JsonObject, node: SchemaNode): JsonObject {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  const result: JsonObject = { ...target };
  retainKeys(result, patch);
  for (const key in patch)
    if (key.startsWith(DELETE_FROM)) deleteItems(result, key.slice(DELETE_FROM.length), patch[key]);
  for (const key in patch) if (!key.startsWith('$')) mergeMember(result, key, { patch, node });
  for (const key in patch)
    if (key.startsWith(ORDER)) orderItems(result, key.slice(ORDER.length), { order: patch[key], node });
  return result;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function retainKeys(result: JsonObject, { $retainKeys: keys }: JsonObject): void {
  if (!Array.isArray(keys)) return;
  for (const key in result) if (!keys.includes(key)) delete result[key];
}

function mergeMember(result: JsonObject, key: string, { patch, node }: { patch: JsonObject; node: SchemaNode }): void {
  const value = patch[key];
  if (value === null || value === undefined) {
    delete result[key];
    return;
  }
  const field = node.fields.get(key);
  const live = result[key];
  if (isObject(value)) {
    const child = field?.node ?? node.rest ?? node;
    result[key] = applyStrategicMerge(isObject(live) ? live : {}, value, child);
  } else if (Array.isArray(value)) result[key] = mergeList(Array.isArray(live) ? live : [], value, field);
  else result[key] = value;
}

function mergeList(live: readonly Json[], patch: readonly Json[], field: Field | undefined): Json[] {
  const replaces = patch.some((item) => isObject(item) && item.$patch === 'replace' && Object.keys(item).length === 1);
  const items = patch.filter((item) => !isObject(item) || item.$patch !== 'replace');
  if (replaces || !field?.patchStrategy.includes('merge')) return items;
  const { patchMergeKey } = field;
  if (patchMergeKey === undefined)
    return [...live, ...items.filter((item) => !live.some((old) => sameJson(old, item)))];
  return items.reduce<Json[]>(
    (list, item) => mergeItem(list, item, { key: patchMergeKey, node: field.node.items }),
    [...live],
  );
}

function mergeItem(list: Json[], item: Json, { key, node }: { key: string; node: SchemaNode }): Json[] {
  if (!isObject(item)) return [...list, item];
  const same = (other: Json): boolean => isObject(other) && sameJson(other[key], item[key]);
  if (item.$patch === 'delete') return list.filter((other) => !same(other));
  const index = list.findIndex(same);
  const merged = applyStrategicMerge((list[index] ?? {}) as JsonObject, item, node);
  return index < 0 ? [...list, merged] : list.with(index, merged);
}

function deleteItems(result: JsonObject, key: string, gone: Json | undefined): void {
  const [live] = [result[key]];
  if (Array.isArray(live) && Array.isArray(gone))
    result[key] = live.filter((item) => !gone.some((other) => sameJson(item, other)));
}

/** Ordered as the patch says; items it does not name keep their place after the one before them. */
function orderItems(
  result: JsonObject,
  key: string,
  { order, node }: { order: Json | undefined; node: SchemaNode },
): void {
  const list = result[key];
  if (!Array.isArray(list) || !Array.isArray(order)) return;
  const mergeKey = node.fields.get(key)?.patchMergeKey;
  const idOf = (item: Json): Json | undefined => (isObject(item) && mergeKey ? item[mergeKey] : item);
  const wanted = order.map(idOf);
  const rank = (item: Json): number => wanted.findIndex((id) => sameJson(id, idOf(item)));
  let last = -1;
  const ranked = list.map((item) => ({
    item,
    rank: (last = rank(item) < 0 ? last : rank(item)),
    named: rank(item) >= 0,
  }));
  result[key] = ranked.sort((a, b) => a.rank - b.rank || Number(b.named) - Number(a.named)).map(({ item }) => item);
}
