import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Role } from '@flotilla/domain';
import { Fault, roleAllows } from '@flotilla/domain';
import { ROLE_METADATA } from './needs.decorator.js';
import type { Identity } from './tokens.service.js';
import { TokensService } from './tokens.service.js';

interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>;
  identity?: Identity;
}

/** The caller of the route. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const { identity } = context.switchToHttp().getRequest<Request>();
  if (!identity) throw new Fault('internal', 'a public route has no caller');
  return identity;
});

/** Checks bearer token and role of every call to the REST API. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(TokensService) private readonly tokens: TokensService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const needed = this.reflector.getAllAndOverride<Role | 'public' | undefined>(ROLE_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (needed === 'public') return true;
    const request = context.switchToHttp().getRequest<Request>();
    request.identity = await this.tokens.authenticate(bearerOf(request));
    const role = needed ?? 'viewer';
    if (roleAllows(request.identity.role, role)) return true;
    throw new Fault(
      'forbidden',
      `this needs the role ${role}; your token has ${request.identity.role}`,
      'ask an admin for a token',
    );
  }
}

function bearerOf(request: Request): string {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers['authorization'] ?? '') ?? [];
  if (token === undefined)
    throw new Fault('unauthenticated', 'a bearer token is needed', 'flotilla login URL --token-file FILE');
  return token;
}
