import jsonPatch from 'fast-json-patch';
import type { Operation } from 'fast-json-patch';
import type { ContentPatch } from '../definitions/index.js';
import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { groupOf } from '../json/index.js';
import type { ObjectSelector } from '../policy/index.js';
import { checkObject, printPath } from './check-object.js';
import { mergePatch } from './merge-patch.js';
import type { ManifestObject } from './read-manifests.js';

/** What went wrong with a patch, in words; the patch's own place is the caller's to know. */
export interface PatchError {
  /** Index of the patch. */
  readonly patch: number;
  readonly message: string;
}

export interface Patched {
  readonly objects: readonly ManifestObject[];
  readonly errors: readonly PatchError[];
}

/**
 * Applies patches in their order, each to every object that its target selects. A patch that selects nothing is an error:
 * it was meant for something.
 * @param namespace where objects without a namespace will be
 */
export function patchObjects(
  objects: readonly ManifestObject[],
  patches: readonly ContentPatch[],
  namespace: string,
): Patched {
  const errors: PatchError[] = [];
  let patched = objects;
  patches.forEach((patch, index) => {
    let hits = 0;
    patched = patched.map((item) => {
      if (!selects(patch.target, item.object, namespace)) return item;
      hits += 1;
      const result = applyPatch(patch, item.object);
      if (typeof result !== 'string') return { ...item, object: result };
      errors.push({ patch: index, message: result });
      return item;
    });
    if (hits === 0)
      errors.push({ patch: index, message: `the patch selects no object (${printSelector(patch.target)})` });
  });
  return { objects: patched, errors };
}

/** Whether an object is one that a rule is about. */
export function selects(selector: ObjectSelector, object: KubeObject, namespace: string): boolean {
  const { group, kind, name } = selector;
  if (group !== undefined && group !== groupOf(object.apiVersion)) return false;
  if (kind !== undefined && kind !== object.kind) return false;
  if (name !== undefined && name !== object.metadata.name) return false;
  return selector.namespace === undefined || selector.namespace === (object.metadata.namespace ?? namespace);
}

function printSelector(selector: ObjectSelector): string {
  const parts = Object.entries(selector).map(([key, value]) => `${key} ${String(value)}`);
  return parts.length === 0 ? 'any object' : parts.join(', ');
}

/** The changed object, or what went wrong. */
function applyPatch(patch: ContentPatch, object: KubeObject): KubeObject | string {
  const result = patch.type === 'merge' ? mergePatch(object, patch.merge) : applyOperations(patch.operations, object);
  if (typeof result === 'string') return result;
  const [error] = checkObject(result as JsonObject);
  if (error) return `after the patch, ${error.message} (${printPath(error.path)})`;
  return result as KubeObject;
}

function applyOperations(operations: readonly object[], object: KubeObject): Json {
  try {
    return jsonPatch.applyPatch<Json>(object, structuredClone(operations) as Operation[], true, false).newDocument;
  } catch (error) {
    const { name, operation } = error as { name?: string; operation?: { op?: string; path?: string } };
    const what = operation ? `${operation.op ?? ''} ${operation.path ?? ''}` : 'the patch';
    return `${what} does not fit ${object.kind} ${object.metadata.name}: ${reasonOf(name ?? '')}`;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  OPERATION_PATH_UNRESOLVABLE: 'there is nothing at that path',
  OPERATION_FROM_UNRESOLVABLE: 'there is nothing at the path it comes from',
  OPERATION_PATH_CANNOT_ADD: 'the place that it would be added to is missing',
  TEST_OPERATION_FAILED: 'the value there is another one',
  OPERATION_VALUE_OUT_OF_BOUNDS: 'the list is shorter than that',
};

function reasonOf(name: string): string {
  return REASONS[name] ?? 'it is not a valid JSON patch';
}
