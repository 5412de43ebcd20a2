import type { KubeObject } from '../json/index.js';
import { groupOf, refKey, refOf } from '../json/index.js';

export const PHASE_ANNOTATION = 'flotilla.dev/phase';

/** Namespaces and CRDs come before every phase, unless they name one. */
export const FOUNDATION_PHASE = Number.MIN_SAFE_INTEGER;

/** Where an object stands in the order: phases wait for each other to be healthy, ranks only to be applied. */
export interface OrderPlace {
  readonly phase: number;
  readonly rank: number;
}

/** Built-in order inside a phase: what others refer to comes first, what guards requests comes last. */
const RANKS: readonly (readonly string[])[] = [
  ['/Namespace'],
  ['apiextensions.k8s.io/CustomResourceDefinition'],
  [
    'scheduling.k8s.io/PriorityClass',
    'storage.k8s.io/StorageClass',
    'storage.k8s.io/CSIDriver',
    'node.k8s.io/RuntimeClass',
    'networking.k8s.io/IngressClass',
    'gateway.networking.k8s.io/GatewayClass',
  ],
  ['/ResourceQuota', '/LimitRange', 'networking.k8s.io/NetworkPolicy'],
  ['/ServiceAccount'],
  ['/Secret', '/ConfigMap', '/PersistentVolume'],
  ['rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/Role', '/PersistentVolumeClaim'],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', 'rbac.authorization.k8s.io/RoleBinding'],
  ['/Service'],
];

const LAST: readonly string[] = [
  'apiregistration.k8s.io/APIService',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
];

const WORKLOAD_RANK = RANKS.length;
const BUILT_IN_GROUPS = new Set(['', 'apps', 'batch']);

const RANK_OF = new Map<string, number>([
  ...RANKS.flatMap((kinds, rank) => kinds.map((kind): [string, number] => [kind, rank])),
  ...LAST.map((kind): [string, number] => [kind, WORKLOAD_RANK + 2]),
]);

/** OrderPlace of one object in the order. */
export function placeOf(object: KubeObject): OrderPlace {
  const group = groupOf(object.apiVersion);
  const rank = rankOfKind(group, object.kind);
  const annotated = object.metadata.annotations?.[PHASE_ANNOTATION];
  if (annotated !== undefined && /^-?\d{1,6}$/.test(annotated)) return { phase: Number(annotated), rank };
  return { phase: rank <= 1 ? FOUNDATION_PHASE : 0, rank };
}

/** Rank of a kind in the built-in order; workloads come before everything that is not known. */
export function rankOfKind(group: string, kind: string): number {
  return RANK_OF.get(`${group}/${kind}`) ?? (BUILT_IN_GROUPS.has(group) ? WORKLOAD_RANK : WORKLOAD_RANK + 1);
}

export function orderPlaces(a: OrderPlace, b: OrderPlace): number {
  return a.phase - b.phase || a.rank - b.rank;
}

/** Objects in the order in which they are applied; equal places by name, so that every run has the same order. */
export function orderObjects(objects: readonly KubeObject[]): KubeObject[] {
  const placed = objects.map((object) => ({ object, place: placeOf(object), key: refKey(refOf(object)) }));
  placed.sort((a, b) => orderPlaces(a.place, b.place) || orderText(a.key, b.key));
  return placed.map(({ object }) => object);
}

export function orderText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
