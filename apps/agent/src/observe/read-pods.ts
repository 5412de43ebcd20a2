import type { JsonObject, KubeObject, WorkloadPods } from '@flotilla/domain';
import { isJsonObject, memberNumber, memberObject, memberText } from '@flotilla/domain';
import type { KubeClient, ResourceType } from '@flotilla/kube';

const MAX_PODS = 5;
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
  const generation = memberNumber(workload.metadata, 'generation');
  const pods = await listPods(client, workload, `${selectorOf(workload)},pod-template-generation=${generation}`);
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
  const list = await client.list(find(client, 'v1', 'Pod'), namespaceOf(workload), { labelSelector, limit: MAX_PODS });
  const newestFirst = [...list.items].sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  return newestFirst.slice(0, MAX_PODS);
}

/** The message of the last Warning event about an object; empty when there is none. */
export async function readWarning(client: KubeClient, object: KubeObject): Promise<string> {
  const fieldSelector = `involvedObject.uid=${memberText(object.metadata, 'uid')},type=Warning`;
  const events = await client.list(find(client, 'v1', 'Event'), namespaceOf(object), { fieldSelector, limit: 20 });
  const last = [...events.items].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0];
  return last === undefined ? '' : memberText(last, 'message');
}

function find(client: KubeClient, apiVersion: string, kind: string): ResourceType {
  const type = client.discovery.find(apiVersion, kind);
  if (type === undefined) throw new Error(`the API server serves no ${kind}`);
  return type;
}

function selectorOf(workload: KubeObject): string {
  const labels = memberObject(memberObject(memberObject(workload, 'spec'), 'selector'), 'matchLabels');
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`)
    .join(',');
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
