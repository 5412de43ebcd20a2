import { randomBytes } from 'node:crypto';
import { query, startPostgres } from './start-postgres.js';

/** Where the test run's server is found; set by the runner's global set-up, inherited by its workers. */
const VARIABLE = 'FLOTILLA_TEST_POSTGRES';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** An empty database of its own on the test run's server (or on one just for it). Migrations are the hub's to run. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const shared = process.env[VARIABLE];
  if (shared !== undefined) {
    await query(shared, `CREATE DATABASE ${name}`);
    return { url: withDatabase(shared, name), [Symbol.asyncDispose]: () => drop(shared, name) };
  }
  const server = await startPostgres();
  await query(server.url(), `CREATE DATABASE ${name}`);
  return { url: server.url(name), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function drop(server: string, name: string): Promise<void> {
  return query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.toString();
}

/** Global set-up of a test run: one server for all its files, unless `DATABASE_URL` names a real one. */
export async function setupTestPostgres(): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) {
    process.env[VARIABLE] = given;
    return () => Promise.resolve();
  }
  const server = await startPostgres();
  process.env[VARIABLE] = server.url();
  return () => Promise.resolve(server[Symbol.asyncDispose]());
}
