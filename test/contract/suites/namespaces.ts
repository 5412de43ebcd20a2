import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import { configMap } from '../sample-objects.js';
import { aString } from '../matchers.js';
import type { Suite } from '../suite-context.js';

export function describeNamespaces(suite: Suite): void {
  describe('namespaces and owners', () => {
    describeEnd(suite);
    describeOwners(suite);
  });
}

function describeEnd(suite: Suite): void {
  it('refuses to create in a namespace that is not there', async () => {
    const refusal = await suite.client.refused('POST', '/api/v1/namespaces/nowhere/configmaps', {
      body: configMap('a', {}),
    });
    expect(refusal).toMatchObject({ code: 404, reason: 'NotFound', details: { name: 'nowhere', kind: 'namespaces' } });
  });

  it('labels a namespace with its name, and makes it Active', async () => {
    const { name } = await suite.namespace();
    expect(await suite.client.get(`/api/v1/namespaces/${name}`)).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it('takes everything in it along, and goes last', async () => {
    const { client } = suite;
    const { name, path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', {}));
    const deleted = await client.ok('DELETE', `/api/v1/namespaces/${name}`);
    expect(deleted).toMatchObject({
      status: { phase: 'Terminating' },
      metadata: { deletionTimestamp: aString },
    });
    await eventually(async () => !(await client.exists(`/api/v1/namespaces/${name}`)), 60_000);
    expect(await client.exists(path('configmaps', 'a'))).toBe(false);
  });

  it('refuses what is new while it ends, and waits for finalizers of what is in it', async () => {
    const { client } = suite;
    const { name, path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('held', {}, { finalizers: ['example.com/hold'] }));
    await client.ok('DELETE', `/api/v1/namespaces/${name}`);
    const refusal = await client.applyRefused(path('configmaps', 'new'), configMap('new', {}));
    expect(refusal).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(refusal.message).toContain(
      `unable to create new content in namespace ${name} because it is being terminated`,
    );
    expect(refusal.details?.causes).toContainEqual(expect.objectContaining({ reason: 'NamespaceTerminating' }));
    await eventually(
      async () => (await client.get(path('configmaps', 'held'))).metadata.deletionTimestamp !== undefined,
    );
    await client.patch(path('configmaps', 'held'), { metadata: { finalizers: null } });
    await eventually(async () => !(await client.exists(`/api/v1/namespaces/${name}`)), 60_000);
  });
}

function describeOwners(suite: Suite): void {
  it('deletes what a deleted owner leaves behind, unless told to orphan it', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    for (const name of ['gone', 'orphaned']) {
      const { metadata } = await client.create(path('configmaps'), configMap(name, {}));
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid };
      await client.create(path('configmaps'), configMap(`child-of-${name}`, {}, { ownerReferences: [owner] }));
    }
    await client.ok('DELETE', `${path('configmaps', 'orphaned')}?propagationPolicy=Orphan`);
    await client.ok('DELETE', `${path('configmaps', 'gone')}?propagationPolicy=Background`);
    await eventually(async () => !(await client.exists(path('configmaps', 'child-of-gone'))));
    await eventually(async () => !(await client.exists(path('configmaps', 'orphaned'))));
    const orphan = await client.get(path('configmaps', 'child-of-orphaned'));
    expect(orphan.metadata).not.toHaveProperty('ownerReferences');
  });

  it('deletes dependents first in the foreground', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const { metadata } = await client.create(path('configmaps'), configMap('owner', {}));
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid, blockOwnerDeletion: true };
    const held = { ownerReferences: [owner], finalizers: ['example.com/hold'] };
    await client.create(path('configmaps'), configMap('child', {}, held));
    // The collector has to know the child before its owner goes.
    await eventually(async () => {
      const { status } = await client.api.call('GET', path('configmaps', 'child'));
      return status === 200;
    });
    const going = await client.ok('DELETE', `${path('configmaps', 'owner')}?propagationPolicy=Foreground`);
    expect(going.metadata.finalizers).toEqual(['foregroundDeletion']);
    await eventually(
      async () => (await client.get(path('configmaps', 'child'))).metadata.deletionTimestamp !== undefined,
    );
    expect(await client.exists(path('configmaps', 'owner'))).toBe(true);
    await client.patch(path('configmaps', 'child'), { metadata: { finalizers: null } });
    await eventually(async () => !(await client.exists(path('configmaps', 'owner'))));
  });
}
