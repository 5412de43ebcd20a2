import type { KubeObject } from '../json.js';
import { numberAt, objectAt, stringAt } from '../json.js';
import type { Change } from '../store.js';
import { TEMPLATE_GENERATION } from './admit-workload.js';
import { keyOf } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { fitsNode } from './fits-node.js';
import { resolve } from './plan-rolling-update.js';
import { hashTemplate, isAvailable, isReady, isTerminating, podFrom, untilAvailable } from './pod-template.js';
import { livingPods, podOwner } from './replica-sets.js';

const DAEMON_SETS = 'daemonsets.apps';
const REVISION = 'controller-revision-hash';

/** DaemonSets: one Pod on every node that fits. */
export class DaemonSets implements Controller {
  due(change: Change, control: Control): string[] {
    if (change.collection === DAEMON_SETS) return keysOf(change, DAEMON_SETS);
    if (change.collection === 'nodes') return control.list(DAEMON_SETS).map(({ metadata }) => keyOf(metadata));
    return podOwner(change, 'DaemonSet');
  }

  reconcile(key: string, control: Control): number | undefined {
    const set = control.get(DAEMON_SETS, key);
    if (!set || isTerminating(set)) return undefined;
    const hash = hashTemplate(objectAt(set, 'spec', 'template'));
    const nodes = control.list('nodes').filter((node) => fitsNode(objectAt(set, 'spec', 'template', 'spec'), node));
    spread(set, { hash, nodes: nodes.map((node) => node.metadata.name), control });
    return report(set, { hash, desired: nodes.length, control });
  }
}

interface Spread {
  readonly hash: string;
  readonly nodes: readonly string[];
  readonly control: Control;
}

function spread(set: KubeObject, { hash, nodes, control }: Spread): void {
  const pods = livingPods(set, control);
  const nodeOf = (pod: KubeObject): string => stringAt(pod, 'spec', 'nodeName');
  for (const pod of pods) if (!nodes.includes(nodeOf(pod))) control.remove('pods', pod);
  for (const nodeName of nodes) {
    const ending = control.owners.objects(set.metadata.uid, 'pods').some((pod) => nodeOf(pod) === nodeName);
    if (!ending) control.create('pods', podFrom(set, { labels: revisionLabels(set, hash), spec: { nodeName } }));
  }
  update(set, { hash, nodes, control });
}

function revisionLabels(set: KubeObject, hash: string): Record<string, string> {
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1';
  return { [REVISION]: hash, 'pod-template-generation': generation };
}

/** Replaces Pods of older templates, as many at a time as may be unavailable; those that do not run first. */
function update(set: KubeObject, { hash, nodes, control }: Spread): void {
  const strategy = objectAt(set, 'spec', 'updateStrategy');
  if (strategy.type === 'OnDelete') return;
  const pods = livingPods(set, control);
  const old = pods.filter((pod) => pod.metadata.labels?.[REVISION] !== hash);
  const limit = Math.max(1, resolve(objectAt(strategy, 'rollingUpdate').maxUnavailable, nodes.length, Math.ceil));
  const missing = nodes.length - pods.filter(isReady).length;
  const broken = old.filter((pod) => !isReady(pod));
  const sound = old.filter(isReady).slice(0, Math.max(0, limit - missing));
  for (const pod of [...broken, ...sound]) control.remove('pods', pod);
}

function report(
  set: KubeObject,
  { hash, desired, control }: { hash: string; desired: number; control: Control },
): number | undefined {
  const pods = livingPods(set, control);
  const minReadySeconds = numberAt(set, 'spec', 'minReadySeconds');
  const available = pods.filter((pod) => isAvailable(pod, minReadySeconds)).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION] === hash).length;
  control.setStatus(DAEMON_SETS, set, {
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: desired,
    numberReady: pods.filter(isReady).length,
    observedGeneration: set.metadata.generation,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(desired > available ? { numberUnavailable: desired - available } : {}),
  });
  return untilAvailable(pods, minReadySeconds);
}
