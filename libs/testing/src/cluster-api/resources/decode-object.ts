import { settleBuiltIn } from '../defaulting/settle.js';
import { settleCustom } from '../defaulting/settle-custom.js';
import type { Json, JsonObject, KubeObject } from '../json.js';
import { isObject, objectAt, textOf } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { apiVersionOf } from '../registry/resource-type.js';
import { checkFields } from '../schema/check-fields.js';
import type { StatusError } from '../status-error.js';
import { badRequest } from '../status-error.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface Decoding {
  readonly validation: FieldValidation;
  /** Gets the warnings. */
  readonly warnings: string[];
}

/** Reads a body as an object of that type, as it would be stored. @throws 400 in the words of the decoder. */
export function decodeObject(body: Json, type: ResourceType, decoding: Decoding): KubeObject {
  const object = withType(body, type);
  checkDecoded(object, type, decoding);
  return settleObject(object, type);
}

function withType(body: Json, type: ResourceType): JsonObject {
  if (!isObject(body))
    throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): not an object`);
  const apiVersion = apiVersionOf(type);
  const object: JsonObject = { ...body, apiVersion: body.apiVersion || apiVersion, kind: body.kind || type.kind };
  if (object.apiVersion !== apiVersion || object.kind !== type.kind) throw otherType(object, type);
  return object;
}

/** What the decoder says of another kind, or of a version there is not. */
function otherType({ apiVersion, kind }: JsonObject, type: ResourceType): StatusError {
  const [got, version] = [textOf(kind), textOf(apiVersion).split('/').at(-1) ?? ''];
  const known = apiVersion === apiVersionOf(type);
  const why = known
    ? `converting (${version}.${got}) to (${type.group.split('.')[0] || 'core'}.${type.kind}): unknown conversion`
    : `no kind "${got}" is registered for version "${textOf(apiVersion)}" in scheme "pkg/runtime/scheme.go:111"`;
  return badRequest(`${got} in version "${version}" cannot be handled as a ${type.kind}: ${why}`);
}

/** Wrong types refuse; unknown fields refuse under Strict and warn under Warn. */
export function checkDecoded(object: JsonObject, type: ResourceType, { validation, warnings }: Decoding): void {
  const problems = checkFields(object, type.schema);
  // A custom resource of a wrong type is refused later, by the validation of its schema.
  const wrong = type.custom ? undefined : problems.find((problem) => problem.type === 'type');
  const refuse = (why: string): never => {
    throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${why}`);
  };
  if (wrong) refuse(wrong.goMessage);
  const unknown = problems
    .filter((problem) => problem.type === 'unknown')
    .map((problem) => `unknown field "${problem.jsonPath}"`);
  if (unknown.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') refuse(`strict decoding error: ${unknown.join(', ')}`);
  warnings.push(...unknown);
}

/** The form in which the object is stored: type first, then what its kind keeps, with defaults. */
export function settleObject(object: JsonObject, type: ResourceType): KubeObject {
  const settled = type.custom ? settleCustom(object, type.schema) : settleBuiltIn(object, type.schema);
  const metadata = isObject(settled.metadata) ? settled.metadata : {};
  const stored = { ...typeMeta(type), metadata, ...settled, ...typeMeta(type) } as KubeObject;
  return type.kind === 'Secret' && type.group === '' ? withStringData(stored) : stored;
}

/** `stringData` is only a way to write `data`. */
function withStringData({ stringData, ...secret }: KubeObject): KubeObject {
  if (!isObject(stringData)) return secret;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(textOf(text)).toString('base64')]);
  return { ...secret, data: { ...objectAt(secret, 'data'), ...(Object.fromEntries(encoded) as JsonObject) } };
}

function typeMeta(type: ResourceType): { kind: string; apiVersion: string } {
  return { kind: type.kind, apiVersion: apiVersionOf(type) };
}
