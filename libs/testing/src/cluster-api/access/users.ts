import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { unauthorized } from '../status-error.js';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface Identity {
  readonly user: User;
  /** Set when the call asks to be done in another's name. */
  readonly impersonated: User | undefined;
}

export const ADMIN: User = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** Static bearer tokens, and client certificates of the cluster's own authority. */
export class Users {
  private readonly tokens = new Map<string, User>();

  add(user: User, token = randomBytes(24).toString('base64url')): string {
    this.tokens.set(token, { name: user.name, groups: [...new Set([...user.groups, 'system:authenticated'])] });
    return token;
  }

  withToken(token: string): User | undefined {
    return this.tokens.get(token);
  }

  entries(): [token: string, user: User][] {
    return [...this.tokens];
  }

  /** @throws 401 when the request carries no credential that this cluster knows. */
  identify(request: IncomingMessage): Identity {
    const user = this.bearer(request) ?? ofCertificate(request.socket as TLSSocket);
    if (!user) throw unauthorized();
    return { user, impersonated: readImpersonation(request) };
  }

  private bearer(request: IncomingMessage): User | undefined {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    return scheme?.toLowerCase() === 'bearer' && token ? this.tokens.get(token) : undefined;
  }
}

function ofCertificate(socket: TLSSocket): User | undefined {
  if (!socket.authorized) return undefined;
  // A certificate may carry many organisations; the typings know one.
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] } | undefined;
  if (!subject?.CN) return undefined;
  return { name: subject.CN, groups: [[subject.O ?? []].flat(), 'system:authenticated'].flat() };
}

function readImpersonation(request: IncomingMessage): User | undefined {
  const name = request.headers['impersonate-user'];
  if (typeof name !== 'string' || name === '') return undefined;
  const groups = request.headersDistinct['impersonate-group'] ?? [];
  return { name, groups: [...groups, 'system:authenticated'] };
}
