import type { JsonObject, KubeObject } from '../../json/index.js';
import { isUnseen } from '../generations.js';
import { memberNumber, memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { NOT_OBSERVED, firstShort } from '../verdict.js';

/**
 * kstatus: all replicas there and ready, updated down to the partition. Stricter: with OnDelete, which kstatus calls current at
 * once, it counts when every replica runs the newest revision (the controller never moves `currentRevision` there).
 */
export function assessStatefulSet(object: KubeObject): HealthVerdict {
  if (isUnseen(object)) return NOT_OBSERVED;
  const spec = memberObject(object, 'spec');
  const status = memberObject(object, 'status');
  const wanted = memberNumber(spec, 'replicas', 1);
  const count = (member: string): number => memberNumber(status, member);
  const { updated, toUpdate } = updatedOf(spec, status, wanted);
  return firstShort([
    [count('replicas') < wanted, 'replicasMissing', `${count('replicas')} of ${wanted} replicas made`],
    [count('readyReplicas') < wanted, 'replicasNotReady', `${count('readyReplicas')} of ${wanted} replicas ready`],
    [count('replicas') > wanted, 'replicasLeaving', `${count('replicas') - wanted} replicas too many`],
    [updated < toUpdate, 'replicasOutdated', `${updated} of ${toUpdate} replicas updated`],
  ]);
}

function updatedOf(
  spec: JsonObject,
  status: JsonObject,
  wanted: number,
): { readonly updated: number; readonly toUpdate: number } {
  const updated = memberNumber(status, 'updatedReplicas');
  const strategy = memberObject(spec, 'updateStrategy');
  if (memberText(strategy, 'type') === 'OnDelete') return { updated: onNewest(status), toUpdate: wanted };
  const partition = memberObject(strategy, 'rollingUpdate')['partition'];
  if (typeof partition === 'number') return { updated, toUpdate: Math.max(0, wanted - partition) };
  // Without a partition (old API servers leave it out) the update has ended when the revisions are one.
  return isOneRevision(status)
    ? { updated: memberNumber(status, 'currentReplicas'), toUpdate: wanted }
    : { updated: Math.min(updated, wanted - 1), toUpdate: wanted };
}

/** With one revision only the controller may count its replicas as current alone. */
function onNewest(status: JsonObject): number {
  const updated = memberNumber(status, 'updatedReplicas');
  return isOneRevision(status) ? Math.max(updated, memberNumber(status, 'currentReplicas')) : updated;
}

function isOneRevision(status: JsonObject): boolean {
  return memberText(status, 'currentRevision') === memberText(status, 'updateRevision');
}
