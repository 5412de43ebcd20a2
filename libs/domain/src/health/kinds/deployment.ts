import type { KubeObject } from '../../json/index.js';
import { conditionsOf, findCondition, findTrue } from '../conditions.js';
import { isUnseen } from '../generations.js';
import { memberNumber, memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, NOT_OBSERVED, failed, firstShort, progressing } from '../verdict.js';

/** The controller reads this as "no deadline" and then writes no condition Progressing. */
const NO_DEADLINE = 2_147_483_647;
const TOO_LATE = 'ProgressDeadlineExceeded';

/**
 * kstatus: every replica updated, available and ready, none of the old left, the newest replica set complete, and the Available
 * condition true. A paused one whose last change is not rolled out says so.
 */
export function assessDeployment(object: KubeObject): HealthVerdict {
  if (isUnseen(object)) return NOT_OBSERVED;
  const late = conditionsOf(object).find(({ type, reason }) => type === 'Progressing' && reason === TOO_LATE);
  if (late !== undefined) return failed(TOO_LATE, late.message);
  const counted = countReplicas(object);
  if (counted.health !== 'healthy') return withCause(object, counted);
  if (!isComplete(object)) return withCause(object, unfinished(object));
  return assessAvailable(object);
}

function unfinished(object: KubeObject): HealthVerdict {
  const progress = findCondition(object, 'Progressing');
  return progressing(
    progress?.reason || 'notProgressed',
    progress?.message || 'the newest replica set is not complete',
  );
}

function isComplete(object: KubeObject): boolean {
  if (memberNumber(memberObject(object, 'spec'), 'progressDeadlineSeconds', NO_DEADLINE) === NO_DEADLINE) return true;
  return findTrue(object, 'Progressing')?.reason === 'NewReplicaSetAvailable';
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

/** Quota or admission that refuses Pods, or a pause, explains more than a count. */
function withCause(object: KubeObject, verdict: HealthVerdict): HealthVerdict {
  const failure = findTrue(object, 'ReplicaFailure');
  if (failure !== undefined) return progressing(failure.reason, failure.message);
  if (memberObject(object, 'spec')['paused'] !== true) return verdict;
  return progressing(
    'deploymentPaused',
    `paused by spec.paused${verdict.message === '' ? '' : `: ${verdict.message}`}`,
  );
}
