import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '@flotilla/testing';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHubConfig } from '../config/index.js';
import { createDataSource, migrate } from '../database/data-source.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { AuditRepository } from './audit.repository.js';
import { makeToken } from './token-text.js';
import type { TokenAct } from './tokens.service.js';
import { TokensService } from './tokens.service.js';

let folder = '';
let url = '';
/** Of the hub that started last. */
let audit: AuditRepository;
const disposals: (() => PromiseLike<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-access-'));
  const database = await testDatabase();
  ({ url } = database);
  disposals.push(() => database[Symbol.asyncDispose]());
});
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
  await rm(folder, { recursive: true });
});

/** A hub as it starts, with a disk of its own. */
async function start(file: string): Promise<TokensService> {
  const config = readHubConfig({
    DATABASE_URL: url,
    FLOTILLA_FLEET_URL: 'file:///none',
    FLOTILLA_ADMIN_TOKEN_FILE: join(folder, file),
  });
  const dataSource: DataSource = await createDataSource(config).initialize();
  disposals.push(() => dataSource.destroy());
  await migrate(dataSource);
  audit = new AuditRepository(dataSource);
  const service = new TokensService(config, new ApiTokenRepository(dataSource), audit);
  await service.onApplicationBootstrap();
  return service;
}

const textOf = async (file: string): Promise<string> => (await readFile(join(folder, file), 'utf8')).trim();
const ADMIN = { name: 'first-admin', role: 'admin' };

describe('the first admin token', () => {
  it('is made once, and written where only its owner may read', async () => {
    await start('a/token');
    const other = await start('b/token');
    expect((await stat(join(folder, 'a/token'))).mode & 0o777).toBe(0o600);
    await expect(stat(join(folder, 'b/token'))).rejects.toThrow('ENOENT');
    expect(await other.authenticate(await textOf('a/token'))).toMatchObject(ADMIN);
    const again = await start('a/token');
    expect(await again.authenticate(await textOf('a/token'))).toMatchObject(ADMIN);
  });

  it('is the one that the operator gave to every hub', async () => {
    const { text } = makeToken();
    await writeFile(join(folder, 'secret'), `${text}\n`, { mode: 0o440 });
    const [first, second] = await Promise.all([start('secret'), start('secret')]);
    for (const hub of [first, second]) expect(await hub.authenticate(text)).toMatchObject(ADMIN);
    expect(await textOf('secret')).toBe(text);
  });

  it('does not come back once revoked, and another one in its place lets the operator in again', async () => {
    const [lost, found] = [makeToken(), makeToken()];
    await writeFile(join(folder, 'secret'), lost.text);
    const hub = await start('secret');
    const admin = await hub.authenticate(lost.text);
    const act = { caller: admin, request: {} };
    await hub.create({ name: 'ana', role: 'admin', expiresInMs: undefined }, act);
    await hub.revoke('first-admin', act);
    await expect((await start('secret')).authenticate(lost.text)).rejects.toThrow('unknown, expired or revoked');
    await writeFile(join(folder, 'secret'), found.text);
    expect(await (await start('secret')).authenticate(found.text)).toMatchObject(ADMIN);
  });

  it('cannot be anything else', async () => {
    await writeFile(join(folder, 'secret'), 'hunter2');
    await expect(start('secret')).rejects.toThrow('holds no token');
  });
});

describe('acts on tokens', () => {
  const viewer = (name: string) => ({ name, role: 'viewer', expiresInMs: undefined }) as const;

  it('carry their reason, do nothing when dry, and are done once by a request id', async () => {
    const hub = await start('token');
    const caller = await hub.authenticate(await textOf('token'));
    const by = (request: TokenAct['request']): TokenAct => ({ caller, request });
    expect(await hub.create(viewer('ci'), by({ dryRun: true }))).toBeUndefined();
    await expect(hub.revoke('ci', by({ dryRun: true }))).rejects.toThrow('there is no token ci');
    expect(await hub.create(viewer('ci'), by({ reason: 'for CI', requestId: 'r1' }))).toMatchObject({ text: /^flo_/ });
    await expect(hub.create(viewer('ci'), by({ requestId: 'r1' }))).rejects.toThrow('was told then');
    await expect(hub.create(viewer('ci'), by({ dryRun: true }))).rejects.toThrow('there is a token named ci');
    await expect(hub.revoke('ci', by({ requestId: 'r1' }))).rejects.toThrow('has been used for token.create of ci');
    await hub.revoke('ci', by({ dryRun: true }));
    await hub.revoke('ci', by({ requestId: 'r2' }));
    await hub.revoke('ci', by({ requestId: 'r2' }));
    const rows = await audit.list({ subject: 'ci', limit: 10 });
    expect(rows.map(({ action, reason, requestId }) => ({ action, reason, requestId }))).toEqual([
      { action: 'token.revoke', reason: '', requestId: 'r2' },
      { action: 'token.create', reason: 'for CI', requestId: 'r1' },
    ]);
  });
});
