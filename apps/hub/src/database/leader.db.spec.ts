import { expect, it } from 'vitest';
import { eventually, testDatabase } from '@flotilla/testing';
import type { DataSource } from 'typeorm';
import type { HubConfig } from '../config/index.js';
import { readHubConfig } from '../config/index.js';
import { createDataSource, migrate } from './data-source.js';
import { LeaderService } from './leader.service.js';

function configFor(url: string): HubConfig {
  return readHubConfig({ DATABASE_URL: url, FLOTILLA_FLEET_URL: 'file:///x', FLOTILLA_LEADER_LEASE: '300ms' });
}

async function connected(config: HubConfig): Promise<DataSource & AsyncDisposable> {
  const dataSource = await createDataSource(config).initialize();
  await migrate(dataSource);
  return Object.assign(dataSource, { [Symbol.asyncDispose]: () => dataSource.destroy() });
}

it('has one leader, hands over at once when it stops, and fences the old one', async () => {
  await using database = await testDatabase();
  const config = configFor(database.url);
  await using dataSource = await connected(config);
  const [first, second] = [new LeaderService(config, dataSource), new LeaderService(config, dataSource)];
  first.start();
  await eventually(() => expect(first.leading).toBe(true));
  second.start();
  expect(await first.decide(async () => 'decided')).toBe('decided');
  await expect(second.decide(async () => 'decided')).rejects.toThrow('standby');
  const before = first.epoch;
  await first.stop();
  await eventually(() => expect(second.leading).toBe(true));
  expect(second.epoch).toBeGreaterThan(before);
  await expect(first.decide(async () => 'decided')).rejects.toThrow('standby');
  await second.stop();
});

it('takes over from a leader that hangs', async () => {
  await using database = await testDatabase();
  const config = configFor(database.url);
  await using dataSource = await connected(config);
  const hung = new LeaderService(config, dataSource);
  hung.start();
  await eventually(() => expect(hung.leading).toBe(true));
  const { epoch } = hung;
  // A hung process renews nothing: as if its timers stood still.
  clearInterval((hung as unknown as { timer: NodeJS.Timeout }).timer);
  const standby = new LeaderService(config, dataSource);
  standby.start();
  await eventually(() => expect(standby.leading).toBe(true));
  expect(standby.epoch).toBeGreaterThan(epoch);
  await hung.stop();
  await standby.stop();
});

it('adds up the time that leaders observed, and no time without one', async () => {
  await using database = await testDatabase();
  const config = configFor(database.url);
  await using dataSource = await connected(config);
  const observed = async (): Promise<number> => {
    const [row] = await dataSource.query<{ ms: string }[]>('SELECT observed_ms AS ms FROM leader');
    return Number(row?.ms);
  };
  let before = 0;
  for (let term = 1; term <= 2; term += 1) {
    const started = performance.now();
    const leader = new LeaderService(config, dataSource);
    leader.start();
    await eventually(async () => expect(await observed()).toBeGreaterThan(before + 300));
    await leader.stop();
    const locks = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await eventually(async () => expect(await dataSource.query(locks)).toEqual([]));
    expect((await observed()) - before).toBeLessThanOrEqual(performance.now() - started + 1);
    before = await observed();
    // Between two leaders, as in a night without a hub.
    await dataSource.query(
      `UPDATE leader SET elected_at = elected_at - interval '8 hours', until = until - interval '8 hours'`,
    );
    expect(await observed()).toBe(before);
  }
});

it('refuses a database that a newer hub has used', async () => {
  await using database = await testDatabase();
  const config = configFor(database.url);
  await using dataSource = await connected(config);
  await dataSource.query(`INSERT INTO schema_migration (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`);
  await expect(migrate(dataSource)).rejects.toThrow(/Later9999999999999.*newer hub/);
});
