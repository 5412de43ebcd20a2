import type { Json, JsonObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';

/** A step from a value into it: a key of a map, or an item of a list; items that go by name have one. */
export type Step = string | { readonly index: number; readonly name: string | undefined };

/** One value that differs. `undefined` means that the side does not have it. */
export interface Difference {
  readonly path: readonly Step[];
  readonly left: Json | undefined;
  readonly right: Json | undefined;
}

/**
 * Every innermost value that differs between two, in the order of the left one. Lists of maps with `name` are matched by name
 * (the index is that of the left list, or of the right one for what only it has), others by index.
 */
export function walkDifferences(left: Json | undefined, right: Json | undefined): Difference[] {
  const differences: Difference[] = [];
  walkValue(left, right, { path: [], differences });
  return differences;
}

interface Walk {
  readonly path: readonly Step[];
  readonly differences: Difference[];
}

function walkValue(left: Json | undefined, right: Json | undefined, walk: Walk): void {
  if (isJsonObject(left) && isJsonObject(right)) return walkMembers(left, right, walk);
  if (Array.isArray(left) && Array.isArray(right)) return walkItems(left, right, walk);
  if (left !== right) walk.differences.push({ path: walk.path, left, right });
}

function walkMembers(left: JsonObject, right: JsonObject, walk: Walk): void {
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    walkValue(left[key], right[key], { ...walk, path: [...walk.path, key] });
  }
}

function walkItems(left: readonly Json[], right: readonly Json[], walk: Walk): void {
  const names = itemNames(left, right);
  if (names === undefined) {
    for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
      walkValue(left[index], right[index], { ...walk, path: [...walk.path, { index, name: undefined }] });
    }
    return;
  }
  for (const name of names) {
    const mine = left.findIndex((item) => nameOf(item) === name);
    const theirs = right.findIndex((item) => nameOf(item) === name);
    const step = { index: mine >= 0 ? mine : theirs, name };
    walkValue(left[mine], right[theirs], { ...walk, path: [...walk.path, step] });
  }
}

/** The names of all items when each item of both lists has one of its own; undefined when the lists go by index. */
function itemNames(left: readonly Json[], right: readonly Json[]): ReadonlySet<string> | undefined {
  const all = [...left, ...right].map(nameOf);
  const unique = (items: readonly Json[]): boolean => new Set(items.map(nameOf)).size === items.length;
  if (all.length === 0 || all.includes(undefined) || !unique(left) || !unique(right)) return undefined;
  return new Set(all as string[]);
}

function nameOf(item: Json): string | undefined {
  const name = isJsonObject(item) ? item['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}
