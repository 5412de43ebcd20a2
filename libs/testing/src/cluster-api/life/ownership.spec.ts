import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { APPLY, configMap, DEFAULT, MERGE, openCluster } from '../open-cluster.fixture.js';
import type { OpenCluster } from '../open-cluster.fixture.js';

const MAPS = `${DEFAULT}/configmaps`;

async function owned(cluster: OpenCluster, name: string, ...owners: string[]): Promise<void> {
  const ownerReferences: JsonObject[] = [];
  for (const owner of owners) {
    const { uid } = (await cluster.call('GET', `${MAPS}/${owner}`)).body.metadata;
    ownerReferences.push({ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true });
  }
  await cluster.call('POST', MAPS, { body: configMap(name, {}, { ownerReferences }) });
}

async function exists(cluster: OpenCluster, name: string): Promise<boolean> {
  await cluster.api.settled();
  return (await cluster.call('GET', `${MAPS}/${name}`)).status === 200;
}

async function family(): Promise<OpenCluster> {
  const cluster = await openCluster();
  await cluster.call('POST', MAPS, { body: configMap('root') });
  await owned(cluster, 'child', 'root');
  await owned(cluster, 'grandchild', 'child');
  return cluster;
}

describe('owner garbage collection', () => {
  it('takes dependents after their owner, down to the last', async () => {
    await using cluster = await family();
    await cluster.call('DELETE', `${MAPS}/root`);
    expect([await exists(cluster, 'child'), await exists(cluster, 'grandchild')]).toEqual([false, false]);
  });

  it('keeps an object while one of its owners lives', async () => {
    await using cluster = await family();
    await cluster.call('POST', MAPS, { body: configMap('other') });
    await owned(cluster, 'shared', 'root', 'other');
    await cluster.call('DELETE', `${MAPS}/root`);
    expect(await exists(cluster, 'shared')).toBe(true);
    expect((await cluster.call('GET', `${MAPS}/shared`)).body.metadata.ownerReferences).toMatchObject([
      { name: 'other' },
    ]);
  });

  it('lets go of dependents under Orphan', async () => {
    await using cluster = await family();
    await cluster.call('DELETE', `${MAPS}/root`, { body: { propagationPolicy: 'Orphan' } });
    expect([await exists(cluster, 'root'), await exists(cluster, 'child')]).toEqual([false, true]);
    expect((await cluster.call('GET', `${MAPS}/child`)).body.metadata.ownerReferences).toBeUndefined();
  });

  it('waits for dependents in the foreground', async () => {
    await using cluster = await family();
    await cluster.call('PATCH', `${MAPS}/child`, {
      body: { metadata: { finalizers: ['acme.io/hold'] } },
      contentType: MERGE,
    });
    const { body } = await cluster.call('DELETE', `${MAPS}/root`, { body: { propagationPolicy: 'Foreground' } });
    expect(body.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect([await exists(cluster, 'root'), await exists(cluster, 'grandchild')]).toEqual([true, false]);
    await cluster.call('PATCH', `${MAPS}/child`, { body: { metadata: { finalizers: null } }, contentType: MERGE });
    expect([await exists(cluster, 'root'), await exists(cluster, 'child')]).toEqual([false, false]);
  });

  it('judges by UID: an owner of the same name is another', async () => {
    await using cluster = await openCluster();
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'root', uid: 'gone' };
    await cluster.call('POST', MAPS, { body: configMap('root') });
    await cluster.call('POST', MAPS, { body: configMap('child', {}, { ownerReferences: [reference] }) });
    expect([await exists(cluster, 'root'), await exists(cluster, 'child')]).toEqual([true, false]);
  });
});

describe('namespaces', () => {
  const create = (cluster: OpenCluster): ReturnType<OpenCluster['call']> =>
    cluster.call('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    });

  it('come with a ServiceAccount and go with all they hold', async () => {
    await using cluster = await openCluster();
    await create(cluster);
    await cluster.api.settled();
    expect((await cluster.call('GET', '/api/v1/namespaces/shop/serviceaccounts/default')).status).toBe(200);
    await cluster.call('POST', '/api/v1/namespaces/shop/configmaps', { body: configMap('a') });
    expect((await cluster.call('DELETE', '/api/v1/namespaces/shop')).body).toMatchObject({
      status: { phase: 'Terminating' },
    });
    await cluster.api.settled();
    expect((await cluster.call('GET', '/api/v1/namespaces/shop')).status).toBe(404);
    expect((await cluster.call('GET', '/api/v1/namespaces/shop/configmaps')).body.items).toEqual([]);
  });

  it('take nothing new while they go, and say what holds them', async () => {
    await using cluster = await openCluster();
    await create(cluster);
    const held = configMap('held', {}, { finalizers: ['acme.io/hold'] });
    await cluster.call('POST', '/api/v1/namespaces/shop/configmaps', { body: held });
    await cluster.call('DELETE', '/api/v1/namespaces/shop');
    await cluster.api.settled();
    const late = { body: configMap('late'), contentType: APPLY };
    expect(
      (await cluster.call('PATCH', '/api/v1/namespaces/shop/configmaps/late?fieldManager=f', late)).body,
    ).toMatchObject({
      code: 403,
      message:
        'configmaps "late" is forbidden: unable to create new content in namespace shop because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    });
    const { conditions } = (await cluster.call('GET', '/api/v1/namespaces/shop')).body.status as {
      conditions: JsonObject[];
    };
    expect(conditions.map(({ type }) => type)).toEqual(['NamespaceContentRemaining', 'NamespaceFinalizersRemaining']);
    await cluster.call('PATCH', '/api/v1/namespaces/shop/configmaps/held', {
      body: { metadata: { finalizers: null } },
      contentType: MERGE,
    });
    await cluster.api.settled();
    expect((await cluster.call('GET', '/api/v1/namespaces/shop')).status).toBe(404);
  });

  it('that every cluster needs cannot be deleted', async () => {
    await using cluster = await openCluster();
    expect(await cluster.call('DELETE', '/api/v1/namespaces/kube-system')).toMatchObject({ status: 403 });
  });
});
