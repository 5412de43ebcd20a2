import type { Json, JsonObject } from '../json.js';
import { isObject, sameJson } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';
import { FieldSet } from './field-set.js';
import type { KeyedItems } from './list-key.js';
import { keyItems } from './list-key.js';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

type Pair = readonly [Json | undefined, Json | undefined];

/** Which fields came, changed, went between two states of an object. */
export function compareValues(before: Json | undefined, after: Json | undefined, node: SchemaNode): Comparison {
  const walk = new CompareWalk();
  walk.pair([before, after], node, []);
  return walk.result;
}

class CompareWalk {
  readonly result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };

  pair([before, after]: Pair, node: SchemaNode, path: readonly string[]): void {
    if (before === after) return;
    const shape = node.shape(after ?? before);
    const wasOther = node.isAny && !isNothing(before) && !isNothing(after) && node.shape(before) !== shape;
    const isLeaf = wasOther || this.isLeaf([before, after], shape, node);
    if (isLeaf) this.leaf([before, after], path);
    else {
      this.descend([before, after], node, path);
      if (before === undefined) this.mark(this.result.added, path);
      if (after === undefined) this.mark(this.result.removed, path);
    }
  }

  private isLeaf([before, after]: Pair, shape: string, node: SchemaNode): boolean {
    if (shape === 'scalar') return true;
    if (isBlank(before) && isBlank(after)) return true;
    return shape === 'map' ? node.atomicMap : node.relation.type === 'atomic';
  }

  private leaf([before, after]: Pair, path: readonly string[]): void {
    if (before === undefined) this.mark(this.result.added, path);
    else if (after === undefined) this.mark(this.result.removed, path);
    else if (!sameJson(before, after)) this.mark(this.result.modified, path);
  }

  private descend([before, after]: Pair, node: SchemaNode, path: readonly string[]): void {
    if (node.shape(after ?? before) === 'map') this.maps(toMap(before), toMap(after), { node, path });
    else this.lists(keyItems(node, toList(before)), keyItems(node, toList(after)), { node, path, before, after });
  }

  private maps(before: JsonObject, after: JsonObject, place: { node: SchemaNode; path: readonly string[] }): void {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      this.pair([before[key], after[key]], place.node.child(key) ?? place.node, [...place.path, `f:${key}`]);
    }
  }

  private lists(before: KeyedItems, after: KeyedItems, place: ListPlace): void {
    for (const key of new Set([...before.order, ...after.order])) {
      const path = [...place.path, key];
      const pair: Pair = [before.first.get(key), after.first.get(key)];
      if (!before.duplicates.has(key) && !after.duplicates.has(key)) this.pair(pair, place.node.items, path);
      // Doubled items cannot be told apart: they change as one.
      else if (!sameJson(place.before, place.after)) this.leaf(pair[0] && pair[1] ? [0, 1] : pair, path);
    }
  }

  private mark(set: FieldSet, path: readonly string[]): void {
    if (path.length > 0) set.insert(path);
  }
}

interface ListPlace {
  node: SchemaNode;
  path: readonly string[];
  before: Json | undefined;
  after: Json | undefined;
}

function isNothing(value: Json | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function isBlank(value: Json | undefined): boolean {
  if (isNothing(value)) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function toMap(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function toList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
