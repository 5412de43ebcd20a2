import type { KubeObject } from '../../json/index.js';
import { findTrue } from '../conditions.js';
import { isUnseen } from '../generations.js';
import { memberNumber, memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { NOT_OBSERVED, firstShort, progressing } from '../verdict.js';

/** ReplicaSet and ReplicationController: as many replicas as wanted, all labelled, available and ready. */
export function assessReplicaSet(object: KubeObject): HealthVerdict {
  if (isUnseen(object)) return NOT_OBSERVED;
  const failure = findTrue(object, 'ReplicaFailure');
  if (failure !== undefined) return progressing(failure.reason, failure.message);
  const status = memberObject(object, 'status');
  const wanted = memberNumber(memberObject(object, 'spec'), 'replicas', 1);
  const count = (member: string): number => memberNumber(status, member);
  return firstShort([
    [
      count('fullyLabeledReplicas') < wanted,
      'replicasMissing',
      `${count('fullyLabeledReplicas')} of ${wanted} replicas made`,
    ],
    [
      count('availableReplicas') < wanted,
      'replicasUnavailable',
      `${count('availableReplicas')} of ${wanted} replicas available`,
    ],
    [count('readyReplicas') < wanted, 'replicasNotReady', `${count('readyReplicas')} of ${wanted} replicas ready`],
    [count('replicas') > wanted, 'replicasLeaving', `${count('replicas') - wanted} replicas too many`],
  ]);
}
