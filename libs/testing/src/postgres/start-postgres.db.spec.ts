import { expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { query, startPostgres } from './start-postgres.js';

it('keeps what was written when a folder is given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-pg-spec-'));
  {
    await using server = await startPostgres({ folder });
    await query(server.url(), 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
  }
  await using again = await startPostgres({ folder });
  const client = new pg.Client({ connectionString: again.url() });
  await client.connect();
  const { rows } = await client.query<{ n: number }>('SELECT n FROM kept');
  await client.end();
  expect(rows).toEqual([{ n: 7 }]);
  await rm(folder, { recursive: true, force: true });
});
