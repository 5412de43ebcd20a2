import type { KubeObject } from '../json.js';
import { numberAt, objectAt, objectsAt, stringAt } from '../json.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { hashTemplate, isAvailable, isReady, isTerminating, podFrom, untilAvailable } from './pod-template.js';
import { podOwner } from './replica-sets.js';

const STATEFUL_SETS = 'statefulsets.apps';
const REVISION = 'controller-revision-hash';

/** StatefulSets: Pods by number, made one after the other and replaced from the last to the first. */
export class StatefulSets implements Controller {
  due(change: Change): string[] {
    if (change.collection === STATEFUL_SETS) return keysOf(change, STATEFUL_SETS);
    return podOwner(change, 'StatefulSet');
  }

  reconcile(key: string, control: Control): number | undefined {
    const set = control.get(STATEFUL_SETS, key);
    if (!set || isTerminating(set)) return undefined;
    const revision = `${set.metadata.name}-${hashTemplate(objectAt(set, 'spec', 'template'))}`;
    act(set, revision, control);
    return report(set, revision, control);
  }
}

/** One step: the first Pod that is missing, else a Pod too many, else the last one that is out of date. */
function act(set: KubeObject, revision: string, control: Control): void {
  const parallel = stringAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  const wanted = numberAt(set, 'spec', 'replicas');
  const first = numberAt(set, 'spec', 'ordinals', 'start');
  for (let ordinal = first; ordinal < first + wanted; ordinal++) {
    const pod = control.get('pods', podKey(set, ordinal));
    if (!pod) createPod(set, { ordinal, revision, control });
    if (!parallel && (!pod || !isReady(pod) || isTerminating(pod))) return;
  }
  if (shrink(set, { last: first + wanted, parallel, control })) return;
  update(set, { revision, first, wanted, control });
}

function podKey({ metadata }: KubeObject, ordinal: number): string {
  return `${metadata.namespace}/${metadata.name}-${ordinal}`;
}

function createPod(
  set: KubeObject,
  { ordinal, revision, control }: { ordinal: number; revision: string; control: Control },
): void {
  const name = `${set.metadata.name}-${ordinal}`;
  const volumes = objectsAt(set, 'spec', 'volumeClaimTemplates').map((template) =>
    createClaim(set, { template, pod: name, control }),
  );
  const labels = {
    [REVISION]: revision,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  const own = objectsAt(set, 'spec', 'template', 'spec', 'volumes');
  const subdomain = stringAt(set, 'spec', 'serviceName');
  const spec = {
    hostname: name,
    ...(subdomain ? { subdomain } : {}),
    ...(volumes.length > 0 ? { volumes: [...own, ...volumes] } : {}),
  };
  control.create('pods', podFrom(set, { name, labels, spec }));
}

function createClaim(
  set: KubeObject,
  { template, pod, control }: { template: object; pod: string; control: Control },
): { name: string; persistentVolumeClaim: { claimName: string } } {
  const claim = template as KubeObject;
  const claimName = `${claim.metadata.name}-${pod}`;
  const { namespace } = set.metadata;
  if (!control.get('persistentvolumeclaims', `${namespace}/${claimName}`)) {
    const labels = { ...claim.metadata.labels, ...objectAt(set, 'spec', 'selector', 'matchLabels') };
    control.create('persistentvolumeclaims', {
      metadata: { name: claimName, namespace, labels },
      spec: objectAt(claim, 'spec'),
    });
  }
  return { name: claim.metadata.name, persistentVolumeClaim: { claimName } };
}

function ordinalOf({ metadata: { name } }: KubeObject): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/** @returns whether Pods are still too many. */
function shrink(
  set: KubeObject,
  { last, parallel, control }: { last: number; parallel: boolean; control: Control },
): boolean {
  const surplus = control.owners.objects(set.metadata.uid, 'pods').filter((pod) => ordinalOf(pod) >= last);
  surplus.sort((a, b) => ordinalOf(b) - ordinalOf(a));
  for (const pod of parallel ? surplus : surplus.slice(0, 1)) if (!isTerminating(pod)) control.remove('pods', pod);
  return surplus.length > 0 && !parallel;
}

interface Update {
  readonly revision: string;
  readonly first: number;
  readonly wanted: number;
  readonly control: Control;
}

function update(set: KubeObject, { revision, first, wanted, control }: Update): void {
  const strategy = objectAt(set, 'spec', 'updateStrategy');
  if (strategy.type === 'OnDelete') return;
  const partition = numberAt(strategy, 'rollingUpdate', 'partition');
  for (let ordinal = first + wanted - 1; ordinal >= Math.max(first, partition); ordinal--) {
    const pod = control.get('pods', podKey(set, ordinal));
    if (!pod || isTerminating(pod)) return;
    if (pod.metadata.labels?.[REVISION] !== revision) return control.remove('pods', pod);
    if (!isReady(pod)) return;
  }
}

function report(set: KubeObject, revision: string, control: Control): number | undefined {
  const pods = control.owners.objects(set.metadata.uid, 'pods').filter((pod) => !isTerminating(pod));
  const minReadySeconds = numberAt(set, 'spec', 'minReadySeconds');
  const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION] === revision);
  const complete =
    updated.length === numberAt(set, 'spec', 'replicas') && updated.every(isReady) && pods.length === updated.length;
  const before = stringAt(set, 'status', 'currentRevision') || revision;
  const current = complete ? revision : before;
  const count = (field: string, of: readonly KubeObject[]): object => (of.length > 0 ? { [field]: of.length } : {});
  control.setStatus(STATEFUL_SETS, set, {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    ...count('readyReplicas', pods.filter(isReady)),
    ...count(
      'currentReplicas',
      pods.filter((pod) => pod.metadata.labels?.[REVISION] === current),
    ),
    ...count('updatedReplicas', updated),
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
    availableReplicas: pods.filter((pod) => isAvailable(pod, minReadySeconds)).length,
  });
  return untilAvailable(pods, minReadySeconds);
}
