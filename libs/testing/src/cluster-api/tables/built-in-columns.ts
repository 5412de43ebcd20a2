import type { Json, JsonObject, KubeObject } from '../json.js';
import { at, listAt, numberAt, objectAt, objectsAt, stringAt, textOf } from '../json.js';
import { printSelector } from '../resources/label-selector.js';
import type { Column } from './column.js';
import { column, wide } from './column.js';
import { podColumns } from './pod-columns.js';
import { printAge, printDuration } from './print-age.js';

const age = column('Age', (object) => printAge(object.metadata.creationTimestamp));
const number =
  (...path: string[]) =>
  (object: KubeObject): Json =>
    numberAt(object, ...path);
const text =
  (...path: string[]) =>
  (object: KubeObject): Json =>
    stringAt(object, ...path) || '<none>';

const containersOf = (object: KubeObject): JsonObject[] => objectsAt(object, 'spec', 'template', 'spec', 'containers');
const templates: Column[] = [
  wide('Containers', (object) =>
    containersOf(object)
      .map((container) => stringAt(container, 'name'))
      .join(','),
  ),
  wide('Images', (object) =>
    containersOf(object)
      .map((container) => stringAt(container, 'image'))
      .join(','),
  ),
  wide('Selector', (object) => printSelector(objectAt(object, 'spec', 'selector')) || '<none>'),
];
const dataCount = column('Data', (object) => Object.keys(objectAt(object, 'data')).length);

