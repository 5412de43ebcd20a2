import type { Json, JsonObject } from './json.js';
import type { ResourceType } from './registry/resource-type.js';
import { qualifiedName } from './registry/resource-type.js';

export interface StatusCause extends JsonObject {
  reason?: string;
  message: string;
  field?: string;
}

type Named = Pick<ResourceType, 'group' | 'plural' | 'kind'>;

/** A refusal, in the words of the Kubernetes API: answered as a `Status` object. */
export class StatusError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: JsonObject,
  ) {
    super(message);
  }

  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

function about(type: Named, name: string, more: JsonObject = {}): JsonObject {
  return { ...(name ? { name } : {}), ...(type.group ? { group: type.group } : {}), kind: type.plural, ...more };
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function notFound(type: Named, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualifiedName(type)} "${name}" not found`, about(type, name));
}

/** A resource that a group version of this server has not. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** The path is none of this server's: no such group or version. Answered as plain text. */
export class NoSuchPath extends StatusError {
  constructor() {
    super(404, 'NotFound', '404 page not found\n', {});
  }
}

export function alreadyExists(type: Named, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualifiedName(type)} "${name}" already exists`, about(type, name));
}

export function conflict(type: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedName(type)} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, about(type, name));
}

export const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(type: Named, name: string, why: string, causes?: StatusCause[]): StatusError {
  const subject = name ? `${qualifiedName(type)} "${name}"` : qualifiedName(type);
  return new StatusError(
    403,
    'Forbidden',
    `${subject} is forbidden: ${why}`,
    about(type, name, causes ? { causes } : {}),
  );
}

/** 422 with one cause per field; `message` of a cause is what the API prints after the field. */
export function invalid(type: Named, name: string, causes: StatusCause[]): StatusError {
  const all = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = all.length === 1 ? (all[0] ?? '') : `[${all.join(', ')}]`;
  const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
  const details = { ...about(type, name, { causes }), kind: type.kind };
  return new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${list}`, details);
}

export function required(field: string, detail = ''): StatusCause {
  return { reason: 'FieldValueRequired', message: detail ? `Required value: ${detail}` : 'Required value', field };
}

export function invalidValue(field: string, value: Json | undefined, detail: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value ?? null)}: ${detail}`, field };
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

export function tooLarge(limit: number): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** Pods of this cluster are objects only. */
export function noContainers(what: string): StatusError {
  return new StatusError(501, 'NotImplemented', `this cluster runs no containers: there is no ${what}`, {});
}

export function unsupportedMedia(detail: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', detail);
}
