import type { Json, JsonObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';

/** One field that differs. `undefined` means that the side does not have it. */
export interface FieldDifference {
  /** JSON pointer. */
  readonly field: string;
  readonly wanted: Json | undefined;
  readonly live: Json | undefined;
}

/** Metadata that the API server writes by itself. */
const SERVER_METADATA = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'];

/**
 * Every field that differs between two objects, in the order of the wanted one. Lists of maps with `name` are matched by name,
 * others by index. What the API server writes by itself is left out.
 */
export function diffObject(wanted: JsonObject, live: JsonObject): FieldDifference[] {
  const differences: FieldDifference[] = [];
  diffValue(withoutServerFields(wanted), withoutServerFields(live), { path: '', differences });
  return differences;
}

interface Walk {
  readonly path: string;
  readonly differences: FieldDifference[];
}

function diffValue(wanted: Json | undefined, live: Json | undefined, walk: Walk): void {
  if (isJsonObject(wanted) && isJsonObject(live)) return diffMembers(wanted, live, walk);
  if (Array.isArray(wanted) && Array.isArray(live)) return diffItems(wanted, live, walk);
  if (!isSame(wanted, live)) walk.differences.push({ field: walk.path, wanted, live });
}

function diffMembers(wanted: JsonObject, live: JsonObject, walk: Walk): void {
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(live)])) {
    diffValue(wanted[key], live[key], { ...walk, path: `${walk.path}/${escapePointer(key)}` });
  }
}

function diffItems(wanted: readonly Json[], live: readonly Json[], walk: Walk): void {
  const names = itemNames(wanted, live);
  if (names === undefined) {
    for (let index = 0; index < Math.max(wanted.length, live.length); index += 1) {
      diffValue(wanted[index], live[index], { ...walk, path: `${walk.path}/${index}` });
    }
    return;
  }
  for (const name of names) {
    const mine = wanted.findIndex((item) => nameOf(item) === name);
    const theirs = live.findIndex((item) => nameOf(item) === name);
    const path = `${walk.path}/${mine >= 0 ? mine : theirs}`;
    diffValue(wanted[mine], live[theirs], { ...walk, path });
  }
}

/** The names of all items when each item of both lists has one of its own; undefined when the lists go by index. */
function itemNames(wanted: readonly Json[], live: readonly Json[]): ReadonlySet<string> | undefined {
  const all = [...wanted, ...live].map(nameOf);
  const unique = (items: readonly Json[]): boolean => new Set(items.map(nameOf)).size === items.length;
  if (all.length === 0 || all.includes(undefined) || !unique(wanted) || !unique(live)) return undefined;
  return new Set(all as string[]);
}

function nameOf(item: Json): string | undefined {
  const name = isJsonObject(item) ? item['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a === b;
}

function withoutServerFields(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  const metadata = rest['metadata'];
  if (!isJsonObject(metadata)) return rest;
  const kept = Object.entries(metadata).filter(([key]) => !SERVER_METADATA.includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

export function escapePointer(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Segments of a JSON pointer, unescaped. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
