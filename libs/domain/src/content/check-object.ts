import type { Json, JsonObject } from '../json/index.js';
import { digitsOf, groupOf, isExactInteger, isJsonObject, printJson } from '../json/index.js';
import { findDuplicates } from './find-duplicates.js';

export type FieldPath = readonly (string | number)[];

/** What is wrong with an object as a Kubernetes object, and where in it. */
export interface ObjectError {
  readonly path: FieldPath;
  readonly message: string;
  readonly hint: string;
}

/**
 * Everything that the API server would refuse late or silently: no name, a generated name, labels and data that are not text,
 * and list entries that share a key. Empty means that the value can be treated as a `KubeObject`.
 */
export function checkObject(object: JsonObject): ObjectError[] {
  const errors = [...checkHead(object), ...checkMetadata(object['metadata']), ...checkData(object)];
  return errors.length > 0 ? errors : findDuplicates(object);
}

function checkHead(object: JsonObject): ObjectError[] {
  const errors = ['apiVersion', 'kind'].filter((field) => !isText(object[field])).map(missing);
  const group = typeof object['apiVersion'] === 'string' ? groupOf(object['apiVersion']) : '';
  if (group !== 'flotilla.dev') return errors;
  const message = `a ${textOf(object['kind'])} of flotilla.dev is a definition, not content`;
  return [
    ...errors,
    { path: ['apiVersion'], message, hint: 'Put it into a file named flotilla.yaml, or under fleet/.' },
  ];
}

function missing(field: string): ObjectError {
  return {
    path: [field],
    message: `a Kubernetes object needs ${field}`,
    hint: `Add ${field}, or remove the document.`,
  };
}

function checkMetadata(metadata: Json | undefined): ObjectError[] {
  if (!isJsonObject(metadata)) return [missing('metadata')];
  const errors: ObjectError[] = [];
  if (metadata['generateName'] !== undefined) {
    const message = 'generateName makes another object at each apply';
    errors.push({ path: ['metadata', 'generateName'], message, hint: 'Give the object a fixed name.' });
  } else if (!isText(metadata['name'])) {
    errors.push({
      path: ['metadata', 'name'],
      message: 'a Kubernetes object needs metadata.name',
      hint: 'Add it, as text.',
    });
  }
  if (metadata['namespace'] !== undefined && !isText(metadata['namespace'])) {
    errors.push({
      path: ['metadata', 'namespace'],
      message: 'metadata.namespace must be text',
      hint: 'Name one, or remove it.',
    });
  }
  return [...errors, ...checkTexts('labels', metadata), ...checkTexts('annotations', metadata)];
}

function checkTexts(field: 'labels' | 'annotations', metadata: JsonObject): ObjectError[] {
  const map = metadata[field];
  if (map === undefined || map === null) return [];
  if (!isJsonObject(map)) return [notAMap(['metadata', field])];
  return Object.keys(map)
    .filter((key) => !isString(map[key]))
    .map((key) => notText(['metadata', field, key], printJson(map[key] ?? null)));
}

/** Maps of text in kinds that people write by hand: a port without quotes is what goes wrong most. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['data', 'binaryData'],
  Secret: ['data', 'stringData'],
};

/** Values are not named: they may be secret. A key without a value is empty text for the API server. */
function checkData(object: JsonObject): ObjectError[] {
  if (object['apiVersion'] !== 'v1') return [];
  return (DATA[textOf(object['kind'])] ?? []).flatMap((field) => {
    const map = object[field];
    if (map === undefined || map === null) return [];
    if (!isJsonObject(map)) return [notAMap([field])];
    return Object.keys(map)
      .filter((key) => map[key] !== null && !isString(map[key]))
      .map((key) => notText([field, key], nameType(map[key])));
  });
}

function nameType(value: Json | undefined): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
}

function notAMap(path: FieldPath): ObjectError {
  return { path, message: `${String(path.at(-1))} must be a map`, hint: 'Write key: value.' };
}

function notText(path: FieldPath, what: string): ObjectError {
  const message = `the value of ${String(path.at(-1))} must be text, but is ${what}`;
  return { path, message, hint: 'Write it in quotes.' };
}

/** Whole numbers beyond 2^53 are held as marked text. */
function isString(value: Json | undefined): value is string {
  return typeof value === 'string' && !isExactInteger(value);
}

/** A scalar as text; empty for everything else. */
export function textOf(value: Json | undefined): string {
  if (isExactInteger(value)) return digitsOf(value);
  return typeof value === 'object' ? '' : String(value ?? '');
}

function isText(value: Json | undefined): value is string {
  return isString(value) && value !== '';
}

/** For people: `spec.containers[0].name`. */
export function printPath(path: FieldPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
