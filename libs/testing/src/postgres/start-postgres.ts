import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { stopWithParent } from '../processes/index.js';
import type { Identity, PostgresBinaries } from './postgres-binaries.js';
import { postgresBinaries, postgresIdentity } from './postgres-binaries.js';

const run = promisify(execFile);
const USER = 'flotilla';

/** A running PostgreSQL of our own, on loopback. Disposing it stops it, and removes its data unless a folder was given. */
export interface EmbeddedDatabase extends AsyncDisposable {
  readonly port: number;
  /** URL of a database of that name. */
  url(database?: string): string;
}

export interface EmbeddedOptions {
  /** Where the data stays for the next start. Without it: a temporary folder, and no care for durability. */
  readonly folder?: string;
  readonly port?: number;
}

/** Starts a real PostgreSQL from the npm package. @throws Error with Postgres' own words when it does not come up. */
export async function startPostgres(options: EmbeddedOptions = {}): Promise<EmbeddedDatabase> {
  const identity = postgresIdentity();
  const binaries = await postgresBinaries(identity);
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'flotilla-postgres-')));
  const data = join(folder, 'data');
  const password = await initialise({ binaries, identity, folder, data });
  await stopStale(data);
  const port = options.port ?? (await freePort());
  const server = await launch({ binaries, identity, data, port, durable: options.folder !== undefined });
  return {
    port,
    url: (database = 'postgres') => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`,
    async [Symbol.asyncDispose]() {
      await stop(server);
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly binaries: PostgresBinaries;
  readonly identity: Identity;
  readonly folder: string;
  readonly data: string;
}

/** Makes the data folder at the first start. Returns the password, which lies beside it. */
async function initialise({ binaries, identity, folder, data }: Place): Promise<string> {
  const passwordFile = join(folder, 'password');
  const kept = await readFile(passwordFile, 'utf8').catch(() => undefined);
  const initialised = await readFile(join(data, 'PG_VERSION')).catch(() => undefined);
  if (kept !== undefined && initialised) return kept.trim();
  await mkdir(folder, { recursive: true });
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  const password = randomBytes(18).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (identity.uid !== undefined) {
    for (const path of [folder, data, passwordFile]) await chown(path, identity.uid, identity.gid ?? identity.uid);
  }
  const flags = [`--pgdata=${data}`, '--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`];
  await run(binaries.initdb, [...flags, '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'], {
    ...identity,
    cwd: '/',
  });
  return password;
}

/** A start that died by SIGKILL leaves its server behind: it must go before another one opens the same data. */
async function stopStale(data: string): Promise<void> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!pid || !alive(pid)) return;
  process.kill(pid, 'SIGQUIT');
  for (let i = 0; i < 100 && alive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 50));
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

interface Launch {
  readonly binaries: PostgresBinaries;
  readonly identity: Identity;
  readonly data: string;
  readonly port: number;
  readonly durable: boolean;
}

const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

async function launch({ binaries, identity, data, port, durable }: Launch): Promise<ChildProcess> {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  const flags = [...settings, ...(durable ? [] : FAST)].flatMap((setting) => ['-c', setting]);
  const server = spawn(binaries.postgres, ['-D', data, '-p', String(port), ...flags], {
    ...identity,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(server);
  stopWithParent(server.pid, 'INT');
  return server;
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = '';
    server.stderr?.on('data', (chunk: Buffer) => {
      if (words.length < 10_000) words += chunk.toString();
      if (words.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Postgres ended with ${code}: ${words}`)));
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await ended;
}

/** Runs statements on one database and disconnects. */
export async function query(url: string, statement: string): Promise<void> {
  await read(url, statement);
}

/** Rows of a statement on one database. */
export async function read<T>(url: string, statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(statement);
    return rows as T[];
  } finally {
    await client.end();
  }
}
