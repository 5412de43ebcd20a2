import { testDatabase } from '@flotilla/testing';
import { expect, it } from 'vitest';
import { readHubConfig } from '../config/index.js';
import { createDataSource } from './data-source.js';
import { queryPrepared } from './query-prepared.js';

it('plans a statement once per connection, also after one that failed', async () => {
  await using db = await testDatabase();
  const config = readHubConfig({ DATABASE_URL: db.url, FLOTILLA_FLEET_URL: 'https://git.example/fleet' });
  const dataSource = await createDataSource(config).initialize();
  try {
    await dataSource.query('CREATE TABLE number (n int)');
    await dataSource.transaction(async (tx) => {
      const insert = 'INSERT INTO number SELECT unnest($1::int[]) RETURNING n';
      expect(await queryPrepared(tx, insert, [[1, 2]])).toEqual([{ n: 1 }, { n: 2 }]);
      expect(await queryPrepared(tx, insert, [[3]])).toEqual([{ n: 3 }]);
      expect(await tx.query('SELECT statement FROM pg_prepared_statements')).toEqual([{ statement: insert }]);
    });
    const divide = 'SELECT 1 / $1::int AS n';
    await expect(queryPrepared(dataSource, divide, [0])).rejects.toThrow('division by zero');
    expect(await queryPrepared(dataSource, divide, [1])).toEqual([{ n: 1 }]);
  } finally {
    await dataSource.destroy();
  }
});
