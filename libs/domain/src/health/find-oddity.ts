import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import { observedGeneration } from './generations.js';
import { memberObject } from './members.js';
import type { HealthVerdict } from './verdict.js';
import { unknown } from './verdict.js';

/** Counts that the rules of workloads compare. One that is no count would make a comparison true by accident. */
const COUNTS = [
  'replicas',
  'readyReplicas',
  'updatedReplicas',
  'availableReplicas',
  'currentReplicas',
  'fullyLabeledReplicas',
  'desiredNumberScheduled',
  'currentNumberScheduled',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberReady',
] as const;

/**
 * A status that is not built the way every status is: nothing follows from it, so the health is unknown. Left out counts as not
 * there yet, which the rules judge themselves.
 */
export function findOddity(object: KubeObject, isBuiltIn: boolean): HealthVerdict | undefined {
  const status = object['status'];
  if (isMissing(status)) return undefined;
  if (!isJsonObject(status)) return odd('status is no object');
  return (
    oddGeneration(status, isBuiltIn) ?? oddConditions(status) ?? (isBuiltIn ? oddCount(object, status) : undefined)
  );
}

/** Only custom resources write it as text. */
function oddGeneration(status: JsonObject, isBuiltIn: boolean): HealthVerdict | undefined {
  const isOdd = observedGeneration(status) === 'odd' || (isBuiltIn && typeof status['observedGeneration'] === 'string');
  return isOdd ? odd('status.observedGeneration is no whole number') : undefined;
}

function oddConditions(status: JsonObject): HealthVerdict | undefined {
  const conditions = status['conditions'];
  if (isMissing(conditions)) return undefined;
  if (!Array.isArray(conditions)) return odd('status.conditions is no list');
  return (conditions as readonly Json[]).every(isJsonObject)
    ? undefined
    : odd('an entry of status.conditions is no object');
}

function oddCount(object: KubeObject, status: JsonObject): HealthVerdict | undefined {
  const replicas = memberObject(object, 'spec')['replicas'];
  if (!isCount(replicas)) return odd('spec.replicas is no count');
  const member = COUNTS.find((name) => !isCount(status[name]));
  return member === undefined ? undefined : odd(`status.${member} is no count`);
}

function isCount(value: Json | undefined): boolean {
  return isMissing(value) || (typeof value === 'number' && Number.isInteger(value) && value >= 0);
}

function isMissing(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function odd(what: string): HealthVerdict {
  return unknown('oddStatus', `${what}: a rule for this kind in health.checks can judge it`);
}
