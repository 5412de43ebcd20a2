import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configMap, DEFAULT, DEPLOYMENTS, deployment, openCluster } from './open-cluster.fixture.js';

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'cluster-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe('a cluster with a state file', () => {
  it('goes on where it ended: objects, versions, authority and tokens', async () => {
    await using folder = await temporaryFolder();
    const stateFile = join(folder.path, 'state.json');
    const before = await openCluster({ stateFile });
    const token = before.api.addUser('bob', ['dev']);
    await before.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 2 }));
    await before.api.settled();
    await before.call('POST', `${DEFAULT}/configmaps`, { body: configMap('a', { x: '1' }) });
    const [map, version] = [(await before.call('GET', `${DEFAULT}/configmaps/a`)).body, before.api.store.version];
    await before[Symbol.asyncDispose]();
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);

    await using after = await openCluster({ stateFile });
    await after.api.settled();
    expect(after.api.store.version).toBe(version);
    expect([after.api.caPem, after.api.token]).toEqual([before.api.caPem, before.api.token]);
    expect((await after.call('GET', `${DEFAULT}/configmaps/a`)).body).toEqual(map);
    const headers = { authorization: `Bearer ${token}` };
    expect((await after.client.call('GET', `${DEFAULT}/pods`, { headers })).status).toBe(200);
    expect(after.api.calls.matching({ user: 'bob' })).toHaveLength(1);
  });
});
