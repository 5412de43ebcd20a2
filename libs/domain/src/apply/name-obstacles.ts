import type { Json, KubeObject } from '../json/index.js';
import { groupOf, isJsonObject } from '../json/index.js';
import { conditionsOf } from '../health/index.js';

/** Conditions by which a namespace or a CRD says what keeps it, and what it is called here. */
const TELLING: Readonly<Record<string, string>> = {
  NamespaceContentRemaining: 'foreign or remaining objects',
  NamespaceFinalizersRemaining: 'finalizers of its objects',
  NamespaceDeletionDiscoveryFailure: 'an API group that does not answer',
  NamespaceDeletionContentFailure: 'objects that cannot be deleted',
  NamespaceDeletionGroupVersionParsingFailure: 'an API group that cannot be read',
};

const INSTANCES_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * What a terminating object says keeps it from going: its finalizers by name, live instances of a CRD, objects left in a
 * namespace. Empty when nothing does.
 */
export function nameObstacles(object: KubeObject): string {
  const group = groupOf(object.apiVersion);
  if (object.kind === 'Namespace' && group === '') return nameContent(object);
  const finalizers = textsOf(object.metadata['finalizers']);
  const isCrd = object.kind === 'CustomResourceDefinition' && group === 'apiextensions.k8s.io';
  const hasInstances = isCrd && finalizers.includes(INSTANCES_FINALIZER);
  const others = finalizers.filter((name) => !isCrd || name !== INSTANCES_FINALIZER);
  return [
    ...(hasInstances ? [`live custom resources of its kind (${terminatingMessage(object)})`] : []),
    ...(others.length === 0 ? [] : [`finalizer ${others.join(', ')}`]),
  ].join('; ');
}

function nameContent(namespace: KubeObject): string {
  const told = conditionsOf(namespace)
    .filter(({ type, status }) => status === 'True' && type in TELLING)
    .map(({ type, message }) => `${TELLING[type] ?? type}: ${message}`);
  const finalizers = textsOf(namespace.metadata['finalizers']);
  return [...told, ...(finalizers.length === 0 ? [] : [`finalizer ${finalizers.join(', ')}`])].join('; ');
}

function terminatingMessage(crd: KubeObject): string {
  const condition = conditionsOf(crd).find(({ type }) => type === 'Terminating');
  return condition?.message || INSTANCES_FINALIZER;
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) && !isJsonObject(value as Json) ? value.filter((item) => typeof item === 'string') : [];
}
