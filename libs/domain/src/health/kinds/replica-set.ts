import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberNumber, memberObject } from '../members.js';
import { NOT_OBSERVED, findCondition, firstShort, isStale, isUnseen, progressing } from '../verdict.js';

/** ReplicaSet and ReplicationController: as many replicas as wanted, all labelled, available and ready. */
export function assessReplicaSet(object: KubeObject): HealthVerdict {
  if (isStale(object) || isUnseen(object)) return NOT_OBSERVED;
  const failure = findCondition(object, 'ReplicaFailure');
  if (failure?.status === 'True') return progressing(failure.reason, failure.message);
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
