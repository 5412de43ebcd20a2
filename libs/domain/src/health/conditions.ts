import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import { isAbout, isStale, observedGeneration } from './generations.js';
import { memberObject, memberText } from './members.js';
import type { HealthVerdict } from './verdict.js';
import { HEALTHY, NOT_OBSERVED, failed, progressing } from './verdict.js';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** It is about an older version of the object (cert-manager, Gateway API and others say so per condition only). */
  readonly stale: boolean;
}

export function conditionsOf(object: KubeObject): Condition[] {
  const status = memberObject(object, 'status');
  const conditions = status['conditions'];
  if (!Array.isArray(conditions)) return [];
  // Where the whole status states its generation, that counts: some controllers renew a condition's only when it turns.
  const speaksForAll = observedGeneration(status) !== undefined;
  return (conditions as readonly Json[])
    .filter(isJsonObject)
    .map((condition) => readCondition(condition, !speaksForAll && isAbout(object, condition) === false));
}

function readCondition(condition: JsonObject, stale: boolean): Condition {
  return {
    type: memberText(condition, 'type'),
    status: memberText(condition, 'status'),
    reason: memberText(condition, 'reason'),
    message: memberText(condition, 'message'),
    stale,
  };
}

export function findCondition(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** The condition when it is true and about this version. */
export function findTrue(object: KubeObject, ...types: readonly string[]): Condition | undefined {
  return conditionsOf(object).find(({ type, status, stale }) => types.includes(type) && status === 'True' && !stale);
}

/** Every one of the conditions must be true and about this version; the first that is not is the reason. */
export function needConditions(object: KubeObject, types: readonly string[]): HealthVerdict {
  for (const type of types) {
    const condition = findCondition(object, type);
    if (condition === undefined) return progressing(`not${type}`, `no condition ${type} yet`);
    if (condition.stale) return NOT_OBSERVED;
    if (condition.status !== 'True') return progressing(condition.reason || `not${type}`, condition.message);
  }
  return HEALTHY;
}

/** None of the conditions that are there may be other than true, or about an older version. */
export function denyConditions(object: KubeObject, types: readonly string[]): HealthVerdict {
  return needConditions(
    object,
    types.filter((type) => findCondition(object, type) !== undefined),
  );
}

/**
 * What kstatus asks of every kind before its own rule: the newest version observed, then the conditions Reconciling and Stalled,
 * whichever comes first. Undefined when they leave it to the rule of the kind.
 */
export function assessStandard(object: KubeObject): HealthVerdict | undefined {
  if (isStale(object)) return NOT_OBSERVED;
  const told = findTrue(object, 'Reconciling', 'Stalled');
  if (told === undefined) return undefined;
  return told.type === 'Stalled' ? failed(told.reason, told.message) : progressing(told.reason, told.message);
}
