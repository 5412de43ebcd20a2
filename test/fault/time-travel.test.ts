import { expect, it } from 'vitest';
import { query, read, until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import { appWrites } from './app-writes.js';

interface Summary {
  readonly hub: { readonly mode: string; readonly reason: string | null };
  readonly healthy: boolean;
}

const NAMES = ['eu-1', 'us-1'] as const;

it('a hub whose database is older than what agents have seen publishes nothing and says so', async () => {
  await using world = await World.start({ files: configApp('settings', { MODE: 'a' }) });
  await Promise.all(NAMES.map((name) => world.join(name)));
  await world.healthy('settings', 1, { targets: 2 });
  await world.push('mode b', { 'settings/config.yaml': configMap('settings', { MODE: 'b' }) });
  await world.healthy('settings', 2);
  await world.settled();

  // As after a restore: the database knows an older version of one cluster than its agent has accepted.
  await world.hub.kill('SIGKILL');
  await query(world.databaseUrl, `UPDATE cluster SET desired_number = desired_number - 1 WHERE name = 'eu-1'`);
  for (const name of NAMES) world.member(name).api.calls.clear();
  await world.startHub();
  const { hub } = await until(
    async () => {
      const summary = await world.api.get<Summary>('/summary');
      return summary.hub.mode === 'timeTravel' ? summary : undefined;
    },
    'the hub notices',
    () => world.hub.log,
  );
  expect(hub.reason).toContain('eu-1 has seen version');
  for (const name of NAMES) await world.connected(name);
  const line = world.hub.log
    .split('\n')
    .find((text) => text.includes('the database is older than what agents have seen'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', cluster: 'eu-1' });
  const audit = await world.api.items<{ reason: string }>('/audit?action=hub.freeze');
  expect(audit[0]?.reason).toContain('eu-1 has seen version');
  expect((await world.api.get<Summary>('/summary')).healthy).toBe(false);
  await until(
    async () => (world.member('eu-1').agent.log.includes('"frozenBecause":"timeTravel') ? true : undefined),
    'the agent is told',
    () => world.member('eu-1').agent.log,
  );

  const versions = (): Promise<object[]> =>
    read<object>(world.databaseUrl, 'SELECT name, desired_number, held_number FROM cluster ORDER BY name');
  const before = await versions();
  await world.push('mode c', { 'settings/config.yaml': configMap('settings', { MODE: 'c' }) });
  await world.settled();
  expect(await versions()).toEqual(before);
  for (const name of NAMES) {
    const { api } = world.member(name);
    expect(appWrites(api), name).toEqual([]);
    expect(api.store.get('configmaps', 'settings/settings'), name).toMatchObject({ data: { MODE: 'b' } });
  }

  // Frozen is in force and still healed, and a restart changes nothing about it.
  const { store } = world.member('eu-1').api;
  store.remove('configmaps', store.get('configmaps', 'settings/settings') as never);
  await until(async () => store.get('configmaps', 'settings/settings'), 'eu-1 heals');
  await world.hub.kill('SIGKILL');
  await world.startHub();
  expect((await world.api.get<Summary>('/summary')).hub.mode).toBe('timeTravel');
});
