import { isExactInteger } from '@flotilla/domain';
import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';
import { printPath } from '../fields/field-set.js';
import { keyItems, listKey } from '../fields/list-key.js';
import type { SchemaNode } from './schema-node.js';

export interface FieldProblem {
  readonly type: 'unknown' | 'type' | 'duplicate';
  /** `spec.containers[0].image`, as decoding errors print it. */
  readonly jsonPath: string;
  /** `.spec.containers[name="web"].image`, as apply errors print it. */
  readonly fieldPath: string;
  /** Words of the apply error. */
  readonly message: string;
  /** Words of the decoding error, for wrong types. */
  readonly goMessage: string;
}

interface Place {
  readonly json: string;
  readonly field: string;
  readonly owner: string;
  /** The Go fields on the way; keys of free maps and places in lists are none. */
  readonly go: readonly string[];
}

const GO_TYPES: Record<string, string> = {
  boolean: 'bool',
  string: 'string',
  number: 'float64',
  array: 'slice',
  object: 'struct',
};
const EXPECTED: Record<string, string> = {
  integer: 'numeric (int or float)',
  number: 'numeric (int or float)',
  boolean: 'boolean',
  string: 'string',
  array: 'list',
  object: 'map',
};

/** Everything in the value that the schema does not know or types otherwise. Nulls fit everywhere. */
export function checkFields(value: JsonObject, node: SchemaNode): FieldProblem[] {
  const problems: FieldProblem[] = [];
  check(value, node, { json: '', field: '', owner: '', go: [] }, problems);
  return problems;
}

function check(value: Json | undefined, node: SchemaNode, place: Place, into: FieldProblem[]): void {
  if (value === null || value === undefined) return;
  const wanted = node.raw.type;
  if (wanted !== undefined && !fits(value, wanted)) into.push(wrongType(value, node, place));
  else if (isObject(value)) checkMap(value, node, place, into);
  else if (Array.isArray(value)) checkList(value, node, place, into);
}

function checkMap(map: JsonObject, node: SchemaNode, place: Place, into: FieldProblem[]): void {
  const owner = node.name.slice(node.name.lastIndexOf('.') + 1) || place.owner;
  for (const key in map) {
    const child = node.child(key);
    const json = place.json === '' ? key : `${place.json}.${key}`;
    const declared = node.fields.has(key);
    const go = declared ? [...place.go, key] : place.go;
    const below = { json, field: `${place.field}.${key}`, owner: declared ? owner : place.owner, go };
    if (child) check(map[key], child, below, into);
    else into.push({ ...problemAt(below), type: 'unknown', message: 'field not declared in schema' });
  }
}

function checkList(list: readonly Json[], node: SchemaNode, place: Place, into: FieldProblem[]): void {
  const keyed = node.relation.type !== 'atomic';
  for (const key of keyed ? keyItems(node, list).duplicates : []) {
    const message = `duplicate entries for key ${printPath([key])}`;
    into.push({ ...problemAt(place), type: 'duplicate', message });
  }
  list.forEach((item, index) => {
    const step = printPath([(keyed ? listKey(node, item) : undefined) ?? `i:${index}`]);
    check(
      item,
      node.items,
      { json: `${place.json}[${index}]`, field: place.field + step, owner: place.owner, go: place.go },
      into,
    );
  });
}

function fits(value: Json, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return isExactInteger(value) || (typeof value === 'number' && Number.isInteger(value));
  return typeof value === type;
}

function problemAt(place: Place): Pick<FieldProblem, 'jsonPath' | 'fieldPath' | 'goMessage'> {
  return { jsonPath: place.json, fieldPath: place.field, goMessage: '' };
}

function wrongType(value: Json, node: SchemaNode, place: Place): FieldProblem {
  const got = goKind(value);
  const wanted = node.raw.type ?? '';
  const goType = wanted === 'integer' ? (node.raw.format ?? 'int') : (GO_TYPES[wanted] ?? wanted);
  return {
    ...problemAt(place),
    type: 'type',
    message: `expected ${EXPECTED[wanted] ?? wanted}, got ${typeof value === 'object' ? (Array.isArray(value) ? 'list' : 'map') : got}`,
    goMessage: `json: cannot unmarshal ${got} into Go struct field ${place.owner}.${place.go.join('.')} of type ${goType}`,
  };
}

function goKind(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : typeof value;
}
