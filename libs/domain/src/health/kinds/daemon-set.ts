import type { KubeObject } from '../../json/index.js';
import { isUnseen } from '../generations.js';
import { memberNumber, memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { NOT_OBSERVED, firstShort } from '../verdict.js';

/** kstatus: scheduled, updated, available and ready on every node. Stricter: OnDelete counts when updated as well. */
export function assessDaemonSet(object: KubeObject): HealthVerdict {
  if (isUnseen(object) || typeof object.metadata['generation'] !== 'number') return NOT_OBSERVED;
  const status = memberObject(object, 'status');
  if (typeof status['desiredNumberScheduled'] !== 'number') return NOT_OBSERVED;
  const wanted = memberNumber(status, 'desiredNumberScheduled');
  const count = (member: string): number => memberNumber(status, member);
  return firstShort([
    [
      count('currentNumberScheduled') < wanted,
      'podsMissing',
      `${count('currentNumberScheduled')} of ${wanted} pods scheduled`,
    ],
    [
      count('updatedNumberScheduled') < wanted,
      'podsOutdated',
      `${count('updatedNumberScheduled')} of ${wanted} pods updated`,
    ],
    [count('numberAvailable') < wanted, 'podsUnavailable', `${count('numberAvailable')} of ${wanted} pods available`],
    [count('numberReady') < wanted, 'podsNotReady', `${count('numberReady')} of ${wanted} pods ready`],
  ]);
}
