import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { ApiCall } from '../access/api-call.js';
import type { Identity } from '../access/users.js';
import type { JsonObject } from '../json.js';
import { NoSuchPath, StatusError } from '../status-error.js';
import type { Route } from './route.js';

/** One request under way, with all that handlers need to answer it. */
export class ApiRequest {
  /** Sent as `Warning` headers. */
  readonly warnings: string[] = [];

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly parts: {
      readonly route: Route;
      readonly query: URLSearchParams;
      readonly call: ApiCall;
      readonly identity: Identity;
    },
  ) {}

  get route(): Route {
    return this.parts.route;
  }

  get query(): URLSearchParams {
    return this.parts.query;
  }

  get call(): ApiCall {
    return this.parts.call;
  }

  get userAgent(): string {
    return this.request.headers['user-agent'] ?? '';
  }

  /** Media types the caller takes, by preference, in lower case. */
  get accepts(): string[] {
    return (this.request.headers.accept ?? '').split(',').map((type) => type.trim());
  }

  json(status: number, body: JsonObject | string): void {
    this.send(status, typeof body === 'string' ? body : JSON.stringify(body), 'application/json');
  }

  send(status: number, text: string, type: string): void {
    this.head(status, type);
    this.response.end(text);
  }

  /** Sends what is gzipped already, unpacked only for those who cannot take it. */
  gzipped(content: Buffer, type: string): void {
    const takes = /\bgzip\b/.test(this.request.headers['accept-encoding'] ?? '');
    if (takes) this.response.setHeader('content-encoding', 'gzip');
    this.head(200, type);
    this.response.end(takes ? content : gunzipSync(content));
  }

  head(status: number, type: string): void {
    if (this.warnings.length > 0)
      this.response.setHeader(
        'warning',
        this.warnings.map((text) => `299 - ${JSON.stringify(text)}`),
      );
    this.response.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache, private' });
  }
}

/** Answers a failure as the API server words it; what is none of ours is a mistake of this server, 500. */
export function answerError(response: ServerResponse, error: unknown): void {
  const failure = error instanceof StatusError ? error : new StatusError(500, 'InternalError', printInternal(error));
  if (response.headersSent) return void response.destroy();
  const retryAfter = failure.details?.retryAfterSeconds;
  if (typeof retryAfter === 'number') response.setHeader('retry-after', retryAfter);
  const plain = failure instanceof NoSuchPath;
  response.writeHead(failure.code, { 'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json' });
  response.end(plain ? failure.message : JSON.stringify(failure.toStatus()));
}

function printInternal(error: unknown): string {
  return `Internal error occurred: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
