import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

export interface ApiRequest {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How to reach an API, and as whom: by a token, or by a client certificate when one is given. */
export interface ApiAccess {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A client of a Kubernetes API that hides nothing: method, path, body, answer. */
export class ApiClient implements Disposable {
  private readonly agent: Agent;

  constructor(private readonly server: ApiAccess) {
    this.agent = new Agent({ ca: server.caPem, keepAlive: true, ...optionalPair(server) });
  }

  /** Answers of any status are returned; only a broken connection throws. */
  async call(method: string, path: string, options: ApiRequest = {}): Promise<ApiAnswer> {
    const response = await this.open(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const json = response.headers['content-type']?.startsWith('application/json') === true;
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: json ? (JSON.parse(text) as unknown) : text,
    };
  }

  /** The response as a stream, for watches. */
  open(
    method: string,
    path: string,
    options: ApiRequest & { readonly signal?: AbortSignal } = {},
  ): Promise<IncomingMessage> {
    const content = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, this.server.url), {
        method,
        agent: this.agent,
        ...(options.signal ? { signal: options.signal } : {}),
        headers: {
          accept: 'application/json',
          ...(this.server.cert === undefined ? { authorization: `Bearer ${this.server.token}` } : {}),
          ...(content === undefined ? {} : contentHeaders(content, options.contentType)),
          ...options.headers,
        },
      });
      call.on('response', resolve).on('error', reject).end(content);
    });
  }

  [Symbol.dispose](): void {
    this.agent.destroy();
  }
}

function optionalPair({ cert, key }: ApiAccess): { cert: string; key: string } | Record<never, never> {
  return cert !== undefined && key !== undefined ? { cert, key } : {};
}

/** Node sends no length with the body of a DELETE: the server would read it as the beginning of the next request. */
function contentHeaders(content: string, type = 'application/json'): Record<string, string | number> {
  return { 'content-type': type, 'content-length': Buffer.byteLength(content) };
}
