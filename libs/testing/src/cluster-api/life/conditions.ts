import type { JsonObject, KubeObject } from '../json.js';
import { objectsAt, timestamp } from '../json.js';

export interface Condition extends JsonObject {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

const MEANING = ['status', 'reason', 'message'];

/** The wanted conditions after those that stay as they are, own and others'; times move only with what a condition says. */
export function mergeConditions(
  object: KubeObject,
  wanted: readonly Condition[],
  timeFields: readonly string[] = [],
): JsonObject[] {
  const before = objectsAt(object, 'status', 'conditions');
  const fresh = wanted.map((condition) => stamp(condition, { before, timeFields }));
  const isSame = (condition: JsonObject, old: JsonObject): boolean =>
    MEANING.every((field) => condition[field] === old[field]);
  const kept = before.filter(
    (old) => !fresh.some((condition) => condition.type === old.type && !isSame(condition, old)),
  );
  return [...kept, ...fresh.filter((condition) => !kept.some((old) => old.type === condition.type))];
}

function stamp(
  condition: Condition,
  { before, timeFields }: { before: readonly JsonObject[]; timeFields: readonly string[] },
): JsonObject {
  const now = timestamp();
  const old = before.find((other) => other.type === condition.type);
  const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
  const same = old?.reason === condition.reason && old.message === condition.message;
  const times = Object.fromEntries(timeFields.map((field) => [field, (same ? old[field] : undefined) ?? now]));
  return { ...condition, ...times, lastTransitionTime: kept ?? now };
}
