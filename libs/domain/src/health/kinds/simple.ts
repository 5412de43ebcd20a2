import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberNumber, memberObject, memberText } from '../members.js';
import { HEALTHY, NOT_OBSERVED, findCondition, firstShort, isStale, progressing } from '../verdict.js';

/** A namespace counts while it is active. */
export function assessNamespace(object: KubeObject): HealthVerdict {
  const phase = memberText(memberObject(object, 'status'), 'phase');
  return phase === 'Active'
    ? HEALTHY
    : progressing('notActive', `the namespace is ${phase === '' ? 'not active yet' : phase}`);
}

export function assessApiService(object: KubeObject): HealthVerdict {
  const available = findCondition(object, 'Available');
  if (available?.status === 'True') return HEALTHY;
  return progressing(available?.reason || 'notAvailable', available?.message || 'the API is not available yet');
}

/** kstatus: the controller saw this version and enough Pods are healthy. */
export function assessPodDisruptionBudget(object: KubeObject): HealthVerdict {
  if (isStale(object)) return NOT_OBSERVED;
  const status = memberObject(object, 'status');
  if (Object.keys(status).length === 0) return NOT_OBSERVED;
  const current = memberNumber(status, 'currentHealthy');
  const wanted = memberNumber(status, 'desiredHealthy');
  return firstShort([[current < wanted, 'podsUnhealthy', `${current} of ${wanted} pods healthy`]]);
}

/** A PersistentVolume counts unless its phase says Failed. */
export function assessPersistentVolume(object: KubeObject): HealthVerdict {
  const phase = memberText(memberObject(object, 'status'), 'phase');
  return phase === 'Failed'
    ? { health: 'failed', code: 'VolumeFailed', message: memberText(memberObject(object, 'status'), 'message') }
    : HEALTHY;
}
