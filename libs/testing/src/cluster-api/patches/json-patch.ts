import type { Json } from '../json.js';
import { cloneJson, isObject, sameJson } from '../json.js';
import { badRequest, StatusError } from '../status-error.js';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/**
 * RFC 6902, on a copy, as the API server takes it: replacing a member that is not there adds it, removing it is refused.
 * @throws 422 when a test fails or a path leads nowhere.
 */
export function applyJsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  let document = cloneJson(target);
  for (const operation of patch as unknown as Operation[]) document = applyOperation(document, operation);
  return document;
}

function applyOperation(document: Json, operation: Operation): Json {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
    case 'replace':
      return edit(document, path, { op: operation.op, value: cloneJson(operation.value ?? null) });
    case 'remove':
      return edit(document, path, { op: 'remove' });
    case 'test':
      return test(document, read(document, path), operation);
    case 'copy':
      return edit(document, path, { op: 'add', value: cloneJson(demand(document, operation)) });
    case 'move':
      return move(document, path, operation);
    default:
      throw failed();
  }
}

function move(document: Json, path: readonly string[], operation: Operation): Json {
  const value = demand(document, operation);
  return edit(edit(document, parsePointer(operation.from ?? ''), { op: 'remove' }), path, { op: 'add', value });
}

function test(document: Json, found: Json | undefined, { value = null }: Operation): Json {
  if (!sameJson(found ?? null, value)) throw failed();
  return document;
}

function demand(document: Json, { from = '' }: Operation): Json {
  const value = read(document, parsePointer(from));
  if (value === undefined) throw failed();
  return value;
}

function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(value: Json | undefined, path: readonly string[]): Json | undefined {
  let here = value;
  for (const step of path) here = Array.isArray(here) ? here[Number(step)] : isObject(here) ? here[step] : undefined;
  return here;
}

interface Edit {
  readonly op: 'add' | 'replace' | 'remove';
  readonly value?: Json;
}

/** Edits the copy in place and returns it (or what replaces it). */
function edit(document: Json, path: readonly string[], change: Edit): Json {
  const last = path.at(-1);
  if (last === undefined) return change.value ?? null;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) editList(parent, last, change);
  else if (isObject(parent)) editMap(parent, last, change);
  else throw failed();
  return document;
}

function editMap(map: Record<string, Json | undefined>, key: string, change: Edit): void {
  if (change.op === 'remove') {
    if (map[key] === undefined) throw failed();
    delete map[key];
  } else map[key] = change.value;
}

function editList(list: Json[], step: string, change: Edit): void {
  const index = step === '-' ? list.length : Number(step);
  const most = change.op === 'add' ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > most) throw failed();
  if (change.op === 'remove') list.splice(index, 1);
  else list.splice(index, change.op === 'add' ? 0 : 1, change.value ?? null);
}

/** The API server does not say which operation failed. */
function failed(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
