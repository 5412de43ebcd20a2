import type { FaultCode, JsonObject } from '@flotilla/domain';
import { Fault, isJsonObject, memberText } from '@flotilla/domain';

/** Why the API server (or the way to it) refused; `reason` of a Status, or one of ours for failures below HTTP. */
export type ApiReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'TooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'ServerError'
  | 'Unavailable'
  | 'Timeout'
  | 'Unreachable'
  | 'Cancelled'
  | 'Fenced';

/** One cause of a Status, e.g. reason `FieldManagerConflict` with the field it is about. */
export interface ApiCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

const CODES: Readonly<Record<ApiReason, FaultCode>> = {
  BadRequest: 'badInput',
  Unauthorized: 'unauthenticated',
  Forbidden: 'forbidden',
  NotFound: 'notFound',
  MethodNotAllowed: 'notApplicable',
  AlreadyExists: 'conflict',
  Conflict: 'conflict',
  Expired: 'notApplicable',
  TooLarge: 'tooLarge',
  UnsupportedMediaType: 'badInput',
  Invalid: 'badInput',
  TooManyRequests: 'rateLimited',
  ServerError: 'unavailable',
  Unavailable: 'unavailable',
  Timeout: 'timeout',
  Unreachable: 'unavailable',
  Cancelled: 'timeout',
  Fenced: 'unavailable',
};

/** A refusal of the API server. The message is the server's own and never holds a request body. */
export class ApiFault extends Fault {
  constructor(
    readonly reason: ApiReason,
    message: string,
    readonly details: { readonly causes?: readonly ApiCause[]; readonly retryAfterMs?: number } = {},
  ) {
    super(CODES[reason], message);
  }

  get causes(): readonly ApiCause[] {
    return this.details.causes ?? [];
  }

  /** How long the server asked to wait, in ms. */
  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }
}

export function isApiFault(error: unknown, ...reasons: readonly ApiReason[]): error is ApiFault {
  return error instanceof ApiFault && (reasons.length === 0 || reasons.includes(error.reason));
}

const REASONS: Readonly<Record<number, ApiReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'UnsupportedMediaType',
  409: 'Conflict',
  410: 'Expired',
  413: 'TooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'ServerError',
  503: 'Unavailable',
  504: 'Timeout',
};

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

export function isNotModified(status: number): boolean {
  return status === 304;
}

/** The fault of an HTTP answer. This is the one place that knows HTTP status codes of the API server. */
export function toApiFault(status: number, body: string, retryAfter?: string): ApiFault {
  const answer = parseStatus(body);
  const message = typeof answer['message'] === 'string' ? answer['message'] : `the API server answered ${status}`;
  const reason = answer['reason'] === 'AlreadyExists' ? 'AlreadyExists' : reasonOf(status, message);
  const seconds = Number(retryAfter);
  const wait = retryAfter !== undefined && Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
  return new ApiFault(reason, message, { causes: readCauses(answer), ...wait });
}

/** A field of the wrong type, say text for a number: the server answers server-side apply with 500, and always will. */
const WRONG_TYPE = 'failed to create typed patch object';

function reasonOf(status: number, message: string): ApiReason {
  return status === 500 && message.startsWith(WRONG_TYPE) ? 'Invalid' : (REASONS[status] ?? 'ServerError');
}

/** The fault in an ERROR event of a watch. */
export function statusFault(status: JsonObject): ApiFault {
  const code = typeof status['code'] === 'number' ? status['code'] : 500;
  return toApiFault(code, JSON.stringify(status));
}

function parseStatus(body: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(body);
    return isJsonObject(parsed) && parsed['kind'] === 'Status' ? parsed : {};
  } catch {
    return {};
  }
}

function readCauses(status: JsonObject): ApiCause[] {
  const details = status['details'];
  const causes = isJsonObject(details) && Array.isArray(details['causes']) ? details['causes'] : [];
  return causes.filter(isJsonObject).map((cause) => ({
    reason: memberText(cause, 'reason'),
    message: memberText(cause, 'message'),
    field: memberText(cause, 'field'),
  }));
}
