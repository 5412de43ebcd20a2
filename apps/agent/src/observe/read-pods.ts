import type { Json, JsonObject, KubeObject, Warning, WorkloadPods } from '@flotilla/domain';
import { isJsonObject, isUnready, memberNumber, memberObject, memberText } from '@flotilla/domain';
import type { KubeClient, ResourceType } from '@flotilla/kube';

/** How many are explained. The API server cannot be asked for the newest: a page is read and the best of it taken. */
const MAX_PODS = 5;
const PAGE = 50;
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const MAX_REVISIONS = 50;

export type PodsFound = Omit<WorkloadPods, 'stuckForMs' | 'warning'>;

/** Kinds that run Pods and say why they do not get ready only through them. */
export function runsPods(object: KubeObject): boolean {
  return object.kind in READERS;
}

const READERS: Readonly<Record<string, (client: KubeClient, workload: KubeObject) => Promise<PodsFound>>> = {
  Deployment: readDeploymentPods,
  StatefulSet: readStatefulSetPods,
  DaemonSet: readDaemonSetPods,
  ReplicaSet: readSelectedPods,
  Job: readSelectedPods,
  Pod: (_client, pod) => Promise.resolve({ pods: [pod], wanted: 1, old: 0, oldReady: 0 }),
};

/** At most five of the newest Pods of the newest revision, and how many older ones serve. */
export function readPods(client: KubeClient, workload: KubeObject): Promise<PodsFound> {
  return (READERS[workload.kind] ?? readSelectedPods)(client, workload);
}

async function readDeploymentPods(client: KubeClient, workload: KubeObject): Promise<PodsFound> {
  const type = find(client, 'apps/v1', 'ReplicaSet');
  const options = { labelSelector: selectorOf(workload), limit: MAX_REVISIONS };
  const sets = (await client.list(type, namespaceOf(workload), options)).items.filter((set) =>
    isOwnedBy(set, workload),
  );
  const newest = [...sets].sort((a, b) => revisionOf(b) - revisionOf(a))[0];
  const older = sets.filter((set) => set !== newest).map((set) => memberObject(set, 'status'));
  const old = older.reduce((sum, status) => sum + memberNumber(status, 'replicas'), 0);
  const oldReady = older.reduce((sum, status) => sum + memberNumber(status, 'readyReplicas'), 0);
  const hash = newest?.metadata.labels?.['pod-template-hash'];
  const labels = hash === undefined ? selectorOf(workload) : `${selectorOf(workload)},pod-template-hash=${hash}`;
  return { pods: await listPods(client, workload, labels), wanted: wantedOf(workload), old, oldReady };
}

async function readStatefulSetPods(client: KubeClient, workload: KubeObject): Promise<PodsFound> {
  const status = memberObject(workload, 'status');
  const revision = memberText(status, 'updateRevision');
  const labels =
    revision === '' ? selectorOf(workload) : `${selectorOf(workload)},controller-revision-hash=${revision}`;
  const old = Math.max(0, memberNumber(status, 'replicas') - memberNumber(status, 'updatedReplicas'));
  return {
    pods: await listPods(client, workload, labels),
    wanted: wantedOf(workload),
    old,
    oldReady: Math.min(old, memberNumber(status, 'readyReplicas')),
  };
}

async function readDaemonSetPods(client: KubeClient, workload: KubeObject): Promise<PodsFound> {
  const status = memberObject(workload, 'status');
  const old = Math.max(
    0,
    memberNumber(status, 'currentNumberScheduled') - memberNumber(status, 'updatedNumberScheduled'),
  );
  const generation = workload.metadata.annotations?.[TEMPLATE_GENERATION];
  const selector = selectorOf(workload);
  const newest = generation === undefined ? selector : `${selector},pod-template-generation=${generation}`;
  const pods = await listPods(client, workload, newest);
  const wanted = memberNumber(status, 'desiredNumberScheduled');
  return { pods, wanted, old, oldReady: Math.min(old, memberNumber(status, 'numberReady')) };
}

async function readSelectedPods(client: KubeClient, workload: KubeObject): Promise<PodsFound> {
  return {
    pods: await listPods(client, workload, selectorOf(workload)),
    wanted: wantedOf(workload),
    old: 0,
    oldReady: 0,
  };
}

async function listPods(client: KubeClient, workload: KubeObject, labelSelector: string): Promise<KubeObject[]> {
  if (labelSelector === '') return [];
  const list = await client.list(find(client, 'v1', 'Pod'), namespaceOf(workload), { labelSelector, limit: PAGE });
  const order = (a: KubeObject, b: KubeObject): number =>
    Number(isUnready(b)) - Number(isUnready(a)) || (createdAt(a) < createdAt(b) ? 1 : -1);
  return [...list.items].sort(order).slice(0, MAX_PODS);
}

/** The last Warning event about an object; undefined when there is none. */
export async function readWarning(client: KubeClient, object: KubeObject): Promise<Warning | undefined> {
  const fieldSelector = `involvedObject.uid=${memberText(object.metadata, 'uid')},type=Warning`;
  const events = await client.list(find(client, 'v1', 'Event'), namespaceOf(object), { fieldSelector, limit: 20 });
  const last = [...events.items].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0];
  if (last === undefined) return undefined;
  return { code: memberText(last, 'reason') || 'Warning', message: memberText(last, 'message') };
}

function find(client: KubeClient, apiVersion: string, kind: string): ResourceType {
  const type = client.discovery.find(apiVersion, kind);
  if (type === undefined) throw new Error(`the API server serves no ${kind}`);
  return type;
}

/** A workload's LabelSelector as the API server takes it in a query; empty when it has none. */
function selectorOf(workload: KubeObject): string {
  const selector = memberObject(memberObject(workload, 'spec'), 'selector');
  const labels = Object.entries(memberObject(selector, 'matchLabels'));
  const expressions = selector['matchExpressions'];
  const requirements = Array.isArray(expressions) ? (expressions as readonly Json[]).filter(isJsonObject) : [];
  return [
    ...labels.map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`),
    ...requirements.map(printRequirement),
  ].join(',');
}

function printRequirement(requirement: JsonObject): string {
  const key = memberText(requirement, 'key');
  const { values } = requirement;
  const list = Array.isArray(values) ? values.join(',') : '';
  switch (memberText(requirement, 'operator')) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const owners = object.metadata['ownerReferences'];
  return (
    Array.isArray(owners) &&
    (owners as readonly JsonObject[]).some((ref) => isJsonObject(ref) && ref['uid'] === owner.metadata['uid'])
  );
}

function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

function wantedOf(workload: KubeObject): number {
  const spec = memberObject(workload, 'spec');
  return memberNumber(spec, workload.kind === 'Job' ? 'completions' : 'replicas', 1);
}

function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? '';
}

function createdAt(object: KubeObject): string {
  return memberText(object.metadata, 'creationTimestamp');
}

function timeOf(event: KubeObject): string {
  return memberText(event, 'lastTimestamp') || memberText(event, 'eventTime') || createdAt(event);
}
