import type { JsonObject, KubeObject } from '../json.js';
import { objectAt, objectsAt, timestamp } from '../json.js';
import { qualifiedName } from '../registry/resource-type.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';

const ROOT_CA = 'kube-root-ca.crt';

/** Namespaces get their default ServiceAccount and the root certificate; ending ones are emptied, then let go. */
export class Namespaces implements Controller {
  constructor(private readonly caPem: () => string) {}

  due(change: Change, control: Control): string[] {
    const { namespace } = change.object.metadata;
    if (!namespace) return keysOf(change, 'namespaces');
    const gone =
      change.type === 'DELETED' || change.previous === undefined || change.object.metadata.finalizers !== undefined;
    return gone && isEnding(control.get('namespaces', namespace)) ? [namespace] : provided(change);
  }

  reconcile(key: string, control: Control): undefined {
    const namespace = control.get('namespaces', key);
    if (!namespace) return;
    if (namespace.metadata.deletionTimestamp === undefined) this.provide(key, control);
    else end(namespace, control);
  }

  private provide(namespace: string, control: Control): void {
    const metadata = (name: string): JsonObject => ({ name, namespace });
    if (!control.get('serviceaccounts', `${namespace}/default`))
      control.create('serviceaccounts', { metadata: metadata('default') });
    if (control.get('configmaps', `${namespace}/${ROOT_CA}`)) return;
    const annotations = {
      'kubernetes.io/description':
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    };
    control.create('configmaps', { metadata: { ...metadata(ROOT_CA), annotations }, data: { 'ca.crt': this.caPem() } });
  }
}

/** What is provided comes back when it is deleted. */
function provided({ type, collection, object }: Change): string[] {
  const { name, namespace = '' } = object.metadata;
  const own =
    (collection === 'serviceaccounts' && name === 'default') || (collection === 'configmaps' && name === ROOT_CA);
  return own && type === 'DELETED' ? [namespace] : [];
}

function isEnding(namespace: KubeObject | undefined): boolean {
  return namespace?.metadata.deletionTimestamp !== undefined;
}

function end(namespace: KubeObject, control: Control): void {
  const { name } = namespace.metadata;
  for (const type of [...control.collections()]) {
    if (!type.namespaced) continue;
    for (const object of control.list(qualifiedName(type), name)) {
      if (object.metadata.deletionTimestamp === undefined)
        control.remove(qualifiedName(type), object, { propagation: 'Background' });
    }
  }
  const left = contentOf(name, control);
  if (left.length > 0) return tellRemaining(namespace, left, control);
  if ((namespace.metadata.finalizers ?? []).length === 0) return control.drop('namespaces', namespace);
  const spec = objectAt(namespace, 'spec');
  if (objectsAt(spec, 'finalizers').length > 0 || spec.finalizers !== undefined) {
    control.update('namespaces', namespace, ({ spec: _, ...live }) => ({ ...live, spec: {} }), {
      subresource: 'finalize',
    });
  }
}

interface Remaining {
  readonly resource: string;
  readonly object: KubeObject;
}

function contentOf(namespace: string, control: Control): Remaining[] {
  return [...control.collections()].flatMap((type) =>
    type.namespaced
      ? control
          .list(qualifiedName(type), namespace)
          .map((object) => ({ resource: type.group ? `${type.plural}.${type.group}` : `${type.plural}.`, object }))
      : [],
  );
}

/** Says in the status what keeps the namespace. */
function tellRemaining(namespace: KubeObject, left: readonly Remaining[], control: Control): void {
  const finalizers = left.flatMap(({ object }) => object.metadata.finalizers ?? []);
  const told = [
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${counts(
        left.map(({ resource }) => resource),
        'has',
        'resource instances',
      )}`,
    },
    ...(finalizers.length > 0
      ? [
          {
            type: 'NamespaceFinalizersRemaining',
            status: 'True',
            reason: 'SomeFinalizersRemain',
            message: `Some content in the namespace has finalizers remaining: ${counts(finalizers, 'in', 'resource instances')}`,
          },
        ]
      : []),
  ];
  const before = objectsAt(namespace, 'status', 'conditions');
  const conditions = told.map((condition) => ({
    ...condition,
    lastTransitionTime: before.find((old) => old.type === condition.type)?.lastTransitionTime ?? timestamp(),
  }));
  control.setStatus('namespaces', namespace, { ...objectAt(namespace, 'status'), conditions });
}

function counts(names: readonly string[], verb: string, unit: string): string {
  return [...new Set(names)]
    .sort()
    .map((name) => `${name} ${verb} ${names.filter((other) => other === name).length} ${unit}`)
    .join(', ');
}
