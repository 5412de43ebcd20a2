import type { JsonObject, KubeObject } from '../json.js';
import { objectsAt, timestamp } from '../json.js';

export interface Condition extends JsonObject {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Conditions of a workload's status: the times move only when what they say moves. */
export function mergeConditions(object: KubeObject, wanted: readonly Condition[], timeFields: readonly string[] = []): JsonObject[] {
  const before = objectsAt(object, 'status', 'conditions');
  const now = timestamp();
  return wanted.map((condition) => {
    const old = before.find((other) => other.type === condition.type);
    const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
    const same = old?.reason === condition.reason && old.message === condition.message;
    const times = Object.fromEntries(timeFields.map((field) => [field, (same ? old[field] : undefined) ?? now]));
    return { ...condition, ...times, lastTransitionTime: kept ?? now };
  });
}
