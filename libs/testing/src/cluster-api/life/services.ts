import type { JsonObject, KubeObject } from '../json.js';
import { numberAt, objectAt, objectsAt, sameJson, stringAt, timestamp } from '../json.js';
import { matchesSelector } from '../resources/label-selector.js';
import { randomSuffix } from '../resources/prepare-metadata.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import { controllerRef } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { isFinished, isReady, isTerminating } from './pod-template.js';

const SLICES = 'endpointslices.discovery.k8s.io';
const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Services: the addresses of the Pods they select, as Endpoints and as an EndpointSlice; load balancers get an address. */
export class Services implements Controller {
  due(change: Change, control: Control): string[] {
    if (change.collection === 'services') return keysOf(change, 'services');
    if (change.collection === SLICES || change.collection === 'endpoints') return lost(change);
    if (change.collection !== 'pods') return [];
    const { namespace = '' } = change.object.metadata;
    const states = [change.object, change.previous].map((pod) => pod?.metadata.labels ?? {});
    const touched = control
      .list('services', namespace)
      .filter((service) => states.some((labels) => selects(service, labels)));
    return touched.map(({ metadata }) => `${namespace}/${metadata.name}`);
  }

  reconcile(key: string, control: Control): undefined {
    const service = control.get('services', key);
    const endpoints = control.get('endpoints', key);
    if (!service && endpoints) control.remove('endpoints', endpoints);
    if (!service) return;
    balance(service, control);
    if (Object.keys(objectAt(service, 'spec', 'selector')).length === 0) return;
    const pods = control.list('pods', service.metadata.namespace).filter((pod) => isTarget(pod, service));
    writeEndpoints(service, pods, control);
    writeSlice(service, pods, control);
  }
}

/** Endpoints that somebody deletes come back. */
function lost({ type, object }: Change): string[] {
  if (type !== 'DELETED') return [];
  const name = object.metadata.labels?.['kubernetes.io/service-name'] ?? object.metadata.name;
  return [`${object.metadata.namespace}/${name}`];
}

function selects(service: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = objectAt(service, 'spec', 'selector');
  return Object.keys(selector).length > 0 && matchesSelector({ matchLabels: selector }, labels);
}

function isTarget(pod: KubeObject, service: KubeObject): boolean {
  return (
    selects(service, pod.metadata.labels ?? {}) &&
    stringAt(pod, 'status', 'podIP') !== '' &&
    !isTerminating(pod) &&
    !isFinished(pod)
  );
}

/** An address from the range kept for documentation, as a cloud would give one. */
function balance(service: KubeObject, control: Control): void {
  if (objectAt(service, 'spec').type !== 'LoadBalancer') return;
  const [, , third = '0', fourth = '1'] = stringAt(service, 'spec', 'clusterIP').split('.');
  const ip = `203.0.${Number(third) % 256}.${fourth}`;
  control.setStatus(
    'services',
    service,
    { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } },
    'cloud-controller-manager',
  );
}

function portsOf(service: KubeObject, pod: KubeObject | undefined): JsonObject[] {
  return objectsAt(service, 'spec', 'ports').map((port) => ({
    ...(port.name ? { name: port.name } : {}),
    port: targetPort(port, pod),
    protocol: port.protocol,
    ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
  }));
}

function targetPort({ targetPort: target, port }: JsonObject, pod: KubeObject | undefined): number {
  if (typeof target === 'number') return target;
  const ports = objectsAt(pod, 'spec', 'containers').flatMap((container) => objectsAt(container, 'ports'));
  return (
    numberAt(
      ports.find((named) => named.name === target),
      'containerPort',
    ) || Number(port)
  );
}

function targetOf(pod: KubeObject): JsonObject {
  const { name, namespace, uid } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

function writeEndpoints(service: KubeObject, pods: readonly KubeObject[], control: Control): void {
  const addresses = (ready: boolean): JsonObject[] =>
    pods
      .filter((pod) => isReady(pod) === ready)
      .map((pod) => ({
        ip: stringAt(pod, 'status', 'podIP'),
        nodeName: stringAt(pod, 'spec', 'nodeName'),
        targetRef: targetOf(pod),
      }));
  const [ready, notReady] = [addresses(true), addresses(false)];
  const subset = {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ports: portsOf(service, pods[0]),
  };
  const { name } = service.metadata;
  const labels = { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
  write('endpoints', control.get('endpoints', `${service.metadata.namespace}/${name}`), {
    object: { metadata: metadataFor(service, { name, labels }), ...(pods.length > 0 ? { subsets: [subset] } : {}) },
    control,
  });
}

function writeSlice(service: KubeObject, pods: readonly KubeObject[], control: Control): void {
  const endpoints = pods.map((pod) => ({
    addresses: [stringAt(pod, 'status', 'podIP')],
    conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false },
    nodeName: stringAt(pod, 'spec', 'nodeName'),
    targetRef: targetOf(pod),
  }));
  const labels = {
    ...service.metadata.labels,
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    'kubernetes.io/service-name': service.metadata.name,
    ...(objectAt(service, 'spec').clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
  };
  const [live] = control.owners.objects(service.metadata.uid, SLICES);
  const name = live?.metadata.name ?? `${service.metadata.name}-${randomSuffix()}`;
  const metadata = {
    ...metadataFor(service, { name, labels }),
    generateName: `${service.metadata.name}-`,
    ownerReferences: [controllerRef(service)],
  };
  write(SLICES, live, {
    object: { metadata, addressType: 'IPv4', endpoints, ports: pods.length > 0 ? portsOf(service, pods[0]) : [] },
    control,
  });
}

function metadataFor(service: KubeObject, { name, labels }: { name: string; labels: JsonObject }): JsonObject {
  return { name, namespace: service.metadata.namespace, labels };
}

/** Writes what differs; the trigger time is told only with a change. */
function write(
  collection: string,
  live: KubeObject | undefined,
  { object, control }: { object: JsonObject; control: Control },
): void {
  const annotations = { [TRIGGER]: timestamp() };
  const stamped = { ...object, metadata: { ...objectAt(object, 'metadata'), annotations } };
  if (!live) return void control.create(collection, stamped);
  const { labels } = objectAt(object, 'metadata');
  const { metadata: _, ...content } = object;
  const { metadata, apiVersion: _v, kind: _k, ...current } = live;
  if (sameJson(metadata.labels, labels) && sameJson(current, content)) return;
  const kept = {
    ...metadata,
    labels,
    annotations: { ...metadata.annotations, ...annotations },
  } as KubeObject['metadata'];
  control.update(collection, live, () => ({
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: kept,
    ...content,
  }));
}
