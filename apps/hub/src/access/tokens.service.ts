import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject, Role } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import { HubConfig } from '../config/index.js';
import type { ApiToken } from './api-token.repository.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { AuditRepository } from './audit.repository.js';
import { hashSecret, makeToken, parseToken, secretMatches } from './token-text.js';

/** Who calls: shown as the actor of what they do. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  readonly tokenId: string;
}

export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  readonly expiresInMs: number | undefined;
}

/** Who does something to tokens, why, and by which request. */
export interface TokenAct {
  readonly caller: Identity;
  readonly request: { readonly reason?: string; readonly dryRun?: boolean; readonly requestId?: string };
}

/** How long a token that was seen valid is trusted without another look: a revocation works within this time. */
const TRUSTED_MS = 2_000;
const FIRST_ADMIN = 'first-admin';

@Injectable()
export class TokensService implements OnApplicationBootstrap {
  private readonly seen = new Map<string, { identity: Identity; until: number }>();

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(ApiTokenRepository) private readonly tokens: ApiTokenRepository,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
  ) {}

  /**
   * The first admin token is the one in the operator's file, when there is one: with several hubs, a Secret that all of them
   * see. Else it goes to that file, which only its owner may read, never to output.
   */
  async onApplicationBootstrap(): Promise<void> {
    const given = await this.readGiven();
    if (given === undefined) await this.makeFirst();
    else await this.takeGiven(given);
  }

  private async readGiven(): Promise<string | undefined> {
    try {
      return (await readFile(this.config.settings.adminTokenFile, 'utf8')).trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A token that was known before stays what it is: one that was revoked does not come back with a restart. */
  private async takeGiven(text: string): Promise<void> {
    const parts = parseToken(text);
    if (!parts)
      throw new Error(
        `${this.config.settings.adminTokenFile} holds no token: flo_, 12 letters or digits, _, 43 characters`,
      );
    const { id, secret } = parts;
    const token = {
      id,
      role: 'admin' as const,
      secretHash: hashSecret(secret),
      createdBy: 'hub',
      expiresAt: undefined,
    };
    if (await this.tokens.isKnown(id)) return;
    const made = await this.tokens.insert({ ...token, name: FIRST_ADMIN });
    if (!made && !(await this.tokens.isKnown(id))) await this.tokens.insert({ ...token, name: `${FIRST_ADMIN}-${id}` });
  }

  private async makeFirst(): Promise<void> {
    const token = makeToken();
    const first = { id: token.id, name: FIRST_ADMIN, role: 'admin' as const, secretHash: hashSecret(token.secret) };
    const made = await this.tokens.insertFirst({ ...first, createdBy: 'hub', expiresAt: undefined });
    if (!made) return;
    try {
      await this.writeFirst(token.text);
    } catch (error) {
      // A token that nobody holds would lock everybody out: let the next start try again.
      await this.tokens.remove(token.id);
      throw error;
    }
  }

  private async writeFirst(text: string): Promise<void> {
    const file = this.config.settings.adminTokenFile;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
    await chmod(file, 0o600);
  }

  /** @throws Fault unauthenticated */
  async authenticate(text: string): Promise<Identity> {
    const known = this.seen.get(text);
    if (known && known.until > Date.now()) return known.identity;
    this.seen.delete(text);
    const parts = parseToken(text);
    const found = parts && (await this.tokens.find(parts.id));
    if (!parts || !found || !secretMatches(parts.secret, found.secretHash)) {
      throw new Fault(
        'unauthenticated',
        'the token is unknown, expired or revoked',
        'flotilla login URL --token-file FILE',
      );
    }
    const identity = { name: found.name, role: found.role, tokenId: found.id };
    this.remember(text, identity);
    return identity;
  }

  private remember(text: string, identity: Identity): void {
    if (this.seen.size > 1_000) this.seen.clear();
    this.seen.set(text, { identity, until: Date.now() + TRUSTED_MS });
    void this.tokens.markUsed([identity.tokenId]).catch(() => undefined);
  }

  list(): Promise<ApiToken[]> {
    return this.tokens.list();
  }

  /**
   * The text is told once, here. Undefined for a dry run.
   * @throws Fault conflict when the name is taken, or the request id has been used.
   */
  async create(request: TokenRequest, act: TokenAct): Promise<{ id: string; text: string } | undefined> {
    const { name, role } = request;
    if (await this.isRepeated('token.create', name, act))
      throw new Fault('conflict', `this request id has made the token ${name} already, which was told then`);
    const token = makeToken();
    const made =
      act.request.dryRun === true ? !(await this.tokens.isTaken(name)) : await this.insert(token, request, act);
    if (!made) throw new Fault('conflict', `there is a token named ${name}`, 'revoke it first, or take another name');
    if (act.request.dryRun === true) return undefined;
    await this.record('token.create', name, { ...act, detail: { role } });
    return { id: token.id, text: token.text };
  }

  private insert(
    { id, secret }: { readonly id: string; readonly secret: string },
    { name, role, expiresInMs }: TokenRequest,
    { caller }: TokenAct,
  ): Promise<boolean> {
    const expiresAt = expiresInMs === undefined ? undefined : new Date(Date.now() + expiresInMs);
    return this.tokens.insert({ id, name, role, secretHash: hashSecret(secret), createdBy: caller.name, expiresAt });
  }

  /** @throws Fault notFound, conflict when the request id has been used for something else */
  async revoke(idOrName: string, act: TokenAct): Promise<void> {
    if (await this.isRepeated('token.revoke', idOrName, act)) return;
    const dryRun = act.request.dryRun === true;
    const found = dryRun ? await this.tokens.isTaken(idOrName) : await this.tokens.revoke(idOrName);
    if (!found) throw new Fault('notFound', `there is no token ${idOrName}`, 'flotilla get tokens');
    if (dryRun) return;
    this.seen.clear();
    await this.record('token.revoke', idOrName, act);
  }

  private isRepeated(action: string, subject: string, { request }: TokenAct): Promise<boolean> {
    return this.audit.isRepeated(action, subject, request.requestId);
  }

  private record(action: string, subject: string, act: TokenAct & { detail?: JsonObject }): Promise<void> {
    const { reason, requestId } = act.request;
    return this.audit.record({
      actor: act.caller.name,
      action,
      subject,
      outcome: 'done',
      ...(reason === undefined ? {} : { reason }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(act.detail === undefined ? {} : { detail: act.detail }),
    });
  }
}
