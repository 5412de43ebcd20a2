import type { Json, KubeObject } from '../json.js';
import { isObject, textOf } from '../json.js';
import type { CustomVersion } from '../registry/resource-type.js';
import type { Column } from './column.js';
import { column } from './column.js';
import { printAge } from './print-age.js';

/** Columns as a CustomResourceDefinition declares them; without any, the age. */
export function customColumns({ columns }: CustomVersion): Column[] {
  if (columns.length === 0) return [column('Age', (object) => printAge(object.metadata.creationTimestamp))];
  return columns.map(({ name, type, jsonPath, priority = 0 }) => ({
    ...{ name, type, format: '', priority },
    cell: (object: KubeObject) => {
      const value = readPath(object, jsonPath);
      return type === 'date' ? (value === undefined ? '' : printAge(value)) : printCell(value);
    },
  }));
}

function printCell(value: Json | undefined): Json {
  return typeof value === 'object' ? JSON.stringify(value) : (value ?? '');
}

const STEP = /\.([\w-]+)|\.?\['([^']+)'\]|\[\?\(@\.([\w-]+)==["']([^"']*)["']\)\]|\[(\d+)\]/g;

/** The JSONPath that such columns use: members, indexes, and `[?(@.type=="Ready")]`. */
export function readPath(value: Json | undefined, path: string): Json | undefined {
  let here = value;
  for (const [, plain, quoted, key, wanted, index] of path.replaceAll('\\.', '\u0000').matchAll(STEP)) {
    const member = (plain ?? quoted)?.replaceAll('\u0000', '.');
    if (member !== undefined) here = isObject(here) ? here[member] : undefined;
    else if (!Array.isArray(here)) return undefined;
    else here = key ? here.find((item) => isObject(item) && textOf(item[key]) === wanted) : here[Number(index)];
  }
  return here;
}
