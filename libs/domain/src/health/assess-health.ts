import type { KubeObject } from '../json/index.js';
import { groupOf } from '../json/index.js';
import type { HealthCheck } from '../policy/index.js';
import { assessStandard, findCondition, needConditions } from './conditions.js';
import { findOddity } from './find-oddity.js';
import { memberText } from './members.js';
import { ruleOfProject } from './projects/index.js';
import { runChecks } from './run-checks.js';
import type { HealthVerdict } from './verdict.js';
import { HEALTHY, progressing } from './verdict.js';
import { assessCustomResource } from './kinds/custom-resource.js';
import { assessCustomResourceDefinition } from './kinds/custom-resource-definition.js';
import { assessDaemonSet } from './kinds/daemon-set.js';
import { assessDeployment } from './kinds/deployment.js';
import { assessJob } from './kinds/job.js';
import { assessPersistentVolumeClaim } from './kinds/persistent-volume-claim.js';
import { assessPod } from './kinds/pod.js';
import { assessReplicaSet } from './kinds/replica-set.js';
import { assessService } from './kinds/service.js';
import { assessStatefulSet } from './kinds/stateful-set.js';
import {
  assessApiService,
  assessNamespace,
  assessPersistentVolume,
  assessPodDisruptionBudget,
} from './kinds/simple.js';

export interface HealthOptions {
  /** CEL rules of the policy; the first one of the object's kind decides. */
  readonly checks?: readonly HealthCheck[];
  /** Unix ms at which we last changed the object; left out: its creation. */
  readonly changedAt?: number;
  /** The claim's storage class binds at the first consumer. */
  readonly waitsForConsumer?: boolean;
}

/** What a rule may know besides the object. */
interface Circumstances {
  readonly waitsForConsumer: boolean;
  /** Since the object was made: ms. */
  readonly ageMs: number;
}

type Assess = (object: KubeObject, circumstances: Circumstances) => HealthVerdict;

const KINDS: Readonly<Record<string, Assess>> = {
  'apps/Deployment': assessDeployment,
  'apps/StatefulSet': assessStatefulSet,
  'apps/DaemonSet': assessDaemonSet,
  'apps/ReplicaSet': assessReplicaSet,
  '/ReplicationController': assessReplicaSet,
  '/Pod': (object, { ageMs }) => assessPod(object, ageMs),
  '/Service': assessService,
  '/Namespace': assessNamespace,
  '/PersistentVolume': assessPersistentVolume,
  '/PersistentVolumeClaim': (object, { waitsForConsumer }) => assessPersistentVolumeClaim(object, waitsForConsumer),
  'batch/Job': assessJob,
  'policy/PodDisruptionBudget': assessPodDisruptionBudget,
  'apiregistration.k8s.io/APIService': assessApiService,
  'apiextensions.k8s.io/CustomResourceDefinition': assessCustomResourceDefinition,
};

/** Groups of the API server itself: their kinds without a rule are healthy as soon as they exist. All others are custom. */
const BUILT_IN: ReadonlySet<string> = new Set([
  '',
  ...['apps', 'batch', 'autoscaling', 'policy'],
  ...['admissionregistration', 'apiextensions', 'apiregistration', 'authentication', 'authorization', 'certificates']
    .concat('coordination', 'discovery', 'events', 'flowcontrol.apiserver', 'internal.apiserver', 'networking', 'node')
    .concat('rbac.authorization', 'resource', 'scheduling', 'storage', 'storagemigration')
    .map((group) => `${group}.k8s.io`),
]);

/**
 * Health of one object as kstatus computes it, made stricter where kstatus calls something current that does not work yet, and
 * `unknown` where nothing follows from its status. Rules of the policy come first. `now` is Unix ms.
 */
export function assessHealth(object: KubeObject, now: number, options: HealthOptions = {}): HealthVerdict {
  if ((object.metadata['deletionTimestamp'] ?? '') !== '')
    return progressing('terminating', 'the object is being deleted');
  const group = groupOf(object.apiVersion);
  return (
    runChecks(object, options.checks ?? []) ??
    findOddity(object, BUILT_IN.has(group)) ??
    assessStandard(object) ??
    assessByKind(object, now, options)
  );
}

function assessByKind(object: KubeObject, now: number, options: HealthOptions): HealthVerdict {
  const group = groupOf(object.apiVersion);
  const madeAt = createdAt(object, now);
  const assess = KINDS[`${group}/${object.kind}`];
  if (assess !== undefined)
    return assess(object, { waitsForConsumer: options.waitsForConsumer ?? false, ageMs: Math.max(0, now - madeAt) });
  if (BUILT_IN.has(group)) return assessBuiltIn(object);
  const sinceChangeMs = Math.max(0, now - (options.changedAt ?? madeAt));
  return (ruleOfProject(group, object.kind) ?? assessCustomResource)(object, sinceChangeMs);
}

/** Kinds of the API server without a rule count as soon as they exist, unless a condition Ready denies it. */
function assessBuiltIn(object: KubeObject): HealthVerdict {
  return findCondition(object, 'Ready') === undefined ? HEALTHY : needConditions(object, ['Ready']);
}

function createdAt(object: KubeObject, now: number): number {
  const created = Date.parse(memberText(object.metadata, 'creationTimestamp'));
  return Number.isNaN(created) ? now : created;
}

/** A Job or Pod that ran to its end: that it vanishes later (time to live, cleaning) is not drift. */
export function isFinished(object: KubeObject): boolean {
  const group = groupOf(object.apiVersion);
  if (object.kind === 'Job' && group === 'batch') return assessJob(object).health === 'healthy';
  const status = object['status'] as { readonly phase?: string } | undefined;
  return object.kind === 'Pod' && group === '' && status?.phase === 'Succeeded';
}
