import type { JsonObject } from '../json.js';
import { isObject } from '../json.js';
import type { Decoding, FieldValidation } from '../resources/decode-object.js';
import type { WriteOptions } from '../resources/object-writer.js';
import type { Propagation, RemoveOptions } from '../resources/object-remover.js';
import type { StatusCause } from '../status-error.js';
import { StatusError } from '../status-error.js';
import type { ApiRequest } from './api-request.js';

const MANAGER_LENGTH = 128;

function refuseOption(kind: string, cause: StatusCause): never {
  const message = `${kind}.meta.k8s.io "" is invalid: ${cause.field}: ${cause.message}`;
  throw new StatusError(422, 'Invalid', message, { group: 'meta.k8s.io', kind, causes: [cause] });
}

/** Who writes, and whether for real. @throws 422 for options that make no sense. */
export function readWriteOptions(
  api: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const manager = api.query.get('fieldManager') ?? '';
  if (manager.length > MANAGER_LENGTH) {
    const message = `Too long: may not be more than ${MANAGER_LENGTH} bytes`;
    refuseOption(kind, { reason: 'FieldValueTooLong', message, field: 'fieldManager' });
  }
  return { manager: manager || agentName(api.userAgent), dryRun: readDryRun(api.query, kind) };
}

/** Without a field manager, the first word of the user agent stands for it. */
function agentName(userAgent: string): string {
  return (userAgent.split('/')[0] ?? '').slice(0, MANAGER_LENGTH) || 'unknown';
}

function readDryRun(query: URLSearchParams, kind: string): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  const wrong = values.find((value) => value !== 'All');
  if (wrong !== undefined) {
    const message = `Unsupported value: ["${wrong}"]: supported values: "All"`;
    refuseOption(kind, { reason: 'FieldValueNotSupported', message, field: 'dryRun' });
  }
  return values.length > 0;
}

/** How an apply differs from other patches: it needs a manager and may force. */
export function checkApplyOptions(query: URLSearchParams, isApply: boolean): void {
  if (isApply && !query.get('fieldManager')) {
    refuseOption('PatchOptions', {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    });
  }
  if (!isApply && query.has('force')) {
    const message = 'Forbidden: may not be specified for non-apply patch';
    refuseOption('PatchOptions', { reason: 'FieldValueForbidden', message, field: 'force' });
  }
}

export function readDecoding(api: ApiRequest): Decoding {
  const validation = (api.query.get('fieldValidation') || 'Warn') as FieldValidation;
  return { validation, warnings: api.warnings };
}

/** `DeleteOptions`, from the body or else from the query. */
export function readRemoveOptions(api: ApiRequest, body: unknown): RemoveOptions {
  const sent: JsonObject = isObject(body) ? body : {};
  const preconditions: JsonObject = isObject(sent.preconditions) ? sent.preconditions : {};
  const grace = sent.gracePeriodSeconds ?? api.query.get('gracePeriodSeconds');
  const dryRuns = sent.dryRun ?? (api.query.has('dryRun') ? ['All'] : []);
  return {
    propagation: readPropagation(sent, api.query),
    graceSeconds: grace === null ? undefined : Number(grace),
    uid: preconditions.uid as string | undefined,
    resourceVersion: preconditions.resourceVersion as string | undefined,
    dryRun: Array.isArray(dryRuns) && dryRuns.length > 0,
  };
}

function readPropagation(sent: JsonObject, query: URLSearchParams): Propagation | undefined {
  const orphan = sent.orphanDependents ?? query.get('orphanDependents');
  if (orphan === true || orphan === 'true') return 'Orphan';
  return (sent.propagationPolicy ?? query.get('propagationPolicy') ?? undefined) as Propagation | undefined;
}
