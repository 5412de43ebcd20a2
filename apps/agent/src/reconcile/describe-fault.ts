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

/** Validation messages of Secrets may quote what was sent. */
function messageOf(ref: ObjectRef, fault: ApiFault): string {
  if (ref.kind !== 'Secret' || fault.reason !== 'Invalid') return fault.message;
  return `the API server refused the Secret: ${fault.causes.map((cause) => `${cause.field} ${cause.reason}`).join(', ')}`;
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