/** The columns of the kinds that people look at; the others show name and age. */
export const builtInColumns: Readonly<Record<string, readonly Column[]>> = {
  pods: podColumns,
  namespaces: [column('Status', text('status', 'phase')), age],
  nodes: [
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    age,
    column('Version', text('status', 'nodeInfo', 'kubeletVersion')),
  ],
  configmaps: [dataCount, age],
  secrets: [column('Type', text('type')), dataCount, age],
  serviceaccounts: [column('Secrets', (object) => listAt(object, 'secrets').length), age],
  services: [
    column('Type', text('spec', 'type')),
    column('Cluster-IP', text('spec', 'clusterIP')),
    column('External-IP', externalIp),
    column('Port(s)', (object) => objectsAt(object, 'spec', 'ports').map(printServicePort).join(',') || '<none>'),
    age,
    wide('Selector', (object) => printLabels(objectAt(object, 'spec', 'selector'))),
  ],
  endpoints: [column('Endpoints', printEndpoints), age],
  'endpointslices.discovery.k8s.io': [
    column('AddressType', text('addressType')),
    column(
      'Ports',
      (object) =>
        objectsAt(object, 'ports')
          .map((port) => textOf(port.port))
          .join(',') || '<unset>',
    ),
    column(
      'Endpoints',
      (object) =>
        objectsAt(object, 'endpoints')
          .flatMap((endpoint) => listAt(endpoint, 'addresses').map(textOf))
          .join(',') || '<unset>',
    ),
    age,
  ],
  persistentvolumeclaims: [
    column('Status', text('status', 'phase')),
    column('Volume', (object) => stringAt(object, 'spec', 'volumeName')),
    column('Capacity', (object) => stringAt(object, 'status', 'capacity', 'storage')),
    column('Access Modes', (object) =>
      listAt(object, 'status', 'accessModes')
        .map((mode) => textOf(mode).replace(/[a-z]/g, ''))
        .join(','),
    ),
    column('StorageClass', (object) => stringAt(object, 'spec', 'storageClassName')),
    age,
  ],
  events: [
    column('Last Seen', (object) => printAge(object.lastTimestamp ?? object.eventTime)),
    column('Type', text('type')),
    column('Reason', text('reason')),
    column(
      'Object',
      (object) =>
        `${stringAt(object, 'involvedObject', 'kind').toLowerCase()}/${stringAt(object, 'involvedObject', 'name')}`,
    ),
    column('Message', (object) => stringAt(object, 'message').trim()),
  ],
  'deployments.apps': [
    column(
      'Ready',
      (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
    ),
    column('Up-to-date', number('status', 'updatedReplicas')),
    column('Available', number('status', 'availableReplicas')),
    age,
    ...templates,
  ],
  'replicasets.apps': [
    column('Desired', number('spec', 'replicas')),
    column('Current', number('status', 'replicas')),
    column('Ready', number('status', 'readyReplicas')),
    age,
    ...templates,
  ],
  'statefulsets.apps': [
    column(
      'Ready',
      (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
    ),
    age,
    ...templates.slice(0, 2),
  ],
  'daemonsets.apps': [
    column('Desired', number('status', 'desiredNumberScheduled')),
    column('Current', number('status', 'currentNumberScheduled')),
    column('Ready', number('status', 'numberReady')),
    column('Up-to-date', number('status', 'updatedNumberScheduled')),
    column('Available', number('status', 'numberAvailable')),
    column('Node Selector', (object) => printLabels(objectAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    age,
    ...templates,
  ],
  'jobs.batch': [
    column('Status', jobStatus),
    column(
      'Completions',
      (object) => `${numberAt(object, 'status', 'succeeded')}/${numberAt(object, 'spec', 'completions') || 1}`,
    ),
    column('Duration', jobDuration),
    age,
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [
    column('Created At', (object) => object.metadata.creationTimestamp),
  ],
  'leases.coordination.k8s.io': [column('Holder', (object) => stringAt(object, 'spec', 'holderIdentity')), age],
  'ingresses.networking.k8s.io': [
    column('Class', text('spec', 'ingressClassName')),
    column(
      'Hosts',
      (object) =>
        objectsAt(object, 'spec', 'rules')
          .map((rule) => stringAt(rule, 'host') || '*')
          .join(',') || '*',
    ),
    column('Address', () => ''),
    column('Ports', (object) => (listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    age,
  ],
};

function nodeStatus(object: KubeObject): Json {
  const ready = objectsAt(object, 'status', 'conditions').find((condition) => condition.type === 'Ready');
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return at(object, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(object: KubeObject): Json {
  const prefix = 'node-role.kubernetes.io/';
  const labels = Object.keys(object.metadata.labels ?? {}).filter((key) => key.startsWith(prefix));
  return labels.map((key) => key.slice(prefix.length)).join(',') || '<none>';
}

function externalIp(object: KubeObject): Json {
  const type = stringAt(object, 'spec', 'type');
  if (type === 'ExternalName') return stringAt(object, 'spec', 'externalName');
  if (type !== 'LoadBalancer') return listAt(object, 'spec', 'externalIPs').map(textOf).join(',') || '<none>';
  const ingress = objectsAt(object, 'status', 'loadBalancer', 'ingress');
  return ingress.map((entry) => stringAt(entry, 'ip') || stringAt(entry, 'hostname')).join(',') || '<pending>';
}

function printServicePort(port: JsonObject): string {
  const node = port.nodePort ? `:${numberAt(port, 'nodePort')}` : '';
  return `${numberAt(port, 'port')}${node}/${stringAt(port, 'protocol')}`;
}

function printEndpoints(object: KubeObject): Json {
  const addresses = objectsAt(object, 'subsets').flatMap((subset) =>
    objectsAt(subset, 'addresses').flatMap((address) =>
      objectsAt(subset, 'ports').map((port) => `${stringAt(address, 'ip')}:${numberAt(port, 'port')}`),
    ),
  );
  return addresses.join(',') || '<none>';
}

function printLabels(labels: JsonObject): string {
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${textOf(value)}`)
      .join(',') || '<none>'
  );
}

function jobStatus(object: KubeObject): Json {
  const isTrue = (type: string): boolean =>
    objectsAt(object, 'status', 'conditions').some(
      (condition) => condition.type === type && condition.status === 'True',
    );
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  return at(object, 'spec', 'suspend') === true ? 'Suspended' : 'Running';
}

function jobDuration(object: KubeObject): Json {
  const [start, end] = [stringAt(object, 'status', 'startTime'), stringAt(object, 'status', 'completionTime')];
  if (start === '') return '';
  return printDuration((end === '' ? Date.now() : Date.parse(end)) - Date.parse(start));
}
