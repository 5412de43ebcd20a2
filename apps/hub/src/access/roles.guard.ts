import { readFile } from 'node:fs/promises';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Role } from '@flotilla/domain';
import { Fault, roleAllows } from '@flotilla/domain';
import { HubConfig } from '../config/index.js';
import { ROLE_METADATA, SIGNED_METADATA } from './needs.decorator.js';
import type { Identity } from './tokens.service.js';
import { TokensService } from './tokens.service.js';
import { knowsSecret } from './webhook-secret.js';

interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody?: Uint8Array;
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
    @Inject(HubConfig) private readonly config: HubConfig,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const needed = this.reflector.getAllAndOverride<Role | 'public' | undefined>(ROLE_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (needed === 'public') return true;
    const request = context.switchToHttp().getRequest<Request>();
    request.identity = (await this.signedBy(request, context)) ?? (await this.tokens.authenticate(bearerOf(request)));
    const role = needed ?? 'viewer';
    if (roleAllows(request.identity.role, role)) return true;
    throw new Fault(
      'forbidden',
      `this needs the role ${role}; your token has ${request.identity.role}`,
      'ask an admin for a token',
    );
  }

  /** A Git server that proves that it knows the secret. The file is read anew each time, so that the secret may change. */
  private async signedBy(request: Request, context: ExecutionContext): Promise<Identity | undefined> {
    const { webhookSecretFile } = this.config.settings;
    const signed = this.reflector.get<boolean | undefined>(SIGNED_METADATA, context.getHandler());
    if (signed !== true || webhookSecretFile === undefined || request.headers['authorization'] !== undefined)
      return undefined;
    const secret = (await readFile(webhookSecretFile, 'utf8')).trim();
    if (secret === '') throw new Fault('internal', 'the file with the secret of the webhook is empty');
    if (!knowsSecret(secret, request.headers, request.rawBody ?? new Uint8Array())) {
      const hint = 'Give the Git server the secret of the file that FLOTILLA_WEBHOOK_SECRET_FILE names.';
      throw new Fault('unauthenticated', 'the call is not signed with the secret of the webhook', hint);
    }
    return { name: 'webhook', role: 'operator', tokenId: 'webhook' };
  }
}

function bearerOf(request: Request): string {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers['authorization'] ?? '') ?? [];
  if (token === undefined)
    throw new Fault('unauthenticated', 'a bearer token is needed', 'flotilla login URL --token-file FILE');
  return token;
}
