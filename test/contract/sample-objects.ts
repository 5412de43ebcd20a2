import type { Body } from './contract-cluster.js';

/** Leaves out what is empty: an empty map is a field that a manager owns. */
function optional(fields: Record<string, Record<string, string>>): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Object.keys(value).length > 0));
}

export function configMap(name: string, data: Record<string, string>, metadata: Body = {}): Body {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...optional({ data }) };
}

export interface DeploymentOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly container?: Body;
  readonly spec?: Body;
}

export function deployment(
  name: string,
  { replicas, image = 'web:1.0', container, spec }: DeploymentOptions = {},
): Body {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image, ...container }] },
      },
      ...spec,
    },
  };
}

export function service(name: string, ports: Body[], labels: Record<string, string> = {}): Body {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...optional({ labels }) },
    spec: { selector: { app: name }, ports },
  };
}

/** A definition of a namespaced kind `Widget` with a structural schema and both subresources. */
export function widgetDefinition(group: string): Body {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', minimum: 1 },
          colour: { type: 'string', enum: ['red', 'green'], default: 'green' },
          replicas: { type: 'integer' },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          ports: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: { type: 'string' }, port: { type: 'integer' } },
            },
          },
          lines: { type: 'array', items: { type: 'string' } },
          point: {
            type: 'object',
            'x-kubernetes-map-type': 'atomic',
            properties: { x: { type: 'integer' }, y: { type: 'integer' } },
          },
        },
      },
      status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' } } },
    },
  };
  const subresources = {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources }],
    },
  };
}

export function widget(group: string, name: string, spec: Body): Body {
  return { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec };
}
