import type { KubeObject } from '../json/index.js';
import { waitingReasons } from './kinds/pod.js';
import { memberObject, memberText } from './members.js';
import { findCondition, findTrue } from './conditions.js';

/** A new Pod in one of these for this long has failed: waiting for the deadline would tell nothing more. */
export const FAIL_FAST_MS = 60_000;
const FAIL_FAST_RESTARTS = 3;
const HOPELESS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'InvalidImageName',
]);
const MAX_MESSAGE = 400;

/** What holds a workload up. */
export interface WorkloadReason {
  readonly code: string;
  readonly message: string;
  readonly summary: string;
  /** A definite failure. */
  readonly isFinal: boolean;
}

export interface WorkloadPods {
  /** Newest Pods of the newest revision. */
  readonly pods: readonly KubeObject[];
  readonly wanted: number;
  /** Pods of older revisions that still serve, of how many. */
  readonly oldReady: number;
  readonly old: number;
  /** By Pod UID: for how many ms it has been seen waiting for the same class of reason. */
  readonly stuckForMs: ReadonlyMap<string, number>;
  /** The last Warning event of the Pod that holds the workload up, or of the workload when it has no Pods; undefined when there is none. */
  readonly warning: Warning | undefined;
}

/** A Warning event: probes that fail, volumes that cannot be mounted, Pods that a quota refuses. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/**
 * The reason of the worst new Pod, else what the last Warning event says; undefined when nothing tells. Never looks at logs,
 * environment or Secrets.
 */
export function explainPods(workload: WorkloadPods): WorkloadReason | undefined {
  const stuck = workload.pods.flatMap((pod) => {
    const reason = stuckReason(pod);
    return reason === undefined ? [] : [{ pod, reason, forMs: workload.stuckForMs.get(uidOf(pod)) ?? 0 }];
  });
  const worst = stuck.find(({ reason, forMs }) => isFinal(reason, forMs)) ?? stuck[0];
  if (worst === undefined) return fromWarning(workload);
  const final = isFinal(worst.reason, worst.forMs);
  return {
    code: worst.reason.code,
    message: clip(worst.reason.message || (workload.warning?.message ?? '')),
    summary: summarize(workload, stuck.length, final ? ` ${Math.floor(worst.forMs / 1_000)}s` : ''),
    isFinal: final,
  };
}

function fromWarning(workload: WorkloadPods): WorkloadReason | undefined {
  const { warning, pods } = workload;
  if (warning === undefined) return undefined;
  const unready = pods.filter(isUnready).length;
  return {
    code: warning.code,
    message: clip(warning.message),
    summary: pods.length === 0 ? `none of ${workload.wanted} pods made` : summarize(workload, unready, ''),
    isFinal: false,
  };
}

/** A Pod that runs or waits but does not serve. */
export function isUnready(pod: KubeObject): boolean {
  const isOver = memberText(memberObject(pod, 'status'), 'phase') === 'Succeeded';
  return !isOver && pod.metadata['deletionTimestamp'] === undefined && findTrue(pod, 'Ready') === undefined;
}

interface StuckReason {
  readonly code: string;
  readonly message: string;
  readonly restarts: number;
}

/** Why a Pod does not get on; undefined while it may just be starting. */
export function stuckReason(pod: KubeObject): StuckReason | undefined {
  const waiting = waitingReasons(pod)[0];
  if (waiting !== undefined) return { code: waiting.reason, message: waiting.message, restarts: waiting.restarts };
  const status = memberObject(pod, 'status');
  if (memberText(status, 'phase') === 'Failed') {
    return { code: memberText(status, 'reason') || 'PodFailed', message: memberText(status, 'message'), restarts: 0 };
  }
  const scheduled = findCondition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return { code: scheduled.reason || 'Unschedulable', message: scheduled.message, restarts: 0 };
}

function isFinal(reason: StuckReason, forMs: number): boolean {
  if (HOPELESS.has(reason.code)) return forMs >= FAIL_FAST_MS;
  return reason.code === 'CrashLoopBackOff' && reason.restarts >= FAIL_FAST_RESTARTS;
}

/** Reasons that alternate (ErrImagePull, ImagePullBackOff) count as one class, so that time adds up. */
export function stuckClass(code: string): string {
  return HOPELESS.has(code) ? 'hopeless' : code;
}

function summarize(workload: WorkloadPods, stuck: number, age: string): string {
  const fresh = `${stuck} of ${workload.wanted} new pods stuck${age}`;
  return workload.old === 0 ? fresh : `${fresh}, ${workload.oldReady} of ${workload.old} old pods serving`;
}

export function uidOf(object: KubeObject): string {
  const uid = object.metadata['uid'];
  return typeof uid === 'string' ? uid : '';
}

function clip(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`;
}
