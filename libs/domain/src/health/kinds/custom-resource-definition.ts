import type { KubeObject } from '../../json/index.js';
import { findCondition } from '../conditions.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, failed, progressing } from '../verdict.js';

/** kstatus: names accepted and established. */
export function assessCustomResourceDefinition(object: KubeObject): HealthVerdict {
  const names = findCondition(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(names.reason, names.message);
  const established = findCondition(object, 'Established');
  if (established?.status === 'True') return HEALTHY;
  if (established?.status === 'False' && established.reason !== 'Installing')
    return failed(established.reason, established.message);
  return progressing('Installing', 'the kind is not established yet');
}
