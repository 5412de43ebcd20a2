import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { Role } from '@flotilla/domain';
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

  /** The text is told once, here. @throws Fault conflict when the name is taken. */
  async create(request: TokenRequest, actor: Identity): Promise<{ id: string; text: string }> {
    const token = makeToken();
    const expiresAt = request.expiresInMs === undefined ? undefined : new Date(Date.now() + request.expiresInMs);
    const made = await this.tokens.insert({
      id: token.id,
      name: request.name,
      role: request.role,
      secretHash: hashSecret(token.secret),
      createdBy: actor.name,
      expiresAt,
    });
    if (!made)
      throw new Fault('conflict', `there is a token named ${request.name}`, 'revoke it first, or take another name');
    await this.audit.record({
      actor: actor.name,
      action: 'token.create',
      subject: request.name,
      outcome: 'done',
      detail: { role: request.role },
    });
    return { id: token.id, text: token.text };
  }

  /** @throws Fault notFound */
  async revoke(idOrName: string, actor: Identity): Promise<void> {
    if (!(await this.tokens.revoke(idOrName))) throw new Fault('notFound', `there is no token ${idOrName}`);
    this.seen.clear();
    await this.audit.record({ actor: actor.name, action: 'token.revoke', subject: idOrName, outcome: 'done' });
  }
}
