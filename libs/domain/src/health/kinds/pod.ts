import type { Json, KubeObject } from '../../json/index.js';
import { isJsonObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberObject, memberText } from '../members.js';
import { HEALTHY, failed, findCondition, progressing } from '../verdict.js';

/** Running and ready, or completed. Stricter than kstatus: a Failed Pod has failed. */
export function assessPod(object: KubeObject): HealthVerdict {
  const status = memberObject(object, 'status');
  switch (memberText(status, 'phase')) {
    case 'Succeeded':
      return HEALTHY;
    case 'Failed':
      return failed(memberText(status, 'reason') || 'PodFailed', memberText(status, 'message') || 'the Pod failed');
    case 'Running':
      return findCondition(object, 'Ready')?.status === 'True' ? HEALTHY : waiting(object);
    default:
      return waiting(object);
  }
}

function waiting(object: KubeObject): HealthVerdict {
  const stuck = waitingReasons(object)[0];
  if (stuck !== undefined) return progressing(stuck.reason, stuck.message);
  const scheduled = findCondition(object, 'PodScheduled');
  if (scheduled?.status === 'False') return progressing(scheduled.reason || 'Unschedulable', scheduled.message);
  const ready = findCondition(object, 'Ready');
  return progressing(ready?.reason || 'PodPending', ready?.message || 'the Pod is not ready');
}

/** Reasons for which containers wait, other than being made. */
export function waitingReasons(
  pod: KubeObject,
): { readonly container: string; readonly reason: string; readonly message: string; readonly restarts: number }[] {
  const status = memberObject(pod, 'status');
  const statuses = [status['initContainerStatuses'], status['containerStatuses']].flatMap((list) =>
    Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : [],
  );
  return statuses.flatMap((container) => {
    const waitingState = memberObject(memberObject(container, 'state'), 'waiting');
    const reason = memberText(waitingState, 'reason');
    if (reason === '' || reason === 'ContainerCreating' || reason === 'PodInitializing') return [];
    const restarts = typeof container['restartCount'] === 'number' ? container['restartCount'] : 0;
    return [
      { container: memberText(container, 'name'), reason, message: memberText(waitingState, 'message'), restarts },
    ];
  });
}
