import type { KubeObject } from '../../json/index.js';
import { findCondition } from '../conditions.js';
import { isUnseen } from '../generations.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, NOT_OBSERVED, failed, progressing, unknown } from '../verdict.js';

/** A namespace counts while it is active. */
export function assessNamespace(object: KubeObject): HealthVerdict {
  const phase = phaseOf(object);
  return phase === 'Active'
    ? HEALTHY
    : progressing('notActive', `the namespace is ${phase === '' ? 'not active yet' : phase}`);
}

export function assessApiService(object: KubeObject): HealthVerdict {
  const available = findCondition(object, 'Available');
  if (available?.status === 'True') return HEALTHY;
  return progressing(available?.reason || 'notAvailable', available?.message || 'the API is not available yet');
}

/** kstatus: the controller saw this version. How many Pods are healthy is for the workload itself to say. */
export function assessPodDisruptionBudget(object: KubeObject): HealthVerdict {
  return isUnseen(object) ? NOT_OBSERVED : HEALTHY;
}

const VOLUME_PHASES = new Set(['', 'Pending', 'Available', 'Bound', 'Released']);

/** A PersistentVolume counts unless its phase says Failed. */
export function assessPersistentVolume(object: KubeObject): HealthVerdict {
  const phase = phaseOf(object);
  if (phase === 'Failed') return failed('VolumeFailed', memberText(memberObject(object, 'status'), 'message'));
  return VOLUME_PHASES.has(phase)
    ? HEALTHY
    : unknown('oddPhase', `the volume is in phase ${phase}, which is not known`);
}

function phaseOf(object: KubeObject): string {
  return memberText(memberObject(object, 'status'), 'phase');
}
