import type { Json, JsonObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';

/** What texts in definitions may refer to. */
export interface ClusterVariables {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: JsonObject;
}

export type Interpolated =
  | { readonly ok: true; readonly value: Json }
  /** Variables without value and default, e.g. `cluster.labels.region`. */
  | { readonly ok: false; readonly missing: readonly string[] };

interface Reference {
  /** `cluster.labels.region` */
  readonly variable: string;
  readonly fallback: string | undefined;
}

/** `${cluster.…}`; a doubled `$` keeps it as it is. Other `${…}` are left alone. */
const REFERENCE = /(\$?)\$\{(cluster(?![A-Za-z0-9_])[^}]*)\}/g;
const INSIDE = /^(cluster\.(?:name|labels\.[A-Za-z0-9._/-]+|values(?:\.[A-Za-z0-9_-]+)+))(?::-([\s\S]*))?$/;

/** What is wrong with the `${cluster.…}` references of a text, or undefined. */
export function interpolationError(text: string): string | undefined {
  const rest = text.replaceAll(REFERENCE, '');
  if (/\$\{cluster(?![A-Za-z0-9_])/.test(rest)) return 'a "${cluster.…" without its "}"';
  for (const [whole, escape, inside] of text.matchAll(REFERENCE)) {
    if (escape === '' && !INSIDE.test(inside ?? '')) return `"${whole}" is not a known variable`;
  }
  return undefined;
}

/**
 * Puts the values of a cluster into a text. A text that is one reference and nothing else takes over the value's type;
 * a default (`:-text`) counts when there is no value or an empty one, as in a shell.
 */
export function interpolate(text: string, cluster: ClusterVariables): Interpolated {
  const missing: string[] = [];
  const resolve = (inside: string): Json => {
    const value = valueOf(readReference(inside), cluster);
    if (value === undefined) missing.push(variableOf(inside));
    return value ?? null;
  };
  const [whole] = text.matchAll(REFERENCE);
  const single = whole !== undefined && whole[0] === text && whole[1] === '';
  const value = single ? resolve(whole[2] ?? '') : replaceReferences(text, resolve);
  return missing.length === 0 ? { ok: true, value } : { ok: false, missing };
}

function replaceReferences(text: string, resolve: (inside: string) => Json): string {
  return text.replaceAll(REFERENCE, (whole: string, escape: string, inside: string) =>
    escape === '' ? printJson(resolve(inside)) : whole.slice(1),
  );
}

function printJson(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function readReference(inside: string): Reference {
  const match = INSIDE.exec(inside);
  return { variable: match?.[1] ?? inside, fallback: match?.[2] };
}

function variableOf(inside: string): string {
  return readReference(inside).variable;
}

function valueOf({ variable, fallback }: Reference, cluster: ClusterVariables): Json | undefined {
  const value = lookUp(variable, cluster);
  return value === undefined || value === null || value === '' ? (fallback ?? value ?? undefined) : value;
}

function lookUp(variable: string, cluster: ClusterVariables): Json | undefined {
  if (variable === 'cluster.name') return cluster.name;
  const [, place, ...path] = variable.split('.');
  if (place === 'labels') return own(cluster.labels, path.join('.'));
  return path.reduce<Json | undefined>(
    (node, key) => (isJsonObject(node) ? own(node, key) : undefined),
    cluster.values,
  );
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
