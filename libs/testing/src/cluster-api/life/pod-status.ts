import type { JsonObject, KubeObject } from '../json.js';
import { objectAt, objectsAt, stringAt, timestamp } from '../json.js';
import { mergeConditions } from './conditions.js';

type ContainerState = (container: JsonObject) => JsonObject;

function conditions(pod: KubeObject, ready: boolean, reason = 'ContainersNotReady'): JsonObject[] {
  const names = objectsAt(pod, 'spec', 'containers').map((container) => stringAt(container, 'name'));
  const message = `containers with unready status: [${names.join(' ')}]`;
  const wanted = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
    (type) => {
      const dependent = type === 'Ready' || type === 'ContainersReady';
      const status = ready || !dependent ? ('True' as const) : ('False' as const);
      return {
        type,
        status,
        reason: status === 'True' ? '' : reason,
        message: status === 'True' || reason === 'PodCompleted' ? '' : message,
      };
    },
  );
  return mergeConditions(pod, wanted).map(({ reason: why, message: text, ...rest }) => ({
    lastProbeTime: null,
    ...rest,
    ...(why ? { reason: why } : {}),
    ...(text ? { message: text } : {}),
  }));
}

function containerStatus(container: JsonObject, state: JsonObject, ready: boolean): JsonObject {
  return {
    name: container.name,
    state,
    lastState: {},
    ready,
    restartCount: 0,
    image: container.image,
    imageID: '',
    started: ready,
  };
}

function statusOf(
  pod: KubeObject,
  phase: string,
  more: { ready: boolean; state: ContainerState; reason?: string; podIP?: string },
): JsonObject {
  const { ready, state, reason, podIP } = more;
  const containers = objectsAt(pod, 'spec', 'containers');
  const inits = objectsAt(pod, 'spec', 'initContainers');
  const before = objectAt(pod, 'status');
  const ip = podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] };
  return {
    ...before,
    ...ip,
    phase,
    conditions: conditions(pod, ready, reason),
    hostIP: '10.0.0.1',
    hostIPs: [{ ip: '10.0.0.1' }],
    startTime: before.startTime ?? timestamp(),
    observedGeneration: pod.metadata.generation,
    containerStatuses: containers.map((container) => containerStatus(container, state(container), ready)),
    ...(inits.length > 0
      ? {
          initContainerStatuses: inits.map((init) =>
            containerStatus(init, phase === 'Pending' ? state(init) : terminated(0), phase !== 'Pending'),
          ),
        }
      : {}),
  };
}

function terminated(exitCode: number): JsonObject {
  const now = timestamp();
  return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: now, finishedAt: now } };
}

/** On a node, nothing runs yet. */
export function pendingStatus(pod: KubeObject): JsonObject {
  return statusOf(pod, 'Pending', { ready: false, state: () => ({ waiting: { reason: 'ContainerCreating' } }) });
}

export function readyStatus(pod: KubeObject, podIP: string): JsonObject {
  return statusOf(pod, 'Running', { ready: true, state: () => ({ running: { startedAt: timestamp() } }), podIP });
}

/** All containers have ended by themselves. */
export function finishedStatus(pod: KubeObject, exitCode: number): JsonObject {
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  return statusOf(pod, phase, {
    ready: false,
    reason: exitCode === 0 ? 'PodCompleted' : 'PodFailed',
    state: () => terminated(exitCode),
  });
}

export function failedPullStatus(pod: KubeObject, isMissing: (image: string) => boolean): JsonObject {
  return waitingForImage(pod, isMissing, (image) => ({ reason: 'ErrImagePull', message: pullError(image) }));
}

export function backOffStatus(pod: KubeObject, isMissing: (image: string) => boolean): JsonObject {
  return waitingForImage(pod, isMissing, (image) => ({
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${image}": ErrImagePull: ${pullError(image)}`,
  }));
}

function waitingForImage(
  pod: KubeObject,
  isMissing: (image: string) => boolean,
  waiting: (image: string) => JsonObject,
): JsonObject {
  const state: ContainerState = (container) => {
    const image = stringAt(container, 'image');
    return { waiting: isMissing(image) ? waiting(image) : { reason: 'ContainerCreating' } };
  };
  return statusOf(pod, 'Pending', { ready: false, state });
}

/** What a registry's refusal looks like from the container runtime. */
export function pullError(image: string): string {
  const why = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
  return `rpc error: code = NotFound desc = ${why}`;
}

/** Nothing is run, so the command tells how it would end: `exit N` in it, or `false` as the whole of it. */
export function exitCodeOf(pod: KubeObject): number {
  const codes = objectsAt(pod, 'spec', 'containers').map(({ command, args }) => {
    const words = [command, args].flat().filter((word) => typeof word === 'string');
    const code = /\bexit (\d+)/.exec(words.join(' '))?.[1];
    return code === undefined ? Number(words.length === 1 && words[0] === 'false') : Number(code);
  });
  return codes.find((code) => code !== 0) ?? 0;
}
