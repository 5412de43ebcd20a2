import type { JsonObject, KubeObject } from '../json.js';
import { objectsAt, timestamp } from '../json.js';

export interface Condition extends JsonObject {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** The wanted conditions among those of others, which stay; times move only when what a condition says moves. */
export function mergeConditions(object: KubeObject, wanted: readonly Condition[], timeFields: readonly string[] = []): JsonObject[] {
  const before = objectsAt(object, 'status', 'conditions');
  const fresh = wanted.map((condition) => stamp(condition, { before, timeFields }));
  const kept = before.map((old) => fresh.find((condition) => condition.type === old.type) ?? old);
  return [...kept, ...fresh.filter((condition) => !before.some((old) => old.type === condition.type))];
}

function stamp(condition: Condition, { before, timeFields }: { before: readonly JsonObject[]; timeFields: readonly string[] }): JsonObject {
  const now = timestamp();
  const old = before.find((other) => other.type === condition.type);
  const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
  const same = old?.reason === condition.reason && old.message === condition.message;
  const times = Object.fromEntries(timeFields.map((field) => [field, (same ? old[field] : undefined) ?? now]));
  return { ...condition, ...times, lastTransitionTime: kept ?? now };
}
