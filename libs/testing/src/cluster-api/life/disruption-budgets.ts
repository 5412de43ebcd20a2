import type { KubeObject } from '../json.js';
import { numberAt, objectAt } from '../json.js';
import { matchesSelector } from '../resources/label-selector.js';
import type { Change } from '../store.js';
import { keyOf } from '../store.js';
import { mergeConditions } from './conditions.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { resolve } from './plan-rolling-update.js';
import { isFinished, isReady, isTerminating } from './pod-template.js';

const BUDGETS = 'poddisruptionbudgets.policy';
/** What says how many Pods of an owner there should be. */
const SCALED = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'replicationcontrollers'];

/** PodDisruptionBudgets: how many of the Pods they select there should be, are healthy, and may go. */
export class DisruptionBudgets implements Controller {
  due(change: Change, control: Control): string[] {
    if (change.collection === BUDGETS) return keysOf(change, BUDGETS);
    if (change.collection !== 'pods' && !SCALED.includes(change.collection)) return [];
    const { namespace = '' } = change.object.metadata;
    return control.list(BUDGETS, namespace).map(({ metadata }) => keyOf(metadata));
  }

  reconcile(key: string, control: Control): undefined {
    const budget = control.get(BUDGETS, key);
    if (!budget || isTerminating(budget)) return;
    const selector = objectAt(budget, 'spec', 'selector');
    const pods = control
      .list('pods', budget.metadata.namespace)
      .filter((pod) => matchesSelector(selector, pod.metadata.labels ?? {}) && !isFinished(pod));
    const isCounted = typeof objectAt(budget, 'spec').minAvailable === 'number';
    const expectedPods = isCounted ? pods.length : countExpected(pods, control);
    const desiredHealthy = countDesired(budget, expectedPods);
    const currentHealthy = pods.filter((pod) => isReady(pod) && !isTerminating(pod)).length;
    const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
    const allowed = {
      type: 'DisruptionAllowed',
      status: disruptionsAllowed > 0 ? ('True' as const) : ('False' as const),
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration: budget.metadata.generation,
    };
    control.setStatus(BUDGETS, budget, {
      conditions: mergeConditions(budget, [allowed]),
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed,
      expectedPods,
      observedGeneration: budget.metadata.generation,
    });
  }
}

/** What the owners of the Pods want; Pods without an owner count for themselves. */
function countExpected(pods: readonly KubeObject[], control: Control): number {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = topOwner(pod, control);
    scales.set(owner?.metadata.uid ?? pod.metadata.uid ?? '', owner ? numberAt(owner, 'spec', 'replicas') : 1);
  }
  return [...scales.values()].reduce((sum, scale) => sum + scale, 0);
}

function topOwner(object: KubeObject, control: Control): KubeObject | undefined {
  const uid = object.metadata.ownerReferences?.find((reference) => reference.controller === true)?.uid;
  if (uid === undefined) return undefined;
  const owners = SCALED.flatMap((collection) => control.list(collection, object.metadata.namespace));
  const owner = owners.find((candidate) => candidate.metadata.uid === uid);
  return owner && (topOwner(owner, control) ?? owner);
}

function countDesired(budget: KubeObject, expected: number): number {
  const { minAvailable, maxUnavailable } = objectAt(budget, 'spec');
  if (maxUnavailable !== undefined) return Math.max(0, expected - resolve(maxUnavailable, expected, Math.ceil));
  return resolve(minAvailable ?? 0, expected, Math.ceil);
}
