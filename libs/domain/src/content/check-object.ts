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
 * Everything that the API server would refuse late or silently: no name, a generated name, labels that are not text, and
 * list entries that share a key. Empty means that the value can be treated as a `KubeObject`.
 */
export function checkObject(object: JsonObject): ObjectError[] {
  const errors = [...checkHead(object), ...checkMetadata(object['metadata'])];
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
  if (!isJsonObject(map))
    return [{ path: ['metadata', field], message: `${field} must be a map`, hint: 'Write key: value.' }];
  return Object.keys(map)
    .filter((key) => typeof map[key] !== 'string' || isExactInteger(map[key]))
    .map((key) => ({
      path: ['metadata', field, key],
      message: `the value of ${key} must be text, but is ${printJson(map[key] ?? null)}`,
      hint: 'Write it in quotes.',
    }));
}

/** A scalar as text; empty for everything else. */
export function textOf(value: Json | undefined): string {
  if (isExactInteger(value)) return digitsOf(value);
  return typeof value === 'object' ? '' : String(value ?? '');
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && !isExactInteger(value);
}

/** For people: `spec.containers[0].name`. */
export function printPath(path: FieldPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
