import type { ObjectProblem, ObjectRef } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import type { ApiFault, ApiReason } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';

const CODES: Readonly<Record<ApiReason, string>> = {
  BadRequest: 'invalid',
  Unauthorized: 'unauthorized',
  Forbidden: 'forbidden',
  NotFound: 'notFound',
  MethodNotAllowed: 'notSupported',
  AlreadyExists: 'applyConflict',
  Conflict: 'changedMeanwhile',
  Expired: 'changedMeanwhile',
  TooLarge: 'tooLarge',
  UnsupportedMediaType: 'notSupported',
  Invalid: 'invalid',
  TooManyRequests: 'rateLimited',
  ServerError: 'serverError',
  Unavailable: 'unavailable',
  Timeout: 'timeout',
  Unreachable: 'unreachable',
  Cancelled: 'cancelled',
  Fenced: 'unavailable',
};

/** The problem of an object whose call was refused. Messages come from the API server and name no values of Secrets. */
export function describeFault(ref: ObjectRef, error: unknown): ObjectProblem {
  if (isApiFault(error)) return { ref, code: codeOf(error), message: messageOf(ref, error), summary: '' };
  if (error instanceof Fault) return { ref, code: error.code, message: error.message, summary: '' };
  return { ref, code: 'internal', message: error instanceof Error ? error.message : String(error), summary: '' };
}

function codeOf(fault: ApiFault): string {
  if (isNamespaceTerminating(fault)) return 'namespaceTerminating';
  if (isNamespaceMissing(fault)) return 'namespaceMissing';
  if (isImmutable(fault)) return 'immutable';
  if (isPreviewUnavailable(fault)) return 'previewUnavailable';
  if (/admission webhook .* denied|ValidatingAdmissionPolicy .* denied/.test(fault.message)) return 'admissionDenied';
  return CODES[fault.reason];
}

/** Refusals whose text the API server makes of names alone, when no webhook has a part in it. */
const SAY_NO_VALUES: ReadonlySet<ApiReason> = new Set<ApiReason>([
  'Unauthorized',
  'NotFound',
  'MethodNotAllowed',
  'AlreadyExists',
  'Expired',
  'TooManyRequests',
  'Timeout',
  'Unreachable',
  'Cancelled',
  'Fenced',
]);

/** Validation, decoding and webhooks may quote what was sent: of a Secret only fields are told. */
function messageOf(ref: ObjectRef, fault: ApiFault): string {
  const { message, causes } = fault;
  if (ref.kind !== 'Secret') return message;
  const [, webhook] = /admission webhook "([\w.-]+)"/.exec(message) ?? [];
  const isAdmission = webhook !== undefined || /denied (the )?request/.test(message);
  if (!isAdmission && (SAY_NO_VALUES.has(fault.reason) || saysNoValues(fault))) return message;
  const by = webhook === undefined ? 'the API server' : `admission webhook "${webhook}"`;
  const fields = causes.filter(({ field, reason }) => IS_PATH.test(field) && /^\w*$/.test(reason));
  const told = fields.map(({ field, reason }) => `${field} ${reason}`.trim()).join(', ');
  return `${by} refused the Secret${told === '' ? '' : `: ${told}`}; its own words may quote values and are left out`;
}

const IS_PATH = /^[\w.[\]/-]+$/;

/** Missing rights, namespaces that end, and other managers are told of by names. */
function saysNoValues(fault: ApiFault): boolean {
  if (isNamespaceTerminating(fault)) return true;
  if (fault.reason === 'Conflict') return true;
  return fault.reason === 'Forbidden' && /^secrets? "[^"]*" is forbidden: User "/.test(fault.message);
}

export function isNamespaceMissing(error: unknown): boolean {
  return isApiFault(error, 'NotFound') && /namespaces? "[^"]*" not found/.test(error.message);
}

export function isNamespaceTerminating(error: unknown): boolean {
  if (!isApiFault(error, 'Forbidden', 'Conflict')) return false;
  const named = error.causes.some((cause) => cause.reason === 'NamespaceTerminating');
  return named || error.message.includes('because it is being terminated');
}

export function isImmutable(error: unknown): boolean {
  return (
    isApiFault(error, 'Invalid') && /immutable|updates to .* are forbidden|may not be changed/i.test(error.message)
  );
}

/** A webhook that does not support dry-runs says nothing about the object. */
export function isPreviewUnavailable(fault: ApiFault): boolean {
  return fault.message.includes('does not support dry run');
}

/** A refusal by field managers, not by a changed resource version. */
export function isFieldConflict(error: unknown): error is ApiFault {
  return isApiFault(error, 'Conflict') && error.causes.some((cause) => cause.reason === 'FieldManagerConflict');
}
