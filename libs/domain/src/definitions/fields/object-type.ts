import type { JsonObject } from '../../json/index.js';
import { suggest } from '../suggest.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml-node.js';
import { entryOf } from '../yaml-node.js';
import type { DefaultedField, Field, FieldTable, FieldType, OptionalField, RequiredField } from './field-type.js';
import type { Reading } from './reading.js';

type ValueOf<F> = F extends Field<infer T> ? T : never;
type OptionalKeys<F> = { [K in keyof F]: F[K] extends { presence: 'optional' } ? K : never }[keyof F];

/** The value of a map with these fields: optional ones may be absent, defaulted ones never are. */
export type ValuesOf<F> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: ValueOf<F[K]>;
};

export function required<T>(type: FieldType<T>, doc: string): RequiredField<T> {
  return { type, doc, presence: 'required', fallback: '' };
}

export function optional<T>(type: FieldType<T>, doc: string, fallback = ''): OptionalField<T> {
  return { type, doc, presence: 'optional', fallback };
}

/** `fallback` is how tables print the value; by itself its JSON. */
export function defaulted<T>(
  type: FieldType<T>,
  doc: string,
  options: { value: NoInfer<T>; fallback?: string },
): DefaultedField<T> {
  return {
    type,
    doc,
    presence: 'defaulted',
    value: options.value,
    fallback: options.fallback ?? printDefault(options.value),
  };
}

function printDefault(value: unknown): string {
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (empty || value === '') return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** A map with fixed fields; anything else in it is an error with a suggestion. All problems in it are reported. */
export function object<F extends FieldTable>(fields: F): FieldType<ValuesOf<F>> {
  return {
    label: 'map',
    schema: objectSchema(fields),
    members: fields,
    read(node, at): ValuesOf<F> | undefined {
      if (node.type !== 'map') return at.wrongType(node, 'a map');
      const known = reportUnknown(node, fields, at);
      const values = readFields(node, fields, at);
      return known && values !== undefined ? (values as ValuesOf<F>) : undefined;
    },
  };
}

/** A map that may be left out as a whole: every field of it has a default or is optional. */
export function section<F extends FieldTable>(fields: F, doc: string): DefaultedField<ValuesOf<F>> {
  const value = Object.fromEntries(
    Object.entries(fields).flatMap(([key, field]) => (field.presence === 'defaulted' ? [[key, field.value]] : [])),
  );
  return defaulted(object(fields), doc, { value: value as ValuesOf<F>, fallback: '' });
}

/**
 * A type whose value is made from another's; undefined after having reported why it cannot be. An opaque one hides its
 * members from tables.
 */
export function refined<A, B>(
  type: FieldType<A>,
  refine: (value: A, node: YamlNode, at: Reading) => B | undefined,
  options: { readonly label?: string; readonly schema?: JsonObject; readonly opaque?: boolean } = {},
): FieldType<B> {
  const { members, ...base } = type;
  return {
    ...base,
    ...(members === undefined || options.opaque === true ? {} : { members }),
    label: options.label ?? type.label,
    schema: { ...type.schema, ...options.schema },
    read(node, at): B | undefined {
      const value = type.read(node, at);
      return value === undefined ? undefined : refine(value, node, at);
    },
  };
}

function objectSchema(fields: FieldTable): JsonObject {
  const entries = Object.entries(fields);
  const needed = entries.filter(([, field]) => field.presence === 'required').map(([key]) => key);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(entries.map(([key, field]) => [key, fieldSchema(field)])),
    ...(needed.length > 0 ? { required: needed } : {}),
  };
}

function fieldSchema(field: Field<unknown>): JsonObject {
  return { description: field.doc, ...field.type.schema };
}

function reportUnknown(node: YamlMap, fields: FieldTable, at: Reading): boolean {
  const unknown = node.entries.filter((entry) => !Object.hasOwn(fields, entry.key));
  for (const entry of unknown) reportUnknownField(entry, fields, at);
  return unknown.length === 0;
}

function reportUnknownField(entry: YamlEntry, fields: FieldTable, at: Reading): void {
  const near = suggest(entry.key, Object.keys(fields)) ?? homeOf(entry.key, fields);
  const hint = near === undefined ? `Known here: ${Object.keys(fields).join(', ')}.` : `Did you mean "${near}"?`;
  at.member(entry.key).error({
    code: 'unknownField',
    spot: entry.keySpot,
    message: `unknown field "${entry.key}"`,
    hint,
  });
}

/** Where else a field of this name is: `targets` at the top → `spec.targets`. */
function homeOf(key: string, fields: FieldTable): string | undefined {
  const parent = Object.entries(fields).find(([, field]) => Object.hasOwn(field.type.members ?? {}, key));
  return parent === undefined ? undefined : `${parent[0]}.${key}`;
}

function readFields(node: YamlMap, fields: FieldTable, at: Reading): Readonly<Record<string, unknown>> | undefined {
  const values: Record<string, unknown> = {};
  let complete = true;
  for (const [key, field] of Object.entries(fields)) {
    const result = readField({ key, field, node }, at);
    if (result === 'failed') complete = false;
    else if (result !== 'absent') values[key] = result.value;
  }
  return complete ? values : undefined;
}

type FieldResult = 'failed' | 'absent' | { readonly value: unknown };

function readField(where: { key: string; field: Field<unknown>; node: YamlMap }, at: Reading): FieldResult {
  const { key, field, node } = where;
  const entry = entryOf(node, key);
  if (entry !== undefined) {
    const value = field.type.read(entry.value, at.member(key));
    return value === undefined ? 'failed' : { value };
  }
  if (field.presence === 'defaulted') return { value: field.value };
  if (field.presence === 'optional') return 'absent';
  at.member(key).error({
    code: 'missingField',
    spot: node.spot,
    message: `"${key}" is missing`,
    hint: `Add ${key}: ${field.doc}`,
  });
  return 'failed';
}
