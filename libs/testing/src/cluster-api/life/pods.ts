import type { KubeObject } from '../json.js';
import { objectAt, objectsAt, sameJson, stringAt } from '../json.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { fitsNode } from './fits-node.js';
import { isFinished, isTerminating } from './pod-template.js';
import {
  backOffStatus,
  exitCodeOf,
  failedPullStatus,
  finishedStatus,
  pendingStatus,
  pullError,
  readyStatus,
} from './pod-status.js';

const KUBELET = 'kubelet';
const SCHEDULER = 'default-scheduler';

export interface PodOptions {
  readonly readyMs: number;
  imageExists(image: string): boolean;
}

/** Scheduler and kubelet: Pods get a node, and a moment later they run, end, or wait for an image that is not there. */
export class Pods implements Controller {
  /** The present stage of each Pod and when it began, by UID. */
  private readonly since = new Map<string, { readonly stage: string; readonly begunAt: number }>();
  private addresses = 0;
  private turn = 0;

  constructor(private readonly options: PodOptions) {}

  due(change: Change, control: Control): string[] {
    if (change.collection === 'nodes') return waitingPods(control);
    if (change.collection === 'pods' && change.type === 'DELETED') this.since.delete(change.object.metadata.uid ?? '');
    return change.type === 'DELETED' ? [] : keysOf(change, 'pods');
  }

  reconcile(key: string, control: Control): number | undefined {
    const pod = control.get('pods', key);
    if (!pod) return undefined;
    if (isTerminating(pod)) return this.wait(pod, 'end') ?? finish(pod, control);
    if (stringAt(pod, 'spec', 'nodeName') === '') return this.schedule(pod, control);
    if (isFinished(pod)) return undefined;
    return this.run(pod, control);
  }

  private schedule(pod: KubeObject, control: Control): undefined {
    const spec = objectAt(pod, 'spec');
    const nodes = control
      .list('nodes')
      .filter((node) => objectAt(node, 'spec').unschedulable !== true && fitsNode(spec, node));
    const node = nodes[this.turn++ % Math.max(1, nodes.length)];
    if (node) return void control.put('pods', { ...pod, spec: { ...spec, nodeName: node.metadata.name } });
    if (objectsAt(pod, 'status', 'conditions').length > 0) return;
    const all = control.list('nodes').length;
    const message = `0/${all} nodes are available: ${all} node(s) didn't match Pod's node affinity/selector.`;
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    control.setStatus('pods', pod, { ...objectAt(pod, 'status'), conditions: [condition] }, 'kube-scheduler');
    control.event(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: SCHEDULER });
  }

  private run(pod: KubeObject, control: Control): number | undefined {
    const missing = containersOf(pod)
      .map((container) => stringAt(container, 'image'))
      .find((image) => !this.options.imageExists(image));
    if (missing !== undefined) return this.failPull(pod, missing, control);
    const started = stringAt(pod, 'status', 'phase') === 'Running';
    if (!started) return this.begin(pod, control);
    if (stringAt(pod, 'spec', 'restartPolicy') === 'Always') return undefined;
    const left = this.wait(pod, 'work');
    if (left === undefined) this.write(pod, finishedStatus(pod, exitCodeOf(pod)), control);
    return left;
  }

  private begin(pod: KubeObject, control: Control): number | undefined {
    if (objectsAt(pod, 'status', 'containerStatuses').length === 0) this.write(pod, pendingStatus(pod), control);
    const left = this.wait(pod, 'start');
    if (left === undefined) this.write(pod, readyStatus(pod, this.nextAddress()), control);
    return left;
  }

  /** First the failed pull, then the back-off that stays. */
  private failPull(pod: KubeObject, image: string, control: Control): number | undefined {
    const reason = stringAt(objectsAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'reason');
    if (reason === 'ImagePullBackOff') return undefined;
    const left = this.wait(pod, reason === 'ErrImagePull' ? 'backOff' : 'pull');
    if (left !== undefined) return left;
    const isMissing = (other: string): boolean => !this.options.imageExists(other);
    if (reason !== 'ErrImagePull') {
      this.write(pod, failedPullStatus(pod, isMissing), control);
      const message = `Failed to pull image "${image}": ${pullError(image)}`;
      control.event(pod, { type: 'Warning', reason: 'Failed', message, component: KUBELET });
      return this.options.readyMs;
    }
    this.write(pod, backOffStatus(pod, isMissing), control);
    control.event(pod, {
      type: 'Normal',
      reason: 'BackOff',
      message: `Back-off pulling image "${image}"`,
      component: KUBELET,
    });
    control.event(pod, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff', component: KUBELET });
    return undefined;
  }

  private write(pod: KubeObject, status: KubeObject['status'], control: Control): void {
    if (!sameJson(pod.status, status)) control.setStatus('pods', pod, objectAt(status), KUBELET);
  }

  /** Milliseconds left of a stage; undefined when it is over. */
  private wait({ metadata: { uid = '' } }: KubeObject, stage: string): number | undefined {
    const current = this.since.get(uid);
    const begunAt = current?.stage === stage ? current.begunAt : Date.now();
    this.since.set(uid, { stage, begunAt });
    const left = begunAt + this.options.readyMs - Date.now();
    return left > 0 ? left : undefined;
  }

  private nextAddress(): string {
    this.addresses += 1;
    return `10.244.${Math.floor(this.addresses / 250) % 256}.${(this.addresses % 250) + 1}`;
  }
}

function waitingPods(control: Control): string[] {
  const waiting = control.list('pods').filter((pod) => stringAt(pod, 'spec', 'nodeName') === '');
  return waiting.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

function containersOf(pod: KubeObject): ReturnType<typeof objectsAt> {
  return [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
}

/** The node has ended the containers: nothing but finalizers holds the Pod. */
function finish(pod: KubeObject, control: Control): undefined {
  if (pod.metadata.deletionGracePeriodSeconds !== 0 || !pod.metadata.finalizers)
    control.remove('pods', pod, { graceSeconds: 0 });
}
