import type { KubeObject, RenderedTarget } from '@flotilla/domain';
import { unmarkIntegers, withBigInts } from '@flotilla/domain';
import { stringify } from 'yaml';
import { clean } from '../output/table.js';
import { printRef } from '../output/words.js';

export const OBJECT_FORMATS = ['yaml', 'json', 'text'] as const;
export type ObjectFormat = (typeof OBJECT_FORMATS)[number];

export interface PrintObjects {
  readonly format: ObjectFormat;
  /** Print what Secrets hold. */
  readonly secrets: boolean;
}

/** What each cluster would get of each app. */
export function printTargets(targets: readonly RenderedTarget[], { format, secrets }: PrintObjects): string {
  const shown = targets.map((target) => ({
    ...target,
    objects: secrets ? target.objects : target.objects.map(withoutSecrets),
  }));
  switch (format) {
    case 'json':
      return unmarkIntegers(
        JSON.stringify({ items: shown.map(({ policy: _, ...target }) => target), next: null }, null, 2),
      );
    case 'yaml':
      return shown.flatMap(yamlDocuments).join('').trimEnd();
    case 'text':
      return shown.flatMap(textLines).join('\n');
  }
}

function yamlDocuments({ app, cluster, objects }: RenderedTarget): string[] {
  return objects.map(
    (object, i) => `---\n${i === 0 ? `# ${app} on ${cluster}\n` : ''}${stringify(withBigInts(object))}`,
  );
}

function textLines({ app, cluster, reason, objects }: RenderedTarget): string[] {
  const refs = objects.map(({ kind, metadata: { namespace = '', name } }) =>
    printRef({ group: '', kind, namespace, name }),
  );
  return [
    `${app} on ${cluster}   ${objects.length} objects   ${clean(reason)}`,
    ...refs.map((ref) => `  ${clean(ref)}`),
  ];
}

function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const masked = ['data', 'stringData']
    .filter((field) => isRecord(object[field]))
    .map((field) => [field, maskOf(object[field])]);
  return { ...object, ...(Object.fromEntries(masked) as object) };
}

function maskOf(values: unknown): Record<string, string> {
  return Object.fromEntries(Object.keys(isRecord(values) ? values : {}).map((key) => [key, '***']));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
