import type { Json, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import { memberObject, memberText } from './members.js';
import type { Health } from '../report/index.js';

/** Health of one object, with its reason when it is not healthy. */
export interface HealthVerdict {
  readonly health: Health;
  /** Reason of the object's own condition where it has one, else one of ours in lowerCamel. */
  readonly code: string;
  readonly message: string;
  /** When time alone may change the verdict: ms from now. */
  readonly lookAgainMs?: number;
}

export const HEALTHY: HealthVerdict = { health: 'healthy', code: '', message: '' };

/** Conditions may have no reason: then the verdict itself is the code. */
export function progressing(code: string, message: string): HealthVerdict {
  return { health: 'progressing', code: code || 'progressing', message };
}

export function failed(code: string, message: string): HealthVerdict {
  return { health: 'failed', code: code || 'failed', message };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function conditionsOf(object: KubeObject): Condition[] {
  const conditions = memberObject(object, 'status')['conditions'];
  if (!Array.isArray(conditions)) return [];
  return (conditions as readonly Json[]).filter(isJsonObject).map((condition) => ({
    type: memberText(condition, 'type'),
    status: memberText(condition, 'status'),
    reason: memberText(condition, 'reason'),
    message: memberText(condition, 'message'),
  }));
}

export function findCondition(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** The controller has not seen the newest spec yet. */
export function isStale(object: KubeObject): boolean {
  const observed = memberObject(object, 'status')['observedGeneration'];
  const generation = object.metadata['generation'];
  return typeof observed === 'number' && typeof generation === 'number' && observed < generation;
}

/** The controller has never looked, though this kind always states what it observed. */
export function isUnseen(object: KubeObject): boolean {
  return (
    memberObject(object, 'status')['observedGeneration'] === undefined &&
    typeof object.metadata['generation'] === 'number'
  );
}

export const NOT_OBSERVED = progressing('notObserved', 'the controller has not seen this version yet');

/** Counted requirements in order: the first that is not met is the reason. */
export function firstShort(
  checks: readonly (readonly [short: boolean, code: string, message: string])[],
): HealthVerdict {
  const short = checks.find(([isShort]) => isShort);
  return short === undefined ? HEALTHY : progressing(short[1], short[2]);
}
