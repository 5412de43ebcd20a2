import type { JsonObject } from '../../json/index.js';
import type { YamlNode } from '../yaml-node.js';
import type { Reading } from './reading.js';

/** A type of field: parser, JSON Schema and documentation come from this one thing. */
export interface FieldType<T> {
  /** For tables in documentation: `duration`, `list of names`. */
  readonly label: string;
  readonly schema: JsonObject;
  /** The fields of a map, or of the items of a list, for documentation. */
  readonly members?: FieldTable;
  /** The value, or undefined after having reported why there is none. */
  read(node: YamlNode, at: Reading): T | undefined;
}

interface FieldBase<T> {
  readonly type: FieldType<T>;
  /** One sentence, for documentation, schemas and hints. */
  readonly doc: string;
  /** For tables: what holds when the field is left out. */
  readonly fallback: string;
}

export interface RequiredField<T> extends FieldBase<T> {
  readonly presence: 'required';
}

export interface OptionalField<T> extends FieldBase<T> {
  readonly presence: 'optional';
}

export interface DefaultedField<T> extends FieldBase<T> {
  readonly presence: 'defaulted';
  readonly value: T;
}

/** One field of a map. */
export type Field<T> = RequiredField<T> | OptionalField<T> | DefaultedField<T>;

export type FieldTable = Readonly<Record<string, Field<unknown>>>;
