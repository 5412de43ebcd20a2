import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiCall, OpenCall } from '../access/api-call.js';
import { actingUser } from '../access/api-call.js';
import type { KeyPair } from '../access/authority.js';
import type { CallLog } from '../access/call-log.js';
import type { ApiFaultKind, FaultInjector } from '../access/fault-injector.js';
import type { Identity, Users } from '../access/users.js';
import type { Registry } from '../registry/registry.js';
import { forbidden, StatusError } from '../status-error.js';
import { answerError, ApiRequest } from './api-request.js';
import { contentType } from './read-body.js';
import type { Route } from './route.js';
import { parseRoute, verbOf } from './route.js';

export interface ApiServerParts {
  readonly registry: Registry;
  readonly users: Users;
  readonly calls: CallLog;
  readonly faults: FaultInjector;
  authorize?(call: ApiCall): string | undefined;
  handle(request: ApiRequest): Promise<void>;
}

/** Open to everybody, as under the default roles of a cluster. */
const PUBLIC = /^\/(healthz|livez|readyz|version)(\/|$)/;
const ANYBODY: Identity = {
  user: { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  impersonated: undefined,
};

/** The door: TLS, who is it, is it allowed, is a fault due; then the call goes to its handler. */
export class ApiServer {
  /** Those that still shake hands too: `closeAllConnections` of Node does not know them, and `close` waits for them. */
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly parts: ApiServerParts,
  ) {}

  static async listen(
    options: { port: number; ca: string; serving: KeyPair },
    parts: ApiServerParts,
  ): Promise<ApiServer> {
    const { ca, serving, port } = options;
    const server = createServer({
      ca,
      ...serving,
      requestCert: true,
      rejectUnauthorized: false,
      keepAliveTimeout: 120_000,
    });
    server.requestTimeout = 0;
    const api = new ApiServer(server, parts);
    server.on('connection', (socket: Socket) => {
      api.sockets.add(socket);
      socket.once('close', () => api.sockets.delete(socket));
    });
    server.on('request', (request, response) => void api.serve(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return api;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const route = parseRoute(url.pathname, this.parts.registry);
    const call = describeCall(request, { url, route });
    response.once('close', () => (call.status ||= response.headersSent ? response.statusCode : 0));
    this.parts.calls.add(call);
    try {
      const identity = PUBLIC.test(url.pathname) ? this.anyone(request) : this.parts.users.identify(request);
      noteIdentity(call, identity);
      if (!(await this.sufferFault(call, request, response))) return;
      this.refuse(call);
      await this.parts.handle(new ApiRequest(request, response, { route, query: url.searchParams, call, identity }));
    } catch (error) {
      answerError(response, error);
    }
    call.status = response.statusCode;
  }

  private anyone(request: IncomingMessage): Identity {
    return request.headers.authorization ? this.parts.users.identify(request) : ANYBODY;
  }

  /** @returns whether the call goes on. */
  private async sufferFault(call: ApiCall, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const fault = this.parts.faults.take(call);
    switch (fault?.kind) {
      case 'hang':
        return false;
      case 'reset':
        request.socket.destroy();
        return false;
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
        return true;
      case 'status':
        throw injectedStatus(fault);
      case 'cut':
        cutAfter(response, fault.afterEvents);
        return true;
      case undefined:
        return true;
    }
  }

  private refuse(call: ApiCall): void {
    const why = this.parts.authorize?.(call);
    if (why !== undefined) throw denied(call, why);
  }
}

const REASONS: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function injectedStatus({
  code,
  message = 'injected fault',
  retryAfterSeconds,
}: ApiFaultKind & { kind: 'status' }): StatusError {
  const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
  return new StatusError(code, REASONS[code] ?? '', message, details);
}

/** Destroys the connection once that many events (chunks of a watch) have gone out; the next one finds it gone. */
function cutAfter(response: ServerResponse, events: number): void {
  let left = events;
  const write = response.write.bind(response) as (chunk: string, sent: () => void) => boolean;
  const cut = (): void => void (left <= 0 && response.destroy());
  response.write = (chunk: string): boolean => {
    if (left <= 0) return false;
    left -= 1;
    return write(chunk, cut);
  };
}

function describeCall(request: IncomingMessage, { url, route }: { url: URL; route: Route }): OpenCall {
  const method = request.method ?? 'GET';
  const { group, version, resource, subresource, namespace, name } = route;
  return {
    ...{ at: Date.now(), method, path: url.pathname, query: url.search.slice(1) },
    ...{ verb: verbOf(method, route, url.searchParams), group, version, resource, subresource, namespace, name },
    ...{ user: '', impersonated: '', groups: [], userAgent: request.headers['user-agent'] ?? '' },
    ...{ contentType: contentType(request), dryRun: url.searchParams.has('dryRun'), status: 0 },
  };
}

function noteIdentity(call: OpenCall, { user, impersonated }: Identity): void {
  call.user = user.name;
  call.impersonated = impersonated?.name ?? '';
  call.groups = (impersonated ?? user).groups;
}

/** 403 in the words of the authorizer. */
function denied(call: ApiCall, why: string): StatusError {
  const user = JSON.stringify(actingUser(call));
  if (call.resource === '') {
    const message = `forbidden: User ${user} cannot ${call.method.toLowerCase()} path "${call.path}"`;
    return new StatusError(403, 'Forbidden', message, {});
  }
  const resource = call.subresource ? `${call.resource}/${call.subresource}` : call.resource;
  const scope = call.namespace ? `in the namespace "${call.namespace}"` : 'at the cluster scope';
  const what = `User ${user} cannot ${call.verb} resource "${resource}" in API group "${call.group}" ${scope}`;
  return forbidden({ group: call.group, plural: call.resource, kind: '' }, call.name, why ? `${what}: ${why}` : what);
}
