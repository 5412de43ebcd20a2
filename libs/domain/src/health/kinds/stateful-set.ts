import type { JsonObject, KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberNumber, memberObject, memberText } from '../members.js';
import { NOT_OBSERVED, firstShort, isStale, isUnseen } from '../verdict.js';

/**
 * kstatus: all replicas there and ready, updated down to the partition. Stricter: with OnDelete, which kstatus calls current at
 * once, it counts when every replica runs the newest revision.
 */
export function assessStatefulSet(object: KubeObject): HealthVerdict {
  if (isStale(object) || isUnseen(object)) return NOT_OBSERVED;
  const spec = memberObject(object, 'spec');
  const status = memberObject(object, 'status');
  const wanted = memberNumber(spec, 'replicas', 1);
  const count = (member: string): number => memberNumber(status, member);
  const toUpdate = Math.max(0, wanted - partitionOf(spec));
  return firstShort([
    [count('replicas') < wanted, 'replicasMissing', `${count('replicas')} of ${wanted} replicas made`],
    [count('readyReplicas') < wanted, 'replicasNotReady', `${count('readyReplicas')} of ${wanted} replicas ready`],
    [count('replicas') > wanted, 'replicasLeaving', `${count('replicas') - wanted} replicas too many`],
    [
      isOutdated(status, toUpdate, wanted),
      'replicasOutdated',
      `${count('updatedReplicas')} of ${toUpdate} replicas updated`,
    ],
  ]);
}

function partitionOf(spec: JsonObject): number {
  return memberNumber(memberObject(memberObject(spec, 'updateStrategy'), 'rollingUpdate'), 'partition');
}

function isOutdated(status: JsonObject, toUpdate: number, wanted: number): boolean {
  const settled = memberText(status, 'currentRevision') === memberText(status, 'updateRevision');
  if (settled) return false;
  return toUpdate === wanted || memberNumber(status, 'updatedReplicas') < toUpdate;
}
