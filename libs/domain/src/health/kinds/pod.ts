import type { Json, JsonObject, KubeObject } from '../../json/index.js';
import { isJsonObject } from '../../json/index.js';
import { findCondition, findTrue } from '../conditions.js';
import { memberNumber, memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, failed, progressing, unknown } from '../verdict.js';

/** So long a Pod may wait for a place before that counts as a failure (kstatus: 15 s). */
const SCHEDULE_MS = 15_000;

/**
 * kstatus: running and ready, or completed; failed when a container of it crash loops, or when no node takes it for 15 s.
 * Stricter: a Failed Pod has failed. `ageMs` since it was made.
 */
export function assessPod(object: KubeObject, ageMs: number): HealthVerdict {
  const status = memberObject(object, 'status');
  const phase = memberText(status, 'phase');
  switch (phase) {
    case 'Succeeded':
      return HEALTHY;
    case 'Failed':
      return failed(memberText(status, 'reason') || 'PodFailed', memberText(status, 'message') || 'the Pod failed');
    case 'Running':
      return findTrue(object, 'Ready') === undefined ? assessNotReady(object) : HEALTHY;
    case 'Pending':
    case '':
      return assessPending(object, ageMs);
    default:
      return unknown('oddPhase', `the Pod is in phase ${phase}, which is not known`);
  }
}

function assessNotReady(object: KubeObject): HealthVerdict {
  const crashing = waitingReasons(object).find(({ reason, isInit }) => reason === 'CrashLoopBackOff' && !isInit);
  return crashing === undefined ? waiting(object) : failed(crashing.reason, crashing.message);
}

function assessPending(object: KubeObject, ageMs: number): HealthVerdict {
  const verdict = waiting(object);
  const scheduled = findCondition(object, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return verdict;
  if (ageMs >= SCHEDULE_MS) return failed(verdict.code, verdict.message);
  return { ...verdict, lookAgainMs: SCHEDULE_MS - ageMs };
}

function waiting(object: KubeObject): HealthVerdict {
  const stuck = waitingReasons(object)[0];
  if (stuck !== undefined) return progressing(stuck.reason, stuck.message);
  const scheduled = findCondition(object, 'PodScheduled');
  if (scheduled?.status === 'False') return progressing(scheduled.reason || 'NotScheduled', scheduled.message);
  const ready = findCondition(object, 'Ready');
  return progressing(ready?.reason || 'PodPending', ready?.message || 'the Pod is not ready');
}

/** Why one container of a Pod does not run. */
export interface WaitingContainer {
  readonly container: string;
  readonly isInit: boolean;
  readonly reason: string;
  /** With how it last ended, by reason and exit code only: the words of an end may be log lines. */
  readonly message: string;
  readonly restarts: number;
}

/** Reasons for which containers wait, other than being made; init containers first. */
export function waitingReasons(pod: KubeObject): WaitingContainer[] {
  const status = memberObject(pod, 'status');
  return (['initContainerStatuses', 'containerStatuses'] as const).flatMap((list) =>
    objectsOf(status[list]).flatMap((container) => waitingReason(container, list === 'initContainerStatuses')),
  );
}

function waitingReason(container: JsonObject, isInit: boolean): WaitingContainer[] {
  const state = memberObject(memberObject(container, 'state'), 'waiting');
  const reason = memberText(state, 'reason');
  if (reason === '' || reason === 'ContainerCreating' || reason === 'PodInitializing') return [];
  const name = memberText(container, 'name');
  const message = [memberText(state, 'message'), lastEnd(container)].filter((part) => part !== '').join('; ');
  return [{ container: name, isInit, reason, message, restarts: memberNumber(container, 'restartCount') }];
}

function lastEnd(container: JsonObject): string {
  const ended = memberObject(memberObject(container, 'lastState'), 'terminated');
  if (typeof ended['exitCode'] !== 'number') return '';
  return `last ended with ${memberText(ended, 'reason') || 'Error'}, exit code ${ended['exitCode']}`;
}

function objectsOf(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : [];
}
