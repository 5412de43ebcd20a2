import { readFileSync } from 'node:fs';
import type { KubeObject } from '@flotilla/domain';
import { canonicalObject, readManifests } from '@flotilla/domain';

/** Objects of a file of `content/`: `NS` in it stands for the test's namespace, `LABELS` for those of a Helm chart. */
export function readContent(file: string, namespace: string): KubeObject[] {
  const labels = [
    'app.kubernetes.io/name: shop',
    `app.kubernetes.io/instance: ${namespace}`,
    'app.kubernetes.io/managed-by: Helm',
    'app.kubernetes.io/version: "1.10"',
    'helm.sh/chart: shop-1.2.3',
  ];
  const text = readFileSync(new URL(`content/${file}`, import.meta.url), 'utf8');
  return parseContent(text.replaceAll('LABELS', `{${labels.join(', ')}}`).replaceAll('NS', namespace));
}

/** Objects of manifests, read as the hub reads them. */
export function parseContent(text: string): KubeObject[] {
  const { objects, problems } = readManifests({
    path: 'content.yaml',
    id: '',
    content: new TextEncoder().encode(text),
  });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return objects.map(({ object }) => canonicalObject(object));
}

type Schema = Record<string, unknown>;

const WORDS = 'the name of resource that this field selects when its controller reconciles again in each namespace';

/** As generators of CRDs write schemas: deep, with descriptions, formats, defaults, list types and validation rules. */
function deepSchema(depth: number, seed: number): Schema {
  const description = Array.from({ length: 6 }, (_, at) => WORDS.slice((seed * 7 + at * 3) % 40)).join('. ');
  const scalars: Record<string, Schema> = {
    name: { type: 'string', minLength: 1, maxLength: 253, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', description },
    port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535, description },
    ratio: { type: 'number', format: 'double', minimum: 0.1, maximum: 1e3 },
    limit: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], description },
    mode: { type: 'string', enum: ['Auto', 'Manual'], default: 'Auto' },
    enabled: { type: 'boolean', default: false },
    labels: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
    keys: { type: 'array', items: { type: 'string' }, maxItems: 16, 'x-kubernetes-list-type': 'set' },
  };
  if (depth === 0) return { type: 'object', description, properties: scalars };
  const child = deepSchema(depth - 1, seed + 1);
  return {
    type: 'object',
    description,
    required: ['name'],
    properties: {
      ...scalars,
      template: child,
      spread: { ...child, nullable: true },
      rules: {
        type: 'array',
        maxItems: 8,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { ...child, required: ['name'] },
      },
    },
  };
}

/** A set of CRDs as operators ship them, each with two versions; over 1 MB together. */
export function bigDefinitions(group: string, count: number): KubeObject[] {
  return Array.from({ length: count }, (_, at) => {
    const kind = `Thing${at}`;
    const openAPIV3Schema = {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec: deepSchema(3, at),
        status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    };
    const version = (name: string, storage: boolean): Schema => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema },
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
    });
    const names = { kind, listKind: `${kind}List`, plural: `thing${at}s`, singular: `thing${at}`, categories: ['all'] };
    return canonicalObject({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `thing${at}s.${group}`,
        creationTimestamp: null,
        labels: { 'app.kubernetes.io/name': 'things' },
      },
      spec: {
        group,
        scope: 'Namespaced',
        names,
        conversion: { strategy: 'None' },
        versions: [version('v1', true), version('v1beta1', false)],
      },
      status: { acceptedNames: { kind: '', plural: '' }, conditions: [], storedVersions: [] },
    } as unknown as KubeObject);
  });
}
