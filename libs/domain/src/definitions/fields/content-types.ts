import type { Json, JsonObject } from '../../json/index.js';
import type { ObjectSelector } from '../../policy/index.js';
import { cleanPath } from '../clean-path.js';
import type { ContentPatch, JsonPatchOperation, ValuesFile } from '../definition.js';
import type { YamlNode } from '../yaml-node.js';
import { json, jsonObject, list, mapOf } from './collection-types.js';
import type { FieldType } from './field-type.js';
import { defaulted, object, optional, refined, required } from './object-type.js';
import type { Reading } from './reading.js';
import { boolean, oneOf, text } from './scalar-types.js';

function pathError(value: string): string | undefined {
  return cleanPath(value) === undefined ? `"${value}" is not a path inside the repository` : undefined;
}

/** A folder or file inside a repository, in its one form unless it holds cluster variables. */
export const repositoryPath: FieldType<string> = refined(
  text({
    label: 'path',
    error: pathError,
    hint: 'Give a path from the root of the repository, without "..".',
    interpolated: true,
  }),
  (value): string => cleanPath(value) ?? value,
);

const valuesFileObject = object({
  path: required(repositoryPath, 'Path of the file.'),
  optional: defaulted(boolean, 'Whether the file may be missing.', { value: false }),
});

/** A path, or `{path, optional}`. */
export const valuesFile: FieldType<ValuesFile> = {
  label: 'values file',
  schema: { oneOf: [repositoryPath.schema, valuesFileObject.schema] },
  read(node, at): ValuesFile | undefined {
    if (node.type === 'map') return valuesFileObject.read(node, at);
    const path = repositoryPath.read(node, at);
    return path === undefined ? undefined : { path, optional: false };
  },
};

function variableError(key: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? undefined : `"${key}" is not a variable name`;
}

/** Names that content may use as `${NAME}`, with their values. */
export const substitutions: FieldType<Readonly<Record<string, string>>> = mapOf(
  text({ label: 'text', interpolated: true, empty: true }),
  { label: 'map of texts', keyError: variableError },
);

function pointerError(value: string): string | undefined {
  if (/^(\/([^~]|~[01])*)+$/.test(value)) return undefined;
  return `"${value}" is not a JSON pointer`;
}

export const jsonPointer: FieldType<string> = text({
  label: 'JSON pointer',
  error: pointerError,
  hint: 'Write it like /spec/replicas; "/" inside a name is ~1, "~" is ~0.',
  schema: { pattern: '^/' },
});

export const objectSelectorFields = {
  group: optional(text({ label: 'API group' }), 'API group, e.g. `apps`.', 'any'),
  kind: optional(text({ label: 'kind' }), 'Kind, e.g. `Deployment`.', 'any'),
  namespace: optional(text({ label: 'namespace' }), 'Namespace.', 'any'),
  name: optional(text({ label: 'name' }), 'Name.', 'any'),
};

const operation = object({
  op: required(oneOf('add', 'remove', 'replace', 'move', 'copy', 'test'), 'Operation.'),
  path: required(jsonPointer, 'Where.'),
  from: optional(jsonPointer, 'Where from, for `move` and `copy`.'),
  value: optional(json, 'Value, for `add`, `replace` and `test`.'),
});

const checkedOperation = refined(operation, (value, node, at): JsonPatchOperation | undefined => {
  const needed = value.op === 'move' || value.op === 'copy' ? 'from' : value.op === 'remove' ? undefined : 'value';
  if (needed === undefined || value[needed] !== undefined) return value;
  const message = `"${value.op}" needs "${needed}"`;
  at.error({ code: 'missingField', spot: node.spot, message, hint: `Add ${needed}.` });
  return undefined;
});

type PatchBody = { readonly operations: readonly JsonPatchOperation[] } | { readonly merge: JsonObject };

const operations = list(checkedOperation, { min: 1 });

const patchBody: FieldType<PatchBody> = {
  label: 'list of JSON 6902 operations, or merge patch',
  schema: { oneOf: [operations.schema, jsonObject.schema] },
  read(node, at): PatchBody | undefined {
    if (node.type === 'scalar') {
      return at.wrongType(
        node,
        'a list of JSON 6902 operations or a merge patch',
        'Write the patch as YAML, not as text.',
      );
    }
    return node.type === 'list' ? readOperations(node, at) : readMerge(node, at);
  },
};

function readOperations(node: YamlNode, at: Reading): PatchBody | undefined {
  const value = operations.read(node, at);
  return value === undefined ? undefined : { operations: value };
}

function readMerge(node: YamlNode, at: Reading): PatchBody | undefined {
  const value: Json | undefined = jsonObject.read(node, at);
  return value === undefined ? undefined : { merge: value };
}

const patchFields = {
  target: required(
    object({ ...objectSelectorFields, kind: required(text({ label: 'kind' }), 'Kind, e.g. `Deployment`.') }),
    'Objects to change.',
  ),
  patch: required(patchBody, 'What to change.'),
};

export const contentPatch: FieldType<ContentPatch> = refined(object(patchFields), ({ target, patch }): ContentPatch =>
  patchOf(target, patch),
);

function patchOf(target: ObjectSelector, patch: PatchBody): ContentPatch {
  return 'merge' in patch
    ? { type: 'merge', target, merge: patch.merge }
    : { type: 'json6902', target, operations: patch.operations };
}
