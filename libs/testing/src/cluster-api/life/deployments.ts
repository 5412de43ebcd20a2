import type { JsonObject, KubeObject } from '../json.js';
import { numberAt, objectAt, objectsAt, sameJson, stringAt, timestamp } from '../json.js';
import type { Change } from '../store.js';
import type { Condition } from './conditions.js';
import { mergeConditions } from './conditions.js';
import type { Control } from './control.js';
import { controllerOf, controllerRef } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { hashTemplate } from './pod-template.js';
import { planRollingUpdate, resolveLimits } from './plan-rolling-update.js';

const DEPLOYMENTS = 'deployments.apps';
const REPLICA_SETS = 'replicasets.apps';
const HASH = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';
const COMPONENT = 'deployment-controller';

/** Deployments: one ReplicaSet for each template, scaled against each other as the strategy says. */
export class Deployments implements Controller {
  due(change: Change): string[] {
    if (change.collection === DEPLOYMENTS) return keysOf(change, DEPLOYMENTS);
    if (change.collection !== REPLICA_SETS) return [];
    const owner = controllerOf(change.object);
    return owner?.kind === 'Deployment' ? [`${change.object.metadata.namespace}/${owner.name}`] : [];
  }

  reconcile(key: string, control: Control): number | undefined {
    const deployment = control.get(DEPLOYMENTS, key);
    if (!deployment || deployment.metadata.deletionTimestamp !== undefined) return undefined;
    const sets = control.owners
      .objects(deployment.metadata.uid, REPLICA_SETS)
      .filter((set) => !set.metadata.deletionTimestamp);
    const paused = objectAt(deployment, 'spec').paused === true;
    const fresh =
      sets.find((set) => hasTemplateOf(set, deployment)) ?? (paused ? undefined : createSet(deployment, sets, control));
    const old = sets.filter((set) => set.metadata.uid !== fresh?.metadata.uid);
    if (fresh) {
      noteRevision(fresh, old, control);
      if (!paused) scale(deployment, { fresh, old, control });
    }
    cleanUp(deployment, old, control);
    return report(key, fresh?.metadata.name, control);
  }
}

function hasTemplateOf(set: KubeObject, deployment: KubeObject): boolean {
  const template = objectAt(set, 'spec', 'template');
  const { [HASH]: _, ...labels } = objectAt(template, 'metadata', 'labels');
  return sameJson(
    { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    objectAt(deployment, 'spec', 'template'),
  );
}

function createSet(deployment: KubeObject, sets: readonly KubeObject[], control: Control): KubeObject {
  const spec = objectAt(deployment, 'spec');
  const template = objectAt(spec, 'template');
  const hash = hashTemplate(template);
  const none = { replicas: 0, pods: 0, available: 0 };
  const [replicas = 0] = planRollingUpdate(spec, { fresh: none, old: sets.map(sizeOf) });
  const labels = { ...objectAt(template, 'metadata', 'labels'), [HASH]: hash };
  const selector = objectAt(spec, 'selector');
  const set = control.create(REPLICA_SETS, {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...sizeNotes(spec), [REVISION]: String(1 + Math.max(0, ...sets.map(revisionOf))) },
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: spec.minReadySeconds,
      selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), [HASH]: hash } },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  });
  if (replicas > 0) tellScaling(deployment, { set: set.metadata.name, from: 0, to: replicas, control });
  return set;
}

/** What a ReplicaSet notes of its Deployment, for proportional scaling. */
function sizeNotes(spec: JsonObject): Record<string, string> {
  const replicas = numberAt(spec, 'replicas');
  return {
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(replicas + resolveLimits(spec).maxSurge),
  };
}

