import { join } from 'node:path';
import type { JsonObject } from '@flotilla/domain';
import type { ClusterApi } from '@flotilla/testing';
import { startClusterApi, until } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import { configApp } from '../support/fleet-files.js';
import { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';
import { appWrites } from './app-writes.js';

const KEY = 'settings/settings';

/** A Lease is not given up while a write is under way, and runs out after 50 s then. */
const HEALED_WITHIN_MS = 90_000;

/** Somebody changes the object; resolves when it is as it is wanted again. @returns who wrote to it meanwhile */
async function healers(api: ClusterApi, value: string): Promise<string[]> {
  const live = api.store.get('configmaps', KEY);
  if (live === undefined) throw new Error(`no ${KEY}`);
  const before = appWrites(api).length;
  api.store.put('configmaps', { ...live, data: { A: value } });
  const isWanted = (): boolean => (api.store.get('configmaps', KEY)?.data as JsonObject | undefined)?.['A'] === '1';
  await until(() => Promise.resolve(isWanted() || undefined), 'it is healed', { withinMs: HEALED_WITHIN_MS });
  return [
    ...new Set(
      appWrites(api)
        .slice(before)
        .map(({ user }) => user),
    ),
  ];
}

describe('two agents of one cluster, as a Pod and the one that replaces it', () => {
  it('never both write: the second waits, and takes over when the first has given up', async () => {
    await using world = await World.start({ files: configApp('settings', { A: '1' }) });
    await using api = await startClusterApi({ name: 'eu-1' });
    const agentOf = async (name: string): Promise<Record<string, string>> => {
      const file = join(world.folder, `${name}.kubeconfig`);
      await api.writeKubeconfig(file, api.addUser(name, ['system:masters']));
      return { FLOTILLA_AGENT_KUBECONFIG: file, FLOTILLA_AGENT_POD: `pod-${name}` };
    };
    const first = await world.joinExternal('eu-1', await agentOf('first'));
    await world.healthy('settings');
    await using second = TestProcess.start('second', world.agentProgram, {
      ...world.agentEnv('eu-1'),
      ...(await agentOf('second')),
    });
    await until(
      () => Promise.resolve(second.log.includes('may work for this cluster: waiting') || undefined),
      'it waits',
    );
    expect(await healers(api, 'by hand')).toEqual(['first']);
    await first.kill('SIGTERM');
    expect(await healers(api, 'by hand again')).toEqual(['second']);
    await world.connected('eu-1', second);
  });
});
