import { expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query, read, startPostgres } from './start-postgres.js';

it('keeps what was written when a folder is given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-pg-spec-'));
  {
    await using server = await startPostgres({ folder });
    await query(server.url(), 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
  }
  {
    await using again = await startPostgres({ folder });
    expect(await read(again.url(), 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  }
  // Only now: a server whose folder goes under its feet may never end.
  await rm(folder, { recursive: true, force: true });
});
