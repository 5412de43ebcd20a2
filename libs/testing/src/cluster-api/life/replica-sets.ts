import type { KubeObject } from '../json.js';
import { numberAt } from '../json.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import { controllerOf } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { isAvailable, isFinished, isReady, isTerminating, podFrom, untilAvailable } from './pod-template.js';

const REPLICA_SETS = 'replicasets.apps';

/** ReplicaSets keep their number of Pods. */
export class ReplicaSets implements Controller {
  due(change: Change): string[] {
    if (change.collection === REPLICA_SETS) return keysOf(change, REPLICA_SETS);
    return podOwner(change, 'ReplicaSet');
  }

  reconcile(key: string, control: Control): number | undefined {
    const set = control.get(REPLICA_SETS, key);
    if (!set || isTerminating(set)) return undefined;
    const pods = livingPods(set, control);
    const wanted = numberAt(set, 'spec', 'replicas');
    for (let missing = wanted - pods.length; missing > 0; missing--) control.create('pods', podFrom(set, {}));
    if (pods.length > wanted)
      for (const pod of worstFirst(pods).slice(0, pods.length - wanted)) control.remove('pods', pod);
    return report(set, control);
  }
}

/** The owner of a changed Pod, when it is of that kind. */
export function podOwner({ collection, object }: Change, kind: string): string[] {
  if (collection !== 'pods') return [];
  const owner = controllerOf(object);
  return owner?.kind === kind ? [`${object.metadata.namespace}/${owner.name}`] : [];
}

export function livingPods(owner: KubeObject, control: Control): KubeObject[] {
  return control.owners.objects(owner.metadata.uid, 'pods').filter((pod) => !isTerminating(pod) && !isFinished(pod));
}

/** Which Pods to give up first: those not ready, then the youngest. */
function worstFirst(pods: readonly KubeObject[]): KubeObject[] {
  const rank = (pod: KubeObject): number => (isReady(pod) ? 1 : 0);
  const age = (pod: KubeObject): number => Date.parse(pod.metadata.creationTimestamp ?? '');
  return [...pods].sort((a, b) => rank(a) - rank(b) || age(b) - age(a));
}

function report(set: KubeObject, control: Control): number | undefined {
  const pods = livingPods(set, control);
  const minReadySeconds = numberAt(set, 'spec', 'minReadySeconds');
  const [ready, available] = [
    pods.filter(isReady).length,
    pods.filter((pod) => isAvailable(pod, minReadySeconds)).length,
  ];
  control.setStatus(REPLICA_SETS, set, {
    replicas: pods.length,
    ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    observedGeneration: set.metadata.generation,
    terminatingReplicas: control.owners.objects(set.metadata.uid, 'pods').filter(isTerminating).length,
  });
  return untilAvailable(pods, minReadySeconds);
}