function tellScaling(
  deployment: KubeObject,
  { set, from, to, control }: { set: string; from: number; to: number; control: Control },
): void {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`;
  control.event(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT });
}

function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}

interface Sets {
  readonly fresh: KubeObject;
  readonly old: readonly KubeObject[];
  readonly control: Control;
}

/** A set that comes back (a rollback) becomes the newest revision. */
function noteRevision(fresh: KubeObject, old: readonly KubeObject[], control: Control): void {
  const newest = Math.max(0, ...old.map(revisionOf));
  if (revisionOf(fresh) <= newest) control.update(REPLICA_SETS, fresh, (live) => withRevision(live, newest + 1));
}

function withRevision(object: KubeObject, revision: number): KubeObject {
  const annotations = { ...object.metadata.annotations, [REVISION]: String(revision) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function scale(deployment: KubeObject, { fresh, old, control }: Sets): void {
  const sizes = planRollingUpdate(objectAt(deployment, 'spec'), { fresh: sizeOf(fresh), old: old.map(sizeOf) });
  [fresh, ...old].forEach((set, index) => {
    const wanted = sizes[index] ?? 0;
    const current = numberAt(set, 'spec', 'replicas');
    if (wanted === current) return;
    const annotations = { ...set.metadata.annotations, ...sizeNotes(objectAt(deployment, 'spec')) };
    control.update(REPLICA_SETS, set, (live) => ({
      ...live,
      metadata: { ...live.metadata, annotations },
      spec: { ...objectAt(live, 'spec'), replicas: wanted },
    }));
    tellScaling(deployment, { set: set.metadata.name, from: current, to: wanted, control });
  });
}

function sizeOf(set: KubeObject): { replicas: number; pods: number; available: number } {
  return {
    replicas: numberAt(set, 'spec', 'replicas'),
    pods: numberAt(set, 'status', 'replicas'),
    available: numberAt(set, 'status', 'availableReplicas'),
  };
}

/** Empty sets beyond the history limit go, the oldest first. */
function cleanUp(deployment: KubeObject, old: readonly KubeObject[], control: Control): void {
  const empty = old.filter(
    (set) => numberAt(set, 'spec', 'replicas') === 0 && numberAt(set, 'status', 'replicas') === 0,
  );
  const surplus = empty.length - Number(objectAt(deployment, 'spec').revisionHistoryLimit ?? 10);
  for (const set of [...empty].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, surplus))) {
    control.remove(REPLICA_SETS, set, { propagation: 'Background' });
  }
}

/** Writes the status. @returns milliseconds until the progress deadline, while it runs. */
function report(key: string, fresh: string | undefined, control: Control): number | undefined {
  const deployment = control.get(DEPLOYMENTS, key);
  if (!deployment) return undefined;
  const sets = control.owners.objects(deployment.metadata.uid, REPLICA_SETS);
  const sum = (field: string, from = sets): number =>
    from.reduce((total, set) => total + numberAt(set, 'status', field), 0);
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const counts = {
    replicas: sum('replicas'),
    updatedReplicas: sum(
      'replicas',
      sets.filter((set) => set.metadata.name === fresh),
    ),
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
    unavailableReplicas: Math.max(0, Math.max(wanted, sum('replicas')) - sum('availableReplicas')),
  };
  const deadline = progressDeadline(deployment, counts);
  const conditions = conditionsOf(deployment, { counts, fresh, late: deadline !== undefined && deadline <= 0 });
  const nonZero = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const status = {
    observedGeneration: deployment.metadata.generation,
    ...nonZero,
    terminatingReplicas: sum('terminatingReplicas'),
    conditions,
  };
  write(deployment, { status, revision: Math.max(0, ...sets.map(revisionOf)), control });
  return deadline !== undefined && deadline > 0 ? deadline : undefined;
}

/** Status and revision go in one write, as the real controller does it. */
function write(
  deployment: KubeObject,
  { status, revision, control }: { status: JsonObject; revision: number; control: Control },
): void {
  const numbered = deployment.metadata.annotations?.[REVISION] === String(revision) || revision === 0;
  if (numbered) return control.setStatus(DEPLOYMENTS, deployment, status);
  control.update(DEPLOYMENTS, deployment, (live) => ({ ...withRevision(live, revision), status }), {
    subresource: 'status',
  });
}

type Counts = {
  readonly [
    K in 'replicas' | 'updatedReplicas' | 'availableReplicas' | 'readyReplicas' | 'unavailableReplicas'
  ]: number;
};

function isComplete(deployment: KubeObject, { replicas, updatedReplicas, availableReplicas }: Counts): boolean {
  const wanted = numberAt(deployment, 'spec', 'replicas');
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
}

const PROGRESS = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;

/** Milliseconds left for progress; undefined when there is nothing to wait for. */
function progressDeadline(deployment: KubeObject, counts: Counts): number | undefined {
  const seconds = objectAt(deployment, 'spec').progressDeadlineSeconds;
  if (typeof seconds !== 'number' || isComplete(deployment, counts) || objectAt(deployment, 'spec').paused === true)
    return undefined;
  const progressing = objectsAt(deployment, 'status', 'conditions').find(
    (condition) => condition.type === 'Progressing',
  );
  if (progressing?.reason === 'ProgressDeadlineExceeded' && !hasMoved(deployment, counts)) return 0;
  const since = hasMoved(deployment, counts) ? Date.now() : Date.parse(stringAt(progressing, 'lastUpdateTime'));
  return since + seconds * 1000 - Date.now();
}

function hasMoved(deployment: KubeObject, counts: Counts): boolean {
  const status = objectAt(deployment, 'status');
  if (status.observedGeneration !== deployment.metadata.generation) return true;
  return PROGRESS.some((field) => counts[field] !== numberAt(status, field));
}

interface Progress {
  readonly counts: Counts;
  readonly fresh: string | undefined;
  readonly late: boolean;
}

function conditionsOf(deployment: KubeObject, progress: Progress): JsonObject[] {
  const all = [availability(deployment, progress.counts), progression(deployment, progress)];
  const merged = mergeConditions(deployment, all, ['lastUpdateTime']);
  // Progress renews the time that the deadline counts from.
  if (!hasMoved(deployment, progress.counts)) return merged;
  return merged.map((condition) =>
    condition.type === 'Progressing' ? { ...condition, lastUpdateTime: timestamp() } : condition,
  );
}

function availability(deployment: KubeObject, { availableReplicas }: Counts): Condition {
  const { maxUnavailable } = resolveLimits(objectAt(deployment, 'spec'));
  const enough = availableReplicas >= numberAt(deployment, 'spec', 'replicas') - maxUnavailable;
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progression(deployment: KubeObject, { counts, fresh, late }: Progress): Condition {
  const set = `ReplicaSet "${fresh ?? ''}"`;
  const type = 'Progressing';
  if (objectAt(deployment, 'spec').paused === true) {
    return { type, status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  }
  if (isComplete(deployment, counts)) {
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message: `${set} has successfully progressed.` };
  }
  if (late)
    return { type, status: 'False', reason: 'ProgressDeadlineExceeded', message: `${set} has timed out progressing.` };
  return { type, status: 'True', reason: 'ReplicaSetUpdated', message: `${set} is progressing.` };
}
