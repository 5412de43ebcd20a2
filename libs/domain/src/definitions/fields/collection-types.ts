import type { Json, JsonObject } from '../../json/index.js';
import { interpolationError } from '../interpolate.js';
import type { YamlEntry, YamlNode } from '../yaml-node.js';
import { toJson, toJsonObject } from '../yaml-node.js';
import type { FieldType } from './field-type.js';
import type { Reading } from './reading.js';

/** A list. A single value where a list is wanted is refused with the way to write it. */
export function list<T>(item: FieldType<T>, options: { readonly min?: number } = {}): FieldType<readonly T[]> {
  const { min = 0 } = options;
  return {
    label: `list of ${plural(item.label)}`,
    schema: { type: 'array', items: item.schema, ...(min > 0 ? { minItems: min } : {}) },
    ...(item.members === undefined ? {} : { members: item.members }),
    read(node, at): readonly T[] | undefined {
      if (node.type !== 'list')
        return at.wrongType(node, `a list of ${plural(item.label)}`, 'Write it as a list: [...].');
      if (node.items.length < min) return at.invalid(node, `needs at least ${min}`, `Give at least ${min}.`);
      return allOf(node.items.map((member, index) => item.read(member, at.item(index))));
    },
  };
}

/** One value or a list of them. */
export function oneOrMany<T>(item: FieldType<T>): FieldType<readonly T[]> {
  const many = list(item);
  return {
    ...many,
    label: `${item.label}, or a list of them`,
    schema: { oneOf: [item.schema, many.schema] },
    read(node, at): readonly T[] | undefined {
      if (node.type === 'list') return many.read(node, at);
      const value = item.read(node, at);
      return value === undefined ? undefined : [value];
    },
  };
}

function plural(label: string): string {
  if (label.startsWith('`')) return label;
  return `${label}s`;
}

function allOf<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  return values.includes(undefined) ? undefined : (values as readonly T[]);
}

/** A map whose keys are free. */
export function mapOf<T>(
  value: FieldType<T>,
  options: { readonly label: string; readonly keyError?: (key: string) => string | undefined },
): FieldType<Readonly<Record<string, T>>> {
  return {
    label: options.label,
    schema: { type: 'object', additionalProperties: value.schema },
    read(node, at): Readonly<Record<string, T>> | undefined {
      if (node.type !== 'map') return at.wrongType(node, 'a map');
      const read = (entry: YamlEntry): (readonly [string, T])[] => {
        const error = options.keyError?.(entry.key);
        const member = value.read(entry.value, at.member(entry.key));
        if (error !== undefined) {
          at.member(entry.key).error({
            code: 'invalidValue',
            spot: entry.keySpot,
            message: error,
            hint: 'Correct the key.',
          });
        }
        return error === undefined && member !== undefined ? [[entry.key, member]] : [];
      };
      const members = node.entries.flatMap(read);
      return members.length === node.entries.length ? Object.fromEntries(members) : undefined;
    },
  };
}

/** Free JSON. Its texts may hold `${cluster.…}`. */
export const json: FieldType<Json> = {
  label: 'any value',
  schema: {},
  read: (node, at) => (checkTexts(node, at) ? toJson(node) : undefined),
};

/** A free map. Its texts may hold `${cluster.…}`. */
export const jsonObject: FieldType<JsonObject> = {
  label: 'map',
  schema: { type: 'object' },
  read(node, at): JsonObject | undefined {
    if (node.type !== 'map') return at.wrongType(node, 'a map');
    return checkTexts(node, at) ? toJsonObject(node) : undefined;
  },
};

function checkTexts(node: YamlNode, at: Reading): boolean {
  switch (node.type) {
    case 'list':
      return node.items.map((item, index) => checkTexts(item, at.item(index))).every(Boolean);
    case 'map':
      return node.entries.map((entry) => checkTexts(entry.value, at.member(entry.key))).every(Boolean);
    case 'scalar': {
      const error = typeof node.value === 'string' ? interpolationError(node.value) : undefined;
      if (error === undefined) return true;
      at.invalid(node, error, 'Use ${cluster.name}, ${cluster.labels.KEY} or ${cluster.values.PATH}.');
      return false;
    }
  }
}
