import type { KubeObject } from '../../json/index.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, failed, progressing, unknown } from '../verdict.js';

/**
 * Bound. A claim that waits for its first consumer holds nothing up: it cannot bind before the Pod that may be applied after it.
 * The class says which ones do (`waitsForConsumer`).
 */
export function assessPersistentVolumeClaim(object: KubeObject, waitsForConsumer: boolean): HealthVerdict {
  const phase = memberText(memberObject(object, 'status'), 'phase');
  switch (phase) {
    case 'Bound':
      return HEALTHY;
    case 'Lost':
      return failed('ClaimLost', 'the volume of the claim is lost');
    case 'Pending':
    case '':
      return waitsForConsumer && phase !== '' ? HEALTHY : progressing('ClaimPending', 'the claim is not bound yet');
    default:
      return unknown('oddPhase', `the claim is in phase ${phase}, which is not known`);
  }
}
