import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberObject, memberText } from '../members.js';
import { HEALTHY, failed, progressing } from '../verdict.js';

/**
 * Bound. A claim that waits for its first consumer holds nothing up: it cannot bind before the Pod that may be applied after it.
 * The class says which ones do (`waitsForConsumer`).
 */
export function assessPersistentVolumeClaim(object: KubeObject, waitsForConsumer: boolean): HealthVerdict {
  switch (memberText(memberObject(object, 'status'), 'phase')) {
    case 'Bound':
      return HEALTHY;
    case 'Lost':
      return failed('ClaimLost', 'the volume of the claim is lost');
    default:
      return waitsForConsumer ? HEALTHY : progressing('ClaimPending', 'the claim is not bound yet');
  }
}
