import type { Json, JsonObject } from '../json/index.js';
import type { Scalar } from './resolve-scalar.js';

/** A place inside a file. Lines and columns count from 1. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

export interface YamlScalar {
  readonly type: 'scalar';
  readonly value: Scalar;
  /** As written, without quotes. */
  readonly text: string;
  readonly spot: Spot;
}

export interface YamlList {
  readonly type: 'list';
  readonly items: readonly YamlNode[];
  readonly spot: Spot;
}

export interface YamlEntry {
  readonly key: string;
  readonly keySpot: Spot;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly type: 'map';
  /** Keys are distinct. */
  readonly entries: readonly YamlEntry[];
  readonly spot: Spot;
}

/** A YAML value with Kubernetes' meaning and its place; aliases and merge keys are resolved. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

export function entryOf(map: YamlMap, key: string): YamlEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** The text at a path of keys, when there is one: `textAt(document, 'metadata', 'name')`. */
export function textAt(node: YamlNode, ...path: readonly string[]): string | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return node.type === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
  const entry = node.type === 'map' ? entryOf(node, key) : undefined;
  return entry === undefined ? undefined : textAt(entry.value, ...rest);
}

/** Where the value at a path of keys is, or the innermost map on the way that is there. */
export function nearestSpot(node: YamlNode, [key, ...rest]: readonly string[]): Spot {
  const entry = key === undefined || node.type !== 'map' ? undefined : entryOf(node, key);
  return entry === undefined ? node.spot : nearestSpot(entry.value, rest);
}

/** For messages: `the number 8 (written 010)`, `true (written YES)`, `a list`. */
export function printNode(node: YamlNode): string {
  if (node.type !== 'scalar') return `a ${node.type}`;
  const { value, text } = node;
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `the text "${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  const printed = typeof value === 'number' ? `the number ${value}` : String(value);
  return String(value) === text ? printed : `${printed} (written ${text})`;
}

export function toJson(node: YamlNode): Json {
  switch (node.type) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'map':
      return toJsonObject(node);
  }
}

export function toJsonObject(map: YamlMap): JsonObject {
  return Object.fromEntries(map.entries.map((entry) => [entry.key, toJson(entry.value)]));
}
