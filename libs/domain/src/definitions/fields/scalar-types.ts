import type { JsonObject } from '../../json/index.js';
import { interpolationError } from '../interpolate.js';
import type { YamlNode } from '../yaml-node.js';
import type { FieldType } from './field-type.js';
import type { Reading } from './reading.js';

export interface TextRule {
  readonly label: string;
  /** What is wrong with a text, or undefined. */
  readonly error?: (text: string) => string | undefined;
  readonly hint?: string;
  readonly schema?: JsonObject;
  /** Whether `${cluster.…}` may stand in it; then `error` is asked for texts without it only. */
  readonly interpolated?: boolean;
  /** Whether it may be empty. */
  readonly empty?: boolean;
}

/** A text. Scalars that Kubernetes takes for something else are refused: they need quotes. */
export function text(rule: TextRule): FieldType<string> {
  const bounds: JsonObject = rule.empty === true ? {} : { minLength: 1 };
  const schema: JsonObject = { type: 'string', ...bounds, ...(rule.interpolated === true ? {} : rule.schema) };
  return {
    label: rule.label,
    schema,
    read(node, at): string | undefined {
      const value = readText(node, at);
      if (value === undefined) return undefined;
      const error = value === '' && rule.empty !== true ? 'must not be empty' : textError(value, rule);
      return error === undefined ? value : at.invalid(node, error, rule.hint ?? `Give ${withArticle(rule.label)}.`);
    },
  };
}

function textError(value: string, rule: TextRule): string | undefined {
  const broken = interpolationError(value);
  if (rule.interpolated !== true) {
    return value.includes('${cluster.') ? '"${cluster.…}" cannot be used in this field' : rule.error?.(value);
  }
  return broken ?? (value.includes('${cluster.') ? undefined : rule.error?.(value));
}

function withArticle(label: string): string {
  return /^[aeiou]/.test(label) ? `an ${label}` : `a ${label}`;
}

/** A text, or undefined after having explained how Kubernetes reads what is there. */
export function readText(node: YamlNode, at: Reading): string | undefined {
  if (node.type === 'scalar' && typeof node.value === 'string') return node.value;
  const quotable = node.type === 'scalar' && node.value !== null;
  return at.wrongType(node, 'text', quotable ? `Write it in quotes: "${node.text}".` : undefined);
}

const DNS_LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';

function nameError(value: string): string | undefined {
  if (new RegExp(DNS_LABEL).test(value)) return undefined;
  return `"${value}" is not a name: at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit`;
}

/** A DNS-1123 label. */
export const name: FieldType<string> = text({ label: 'name', error: nameError, schema: { pattern: DNS_LABEL } });

/** A DNS-1123 label that may be made from cluster variables. */
export const nameTemplate: FieldType<string> = text({ label: 'name', error: nameError, interpolated: true });

export const boolean: FieldType<boolean> = {
  label: 'boolean',
  schema: { type: 'boolean' },
  read(node, at): boolean | undefined {
    if (node.type === 'scalar' && typeof node.value === 'boolean') return node.value;
    const quoted = node.type === 'scalar' && /^(true|false)$/i.test(node.text);
    return at.wrongType(node, 'true or false', quoted ? 'Remove the quotes.' : undefined);
  },
};

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): FieldType<number> {
  return {
    label: 'integer',
    schema: { type: 'integer', minimum: min, maximum: max },
    read(node, at): number | undefined {
      const value = node.type === 'scalar' ? node.value : undefined;
      if (typeof value !== 'number' || !Number.isInteger(value)) return at.wrongType(node, 'a whole number');
      const error = boundsError(value, min, max);
      return error === undefined ? value : at.invalid(node, error, `Give a number from ${min} to ${max}.`);
    },
  };
}

export function boundsError(value: number, min: number, max: number): string | undefined {
  if (value < min) return min === 0 ? 'must not be negative' : `must be at least ${min}`;
  return value > max ? `must be at most ${max}` : undefined;
}

export function oneOf<const T extends string>(...values: readonly T[]): FieldType<T> {
  const listed = values.map((value) => `\`${value}\``).join(', ');
  return {
    label: listed,
    schema: { enum: values },
    read(node, at): T | undefined {
      const value = readText(node, at);
      if (value === undefined) return undefined;
      const known = values.find((candidate) => candidate === value);
      if (known !== undefined) return known;
      const meant = values.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
      const hint = meant === undefined ? `Give one of ${values.join(', ')}.` : `Did you mean "${meant}"?`;
      return at.invalid(node, `"${value}" is not one of ${values.join(', ')}`, hint);
    },
  };
}
