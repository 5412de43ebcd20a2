import type { Json, JsonObject } from '../json.js';
import { isObject, listAt, objectAt, objectsAt, stringAt } from '../json.js';

/**
 * Defaults that the API server sets in code, so that its OpenAPI document does not tell them. By the name of the
 * definition: either what is filled in where absent, or a function that changes the (fresh) object it is given.
 */
type Default = JsonObject | ((object: JsonObject) => void);

const core = 'io.k8s.api.core.v1.';
const apps = 'io.k8s.api.apps.v1.';
const batch = 'io.k8s.api.batch.v1.';
const net = 'io.k8s.api.networking.v1.';
const rbac = 'io.k8s.api.rbac.v1.';
const admission = 'io.k8s.api.admissionregistration.v1.';
const storage = 'io.k8s.api.storage.v1.';
const apiext = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
const WEBHOOK = {
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
};
const MODE = { defaultMode: 420 };

const DEFAULTS: Record<string, Default> = {
  [core + 'PodSpec']: {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  },
  [core + 'Container']: defaultContainer,
  [core + 'EphemeralContainer']: defaultContainer,
  [core + 'Pod']: defaultPod,
  [core + 'Probe']: (probe) => {
    for (const [key, value] of Object.entries(PROBE)) if (!probe[key]) probe[key] = value;
  },
  [core + 'HTTPGetAction']: { path: '/', scheme: 'HTTP' },
  [core + 'Volume']: (volume) => {
    if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  },
  [core + 'SecretVolumeSource']: MODE,
  [core + 'ConfigMapVolumeSource']: MODE,
  [core + 'DownwardAPIVolumeSource']: MODE,
  [core + 'ProjectedVolumeSource']: MODE,
  [core + 'ServiceAccountTokenProjection']: { expirationSeconds: 3600 },
  [core + 'HostPathVolumeSource']: (volume) => void (volume.type ??= ''),
  [core + 'ObjectFieldSelector']: { apiVersion: 'v1' },
  [core + 'ServiceSpec']: defaultService,
  [core + 'Secret']: { type: 'Opaque' },
  [core + 'PersistentVolumeSpec']: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' },
  [core + 'PersistentVolumeStatus']: { phase: 'Pending' },
  [core + 'PersistentVolumeClaimSpec']: { volumeMode: 'Filesystem' },
  [core + 'PersistentVolumeClaimStatus']: { phase: 'Pending' },
  [core + 'EndpointPort']: { protocol: 'TCP' },
  [core + 'Namespace']: (namespace) => {
    const metadata = objectAt(namespace, 'metadata');
    const name = stringAt(metadata, 'name');
    if (name) metadata.labels = { ...objectAt(metadata, 'labels'), 'kubernetes.io/metadata.name': name };
  },
  [core + 'NamespaceStatus']: { phase: 'Active' },
  [apps + 'DeploymentSpec']: (spec) => {
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    defaultRolling(spec, 'strategy', { maxUnavailable: '25%', maxSurge: '25%' });
  },
  [apps + 'ReplicaSetSpec']: { replicas: 1 },
  [apps + 'DaemonSet']: (set) => {
    const metadata = objectAt(set, 'metadata');
    // Shown by conversion of a field that only the internal type has.
    metadata.annotations = { 'deprecated.daemonset.template.generation': '0', ...objectAt(metadata, 'annotations') };
  },
  [apps + 'DaemonSetSpec']: (spec) => {
    fill(spec, { revisionHistoryLimit: 10 });
    defaultRolling(spec, 'updateStrategy', { maxUnavailable: 1, maxSurge: 0 });
  },
  [apps + 'StatefulSetSpec']: (spec) => {
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady' });
    fill(spec, { persistentVolumeClaimRetentionPolicy: {} });
    fill(objectAt(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' });
    defaultRolling(spec, 'updateStrategy', { partition: 0 });
  },
  [batch + 'Job']: (job) => {
    const labels = objectAt(job, 'spec', 'template', 'metadata', 'labels');
    const metadata = objectAt(job, 'metadata');
    if (Object.keys(labels).length > 0 && !isFilled(metadata.labels)) metadata.labels = { ...labels };
    defaultJob(objectAt(job, 'spec'));
  },
  [batch + 'CronJobSpec']: {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  [net + 'NetworkPolicyPort']: { protocol: 'TCP' },
  [net + 'NetworkPolicySpec']: (spec) => {
    const types: Json[] = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    if (listAt(spec, 'policyTypes').length === 0) spec.policyTypes = types;
  },
  [net + 'IngressClassParametersReference']: { scope: 'Cluster' },
  ['io.k8s.api.discovery.v1.EndpointPort']: { name: '', protocol: 'TCP' },
  [rbac + 'RoleRef']: { apiGroup: RBAC_GROUP },
  [rbac + 'Subject']: (subject) => {
    if (subject.kind !== 'ServiceAccount') fill(subject, { apiGroup: RBAC_GROUP });
  },
  [admission + 'ValidatingWebhook']: WEBHOOK,
  [admission + 'MutatingWebhook']: { ...WEBHOOK, reinvocationPolicy: 'Never' },
  [admission + 'RuleWithOperations']: { scope: '*' },
  [admission + 'ServiceReference']: { port: 443 },
  [admission + 'ValidatingAdmissionPolicySpec']: { failurePolicy: 'Fail' },
  [admission + 'MatchResources']: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
  ['io.k8s.api.scheduling.v1.PriorityClass']: { preemptionPolicy: 'PreemptLowerPriority' },
  [storage + 'StorageClass']: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  ['io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec']: (spec) => {
    fill(spec, { minReplicas: 1 });
    const target = { type: 'Utilization', averageUtilization: 80 };
    if (listAt(spec, 'metrics').length === 0) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  },
  [apiext + 'CustomResourceDefinitionSpec']: (spec) => {
    const names = objectAt(spec, 'names');
    const kind = stringAt(names, 'kind');
    fill(names, { singular: kind.toLowerCase(), ...(kind ? { listKind: `${kind}List` } : {}) });
    fill(spec, { conversion: { strategy: 'None' } });
  },
  [apiext + 'ServiceReference']: { port: 443 },
};

/** Fills what the server would; `object` is a fresh copy and is changed. */
export function fillBuiltInDefaults(definition: string, object: JsonObject): void {
  const defaults = DEFAULTS[definition];
  if (typeof defaults === 'function') defaults(object);
  else if (defaults) fill(object, defaults);
}

/** Sets what is absent or an empty string; nested defaults are copied, for the object may be changed later. */
function fill(object: JsonObject, defaults: JsonObject): void {
  for (const key in defaults) {
    const value = defaults[key];
    if (object[key] === undefined || object[key] === '') object[key] = isObject(value) ? { ...value } : value;
  }
}

function isFilled(value: Json | undefined): boolean {
  return isObject(value) && Object.keys(value).length > 0;
}

function defaultRolling(spec: JsonObject, field: string, rolling: JsonObject): void {
  fill(spec, { [field]: {} });
  const strategy = objectAt(spec, field);
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy.type !== 'RollingUpdate') return;
  fill(strategy, { rollingUpdate: {} });
  fill(objectAt(strategy, 'rollingUpdate'), rolling);
}

function defaultJob(spec: JsonObject): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  const replacement = spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  fill(spec, { parallelism: 1, backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : 2147483647 });
  fill(spec, {
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: replacement,
  });
}

function defaultContainer(container: JsonObject): void {
  const image = stringAt(container, 'image');
  fill(container, {
    imagePullPolicy: imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
}

/** Tag of an image reference; `latest` when it has neither tag nor digest. */
export function imageTag(image: string): string {
  const [name = '', digest] = image.split('@');
  const tag = name.slice(name.lastIndexOf('/') + 1).split(':')[1];
  return tag ?? (digest === undefined ? 'latest' : '');
}

function defaultPod(pod: JsonObject): void {
  const spec = objectAt(pod, 'spec');
  fill(spec, { enableServiceLinks: true });
  const containers = [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')];
  for (const container of containers) {
    const resources = objectAt(container, 'resources');
    if (isFilled(resources.limits))
      resources.requests = { ...objectAt(resources, 'limits'), ...objectAt(resources, 'requests') };
  }
  if (spec.hostNetwork !== true) return;
  for (const port of containers.flatMap((container) => objectsAt(container, 'ports')))
    port.hostPort ??= port.containerPort;
}

function defaultService(spec: JsonObject): void {
  fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec.sessionAffinity === 'ClientIP')
    fill(spec, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } });
  for (const port of objectsAt(spec, 'ports')) fill(port, { targetPort: port.port });
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (outside) fill(spec, { externalTrafficPolicy: 'Cluster' });
  if (outside || spec.type === 'ClusterIP') fill(spec, { internalTrafficPolicy: 'Cluster' });
  if (spec.type === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
}
