import type { KubeObject } from '../json/index.js';
import { groupOf } from '../json/index.js';
import type { HealthCheck } from '../policy/index.js';
import { memberText } from './members.js';
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
import { WELL_KNOWN } from './kinds/well-known.js';
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

type Assess = (object: KubeObject, options: Required<Pick<HealthOptions, 'waitsForConsumer'>>) => HealthVerdict;

const KINDS: Readonly<Record<string, Assess>> = {
  ...WELL_KNOWN,
  'apps/Deployment': assessDeployment,
  'apps/StatefulSet': assessStatefulSet,
  'apps/DaemonSet': assessDaemonSet,
  'apps/ReplicaSet': assessReplicaSet,
  '/ReplicationController': assessReplicaSet,
  '/Pod': assessPod,
  '/Service': assessService,
  '/Namespace': assessNamespace,
  '/PersistentVolume': assessPersistentVolume,
  '/PersistentVolumeClaim': (object, options) => assessPersistentVolumeClaim(object, options.waitsForConsumer),
  'batch/Job': assessJob,
  'policy/PodDisruptionBudget': assessPodDisruptionBudget,
  'apiregistration.k8s.io/APIService': assessApiService,
  'apiextensions.k8s.io/CustomResourceDefinition': assessCustomResourceDefinition,
};

/** Groups of the API server itself: their kinds without a rule are healthy as soon as they exist. */
const BUILT_IN = /^(|apps|batch|autoscaling|policy|[a-z0-9.-]+\.k8s\.io)$/;
const CUSTOM_K8S_IO = /^(gateway\.networking|metrics|snapshot\.storage|.*\.x-k8s|cluster\.x-k8s|kueue\.x-k8s)/;

/**
 * Health of one object as kstatus computes it, made stricter where kstatus calls something current that does not work yet.
 * Rules of the policy come first. `now` is Unix ms.
 */
export function assessHealth(object: KubeObject, now: number, options: HealthOptions = {}): HealthVerdict {
  if (object.metadata['deletionTimestamp'] !== undefined)
    return progressing('terminating', 'the object is being deleted');
  const checked = runChecks(object, options.checks ?? []);
  if (checked !== undefined) return checked;
  const group = groupOf(object.apiVersion);
  const assess = KINDS[`${group}/${object.kind}`];
  if (assess !== undefined) return assess(object, { waitsForConsumer: options.waitsForConsumer ?? false });
  if (isBuiltIn(group)) return HEALTHY;
  return assessCustomResource(object, Math.max(0, now - (options.changedAt ?? createdAt(object, now))));
}

function isBuiltIn(group: string): boolean {
  return BUILT_IN.test(group) && !CUSTOM_K8S_IO.test(group);
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
