import type { Step } from '../difference/index.js';
import { walkDifferences } from '../difference/index.js';
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
  const differences = walkDifferences(withoutServerFields(wanted), withoutServerFields(live));
  return differences.map(({ path, left, right }) => ({ field: printPointer(path), wanted: left, live: right }));
}

function printPointer(path: readonly Step[]): string {
  return path.map((step) => `/${typeof step === 'string' ? escapePointer(step) : step.index}`).join('');
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
