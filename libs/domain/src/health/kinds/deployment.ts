import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberNumber, memberObject } from '../members.js';
import {
  HEALTHY,
  NOT_OBSERVED,
  failed,
  findCondition,
  firstShort,
  isStale,
  isUnseen,
  progressing,
} from '../verdict.js';

/** kstatus: every replica updated, available and ready, none of the old left, and the Available condition true. */
export function assessDeployment(object: KubeObject): HealthVerdict {
  if (isStale(object) || isUnseen(object)) return NOT_OBSERVED;
  const progress = findCondition(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return failed(progress.reason, progress.message);
  const counted = countReplicas(object);
  if (counted.health !== 'healthy') return withFailure(object, counted);
  return assessAvailable(object);
}

function assessAvailable(object: KubeObject): HealthVerdict {
  const available = findCondition(object, 'Available');
  if (available?.status === 'True') return HEALTHY;
  return progressing(available?.reason || 'notAvailable', available?.message || 'not available yet');
}

function countReplicas(object: KubeObject): HealthVerdict {
  const status = memberObject(object, 'status');
  const wanted = memberNumber(memberObject(object, 'spec'), 'replicas', 1);
  const count = (member: string): number => memberNumber(status, member);
  return firstShort([
    [count('replicas') < wanted, 'replicasMissing', `${count('replicas')} of ${wanted} replicas made`],
    [
      count('updatedReplicas') < wanted,
      'replicasOutdated',
      `${count('updatedReplicas')} of ${wanted} replicas updated`,
    ],
    [count('replicas') > wanted, 'replicasLeaving', `${count('replicas') - wanted} old replicas still there`],
    [
      count('availableReplicas') < count('updatedReplicas'),
      'replicasUnavailable',
      `${count('availableReplicas')} of ${count('updatedReplicas')} updated replicas available`,
    ],
    [count('readyReplicas') < wanted, 'replicasNotReady', `${count('readyReplicas')} of ${wanted} replicas ready`],
  ]);
}

/** Quota or admission that refuses Pods explains more than a count. */
function withFailure(object: KubeObject, counted: HealthVerdict): HealthVerdict {
  const failure = findCondition(object, 'ReplicaFailure');
  return failure?.status === 'True' ? progressing(failure.reason, failure.message) : counted;
}
