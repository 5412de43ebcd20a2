import { randomBytes, randomUUID } from 'node:crypto';
import type { JsonObject, KubeObject, ObjectMeta } from '../json.js';
import { sameJson, timestamp } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';

const GENERATED_LENGTH = 5;
const BASE_LENGTH = 58;
/** No vowels, so that no words come out (`k8s.io/apimachinery/pkg/util/rand`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Built-in kinds whose `metadata.generation` counts changes of the specification. */
const WITH_GENERATION = new Set([
  'pods',
  'replicationcontrollers',
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'ingresses.networking.k8s.io',
  'ingressclasses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'poddisruptionbudgets.policy',
  'customresourcedefinitions.apiextensions.k8s.io',
  'endpointslices.discovery.k8s.io',
  'priorityclasses.scheduling.k8s.io',
  'flowschemas.flowcontrol.apiserver.k8s.io',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
]);

export function hasGeneration(type: ResourceType): boolean {
  return type.custom !== undefined || WITH_GENERATION.has(qualifiedName(type));
}

export function hasStatus(type: ResourceType): boolean {
  return type.subresources.has('status');
}

export function randomSuffix(length = GENERATED_LENGTH): string {
  return [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Metadata that the server gives to a new object. */
export function prepareCreate(object: KubeObject, type: ResourceType): KubeObject {
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, generation: _n, ...sent } = object.metadata;
  const name = sent.name || (sent.generateName ? sent.generateName.slice(0, BASE_LENGTH) + randomSuffix() : '');
  const generation = hasGeneration(type) ? { generation: 1 } : {};
  const metadata = { ...sent, ...generation, name, uid: randomUUID(), creationTimestamp: timestamp() } as ObjectMeta;
  return { ...object, metadata };
}

const KEPT = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'];

/** Metadata that a client cannot change comes from the live object; a changed specification raises the generation. */
export function prepareUpdate(live: KubeObject, next: KubeObject, type: ResourceType): KubeObject {
  const metadata: JsonObject = { ...next.metadata };
  for (const key of KEPT) {
    if (live.metadata[key] === undefined) delete metadata[key];
    else metadata[key] = live.metadata[key];
  }
  metadata.resourceVersion = live.metadata.resourceVersion;
  if (hasGeneration(type) && changesSpec(live, next, type)) metadata.generation = (live.metadata.generation ?? 0) + 1;
  return { ...next, metadata: metadata as ObjectMeta };
}

/** Everything but metadata and (where it is a subresource) status counts; annotations do so for no kind. */
function changesSpec(live: KubeObject, next: KubeObject, type: ResourceType): boolean {
  const relevant = ({ metadata: _m, status, ...rest }: KubeObject): JsonObject =>
    hasStatus(type) || status === undefined ? rest : { ...rest, status };
  return !sameJson(relevant(live), relevant(next));
}
