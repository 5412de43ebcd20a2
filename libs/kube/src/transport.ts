import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ApiFault, isNotModified, isSuccess, toApiFault } from './api-fault.js';
import type { Connection } from './connection.js';
import { Outage } from './outage.js';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** User to impersonate, e.g. `system:serviceaccount:web:deployer`. */
  readonly impersonate?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly guard?: WriteGuard | undefined;
}

/** Asked right before the bytes of a write leave: whatever it waited for, none leaves when it must not any more. */
export interface WriteGuard {
  /** @throws ApiFault when no write may begin */
  begin(): void;
  /** A write that began is answered or given up. */
  end(): void;
}

export interface ApiAnswer {
  readonly body: string;
  readonly etag: string | undefined;
  readonly notModified: boolean;
}

export type RequestUse = 'calls' | 'watches';

/** Counts calls for tests and metrics; never sees bodies. */
export type CallObserver = (call: {
  readonly method: string;
  readonly path: string;
  readonly impersonate: string;
}) => void;

/** Told of every answer: HTTP status, 0 when there was none. For metrics. */
export type AnswerObserver = (answer: { readonly method: string; readonly status: number }) => void;

const DEFAULT_TIMEOUT_MS = 15_000;

/** One HTTP exchange with the API server. Failures are ApiFaults. */
export class Transport {
  private readonly outage = new Outage(() => performance.now());

  constructor(
    private readonly connection: Connection,
    private readonly observe: CallObserver = () => undefined,
    private readonly answered: AnswerObserver = () => undefined,
  ) {}

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const response = await this.open(request, 'calls');
    const body = await readBody(response);
    const status = response.statusCode ?? 0;
    if (isSuccess(status) || isNotModified(status)) {
      return { body, etag: response.headers.etag, notModified: isNotModified(status) };
    }
    const fault = toApiFault(status, body, response.headers['retry-after']);
    if (fault.reason === 'Unauthorized') this.connection.expire();
    throw fault;
  }

  /** Opens a stream; the caller reads the body. A refusal is read and thrown. */
  async stream(request: ApiRequest): Promise<IncomingMessage> {
    const response = await this.open(request, 'watches');
    const status = response.statusCode ?? 0;
    if (isSuccess(status)) return response;
    throw toApiFault(status, await readBody(response), response.headers['retry-after']);
  }

  private async open(request: ApiRequest, use: RequestUse): Promise<IncomingMessage> {
    const isProbe = this.outage.enter();
    this.observe({ method: request.method, path: request.path, impersonate: request.impersonate ?? '' });
    let status = 0;
    try {
      const response = await this.exchangeTwice(request, use);
      status = response.statusCode ?? 0;
      this.outage.ended();
      return response;
    } catch (error) {
      if (error instanceof NoConnection) this.outage.failed(error.message, isProbe);
      throw error;
    } finally {
      if (isProbe) this.outage.probed();
      this.answered({ method: request.method, status });
    }
  }

  /** A kept-alive socket may die while it idles: a request that fails on a used socket before any answer is sent once more. */
  private async exchangeTwice(request: ApiRequest, use: RequestUse): Promise<IncomingMessage> {
    try {
      return await this.exchange(request, use);
    } catch (error) {
      if (error instanceof StaleSocket) return this.exchange(request, use).catch(rethrowStale);
      throw error;
    }
  }

  private async exchange(request: ApiRequest, use: RequestUse): Promise<IncomingMessage> {
    const { server } = this.connection;
    const base = await this.connection.requestOptions(use);
    const send = server.protocol === 'http:' ? httpRequest : httpsRequest;
    const options = {
      ...base,
      method: request.method,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? undefined : server.port,
      path: server.pathname.replace(/\/$/, '') + request.path + printQuery(request.query),
      headers: { ...(base.headers as Record<string, string> | undefined), ...printHeaders(request) },
      signal: request.signal,
    };
    return new Promise((resolve, reject) => {
      const sent: ClientRequest = send(options, resolve);
      const timeout = setTimeout(() => sent.destroy(timedOut(request)), request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const answered = (response: IncomingMessage): void => {
        if (use === 'watches') clearTimeout(timeout);
        else response.once('close', () => clearTimeout(timeout));
      };
      sent.once('response', answered);
      sent.once('close', () => clearTimeout(timeout));
      sent.once('error', (error) => reject(toFault(error, sent)));
      if (request.guard === undefined) sent.end(request.body);
      else sendGuarded(sent, request.guard, request.body);
    });
  }
}

/** Sends nothing before the connection stands: a request must not leave long after it was allowed. */
function sendGuarded(sent: ClientRequest, guard: WriteGuard, body: string | undefined): void {
  const send = (): void => {
    if (sent.destroyed) return;
    try {
      guard.begin();
    } catch (error) {
      sent.destroy(error as Error);
      return;
    }
    sent.once('close', () => guard.end());
    sent.end(body);
  };
  sent.once('socket', (socket: Socket) => {
    if (socket.connecting) socket.once(sent.protocol === 'https:' ? 'secureConnect' : 'connect', send);
    else send();
  });
}

class StaleSocket extends Error {}

/** Not even a connection could be made. */
class NoConnection extends ApiFault {
  constructor(code: string) {
    super('Unreachable', `the API server cannot be reached: ${code}`);
  }
}

const NO_CONNECTION: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

function rethrowStale(error: unknown): never {
  throw error instanceof StaleSocket ? new ApiFault('Unreachable', 'the API server closed the connection') : error;
}

function toFault(error: Error & { code?: string }, sent: ClientRequest): Error {
  if (error instanceof ApiFault) return error;
  if (error.name === 'AbortError') return new ApiFault('Cancelled', 'the call was cancelled');
  if (sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE'))
    return new StaleSocket(error.message);
  if (NO_CONNECTION.has(error.code)) return new NoConnection(error.code ?? '');
  return new ApiFault('Unreachable', `the API server cannot be reached: ${error.code ?? error.message}`);
}

function timedOut(request: ApiRequest): ApiFault {
  return new ApiFault('Timeout', `the API server did not answer ${request.method} in time`);
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    if (error instanceof ApiFault) throw error;
    throw new ApiFault('Unreachable', 'the API server broke off its answer');
  }
  return Buffer.concat(chunks).toString('utf8');
}

function printHeaders(request: ApiRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: request.accept ?? 'application/json', ...request.headers };
  if (request.body !== undefined) {
    headers['content-type'] = request.contentType ?? 'application/json';
    headers['content-length'] = String(Buffer.byteLength(request.body));
  }
  if (request.impersonate !== undefined && request.impersonate !== '')
    headers['impersonate-user'] = request.impersonate;
  return headers;
}

function printQuery(query: ApiRequest['query'] = {}): string {
  const pairs = Object.entries(query).filter((pair) => pair[1] !== undefined && pair[1] !== '');
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&')}`;
}
