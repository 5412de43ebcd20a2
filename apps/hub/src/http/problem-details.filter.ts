import type { ServerResponse } from 'node:http';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, HttpException, Inject } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { Logger } from '../logging/index.js';
import { HTTP_STATUS, TITLES, codeOfStatus } from './http-status.js';
import { STANDBY_HEADER } from './upstream-call.js';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): void;
}

/** RFC 9457 with Flotilla's code and, where there is one, what to do. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
  /** Messages by field, for bad input. */
  readonly errors?: readonly string[];
}

/** Every failed call is answered as problem details; a bug is logged with its stack and told without. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const details = detailsOf(error);
    if (details.status === 500) this.logger.error({ err: error }, 'a call failed by a bug');
    const reply = host.switchToHttp().getResponse<Reply>();
    for (const [name, value] of headersOf(details)) reply.header(name, value);
    reply.status(details.status).header('content-type', 'application/problem+json').send(details);
  }
}

/** Answers a call that never reached a controller. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const details = detailsOf(error);
  const headers = Object.fromEntries([...headersOf(details), ['content-type', 'application/problem+json'] as const]);
  response.writeHead(details.status, headers);
  response.end(JSON.stringify(details));
}

/** Answers a call whose address the framework cannot read: not UTF-8, or with a name longer than any. */
export function sendAddressProblem(
  error: { readonly statusCode?: number | undefined; readonly message: string },
  _request: unknown,
  reply: { hijack(): unknown; readonly raw: ServerResponse },
): void {
  reply.hijack();
  sendProblem(reply.raw, new HttpException(error.message, error.statusCode ?? 400));
}

function headersOf({ code }: ProblemDetails): (readonly [string, string])[] {
  if (code === 'unauthenticated') return [['www-authenticate', 'Bearer']];
  const later: (readonly [string, string])[] = isPassing(code) ? [['retry-after', '1']] : [];
  return code === 'notLeader' ? [[STANDBY_HEADER, '1'], ...later] : later;
}

/** Whether the same call may well be answered in a second. */
function isPassing(code: string): boolean {
  return code === 'notLeader' || code === 'unavailable' || code === 'rateLimited';
}

function detailsOf(error: unknown): ProblemDetails {
  if (error instanceof Fault) return detailsOfFault(error);
  if (error instanceof HttpException) return detailsOfException(error);
  return detailsOfFault(new Fault('internal', 'the hub failed; its log says why'));
}

function detailsOfFault(fault: Fault): ProblemDetails {
  return {
    type: `urn:flotilla:fault:${fault.code}`,
    title: TITLES[fault.code],
    status: HTTP_STATUS[fault.code],
    detail: fault.message,
    code: fault.code,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  };
}

function detailsOfException(error: HttpException): ProblemDetails {
  const status = error.getStatus();
  const response = error.getResponse();
  const messages = typeof response === 'object' ? (response as { message?: unknown }).message : response;
  const errors = Array.isArray(messages) ? messages.map(String) : undefined;
  const fault = new Fault(codeOfStatus(status), errors ? errors.join('; ') : error.message);
  return { ...detailsOfFault(fault), status, ...(errors ? { errors } : {}) };
}
