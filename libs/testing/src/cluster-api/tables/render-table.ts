import type { Json, JsonObject, KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import { builtInColumns } from './built-in-columns.js';
import type { Column } from './column.js';
import { column } from './column.js';
import { customColumns } from './custom-columns.js';
import { printAge } from './print-age.js';

const META = 'meta.k8s.io/v1';
const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  cell: (object) => object.metadata.name,
};
const AGE = column('Age', (object) => printAge(object.metadata.creationTimestamp));

interface TableOptions {
  readonly type: ResourceType;
  readonly metadata: JsonObject;
  /** `None`, `Metadata` or `Object`: what each row carries besides its cells. */
  readonly include: string;
}

/** The table that `kubectl get` prints. */
export function renderTable(objects: readonly KubeObject[], { type, metadata, include }: TableOptions): JsonObject {
  const columns = columnsOf(type);
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions: columns.map(({ name, type: kind, format, priority }) => ({
      name,
      type: kind,
      format,
      description: '',
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object) ?? null) satisfies Json[],
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : partialOf(object) }),
    })),
  };
}

function columnsOf(type: ResourceType): readonly Column[] {
  if (type.custom) return [NAME, ...customColumns(type.custom)];
  return [NAME, ...(builtInColumns[qualifiedName(type)] ?? [AGE])];
}

function partialOf({ metadata }: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: META, metadata };
}
