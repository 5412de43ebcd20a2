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
import { TokensService } from './tokens.service.js';

let folder = '';
let url = '';
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
  const service = new TokensService(config, new ApiTokenRepository(dataSource), new AuditRepository(dataSource));
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
    await hub.create({ name: 'ana', role: 'admin', expiresInMs: undefined }, admin);
    await hub.revoke('first-admin', admin);
    await expect((await start('secret')).authenticate(lost.text)).rejects.toThrow('unknown, expired or revoked');
    await writeFile(join(folder, 'secret'), found.text);
    expect(await (await start('secret')).authenticate(found.text)).toMatchObject(ADMIN);
  });

  it('cannot be anything else', async () => {
    await writeFile(join(folder, 'secret'), 'hunter2');
    await expect(start('secret')).rejects.toThrow('holds no token');
  });
});
