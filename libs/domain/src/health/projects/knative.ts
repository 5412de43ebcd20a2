import type { KubeObject } from '../../json/index.js';
import { findCondition, needConditions } from '../conditions.js';
import { isUnseen } from '../generations.js';
import type { HealthVerdict } from '../verdict.js';
import { NOT_OBSERVED, failed } from '../verdict.js';

/** Knative: Ready is Unknown while it works on it, and False when it has ended badly. */
export function assessKnative(object: KubeObject): HealthVerdict {
  if (isUnseen(object)) return NOT_OBSERVED;
  const ready = findCondition(object, 'Ready');
  if (ready?.status === 'False') return failed(ready.reason, ready.message);
  return needConditions(object, ['Ready']);
}
