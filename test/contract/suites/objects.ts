import { describe, expect, it } from 'vitest';
import { APPLY, JSON_PATCH, MERGE, STRATEGIC } from '../contract-cluster.js';
import type { KubeObject } from '../contract-cluster.js';
import { eventually } from '../eventually.js';
import { configMap, deployment, service } from '../sample-objects.js';
import { aString, containing } from '../matchers.js';
import type { Suite } from '../suite-context.js';

export function describeObjects(suite: Suite): void {
  describe('objects', () => {
    describeLife(suite);
    describeLists(suite);
    describePatches(suite);
    describePreconditions(suite);
    describeDryRun(suite);
    describeRefusals(suite);
  });
}

function describeLife(suite: Suite): void {
  it('creates, reads, replaces and deletes', async () => {
    const { client } = suite;
    const { name: namespace, path } = await suite.namespace();
    const created = await client.create(path('configmaps'), configMap('a', { key: '1' }));
    expect(created).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a', namespace }, data: { key: '1' } });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(await client.get(path('configmaps', 'a'))).toEqual(created);

    const replaced = await client.ok('PUT', path('configmaps', 'a'), { body: { ...created, data: { key: '2' } } });
    expect(replaced['data']).toEqual({ key: '2' });
    expect(Number(replaced.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));

    const deleted = await client.ok('DELETE', path('configmaps', 'a'));
    expect(deleted).toMatchObject({ kind: 'Status', status: 'Success', details: { uid: created.metadata.uid } });
    expect(await client.refused('GET', path('configmaps', 'a'))).toMatchObject({
      code: 404,
      reason: 'NotFound',
      details: { name: 'a', kind: 'configmaps' },
    });
  });

  it('makes a name from generateName on create', async () => {
    const { path } = await suite.namespace();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } };
    expect((await suite.client.create(path('configmaps'), body)).metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  });

  it('keeps an object with finalizers until they are gone', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('held', {}, { finalizers: ['example.com/hold'] }));
    const deleted = await client.ok('DELETE', path('configmaps', 'held'));
    expect(deleted.metadata).toMatchObject({ deletionTimestamp: aString, deletionGracePeriodSeconds: 0 });
    expect(await client.exists(path('configmaps', 'held'))).toBe(true);
    await client.patch(path('configmaps', 'held'), { metadata: { finalizers: null } });
    expect(await client.exists(path('configmaps', 'held'))).toBe(false);
  });

  it('deletes a collection by label', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('in', {}, { labels: { team: 'a' } }));
    await client.create(path('configmaps'), configMap('out', {}, { labels: { team: 'b' } }));
    await client.ok('DELETE', `${path('configmaps')}?labelSelector=team%3Da`);
    expect(await client.exists(path('configmaps', 'in'))).toBe(false);
    expect(await client.exists(path('configmaps', 'out'))).toBe(true);
  });

  it('counts generations of the spec only', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    expect(
      (await client.create(path('apps/v1/deployments'), deployment('web', { replicas: 0 }))).metadata.generation,
    ).toBe(1);
    expect((await client.patch(web, { metadata: { labels: { a: 'b' } } })).metadata.generation).toBe(1);
    expect((await client.patch(web, { spec: { minReadySeconds: 1 } })).metadata.generation).toBe(2);
  });
}

function describeLists(suite: Suite): void {
  it('lists in pages whose tokens lead through one state of the collection', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await client.create(path('configmaps'), configMap(name, {}, { labels: { page: 'yes' } }));
    const names: string[] = [];
    const versions = new Set<string>();
    const remaining: unknown[] = [];
    let next = '';
    do {
      const query = new URLSearchParams({ limit: '2', ...(next === '' ? {} : { continue: next }) });
      const page = await client.get(`${path('configmaps')}?${query.toString()}`);
      const items = page['items'] as KubeObject[];
      names.push(...items.map(({ metadata }) => metadata.name));
      versions.add(page.metadata.resourceVersion);
      const { continue: token = '', remainingItemCount } = page.metadata as {
        continue?: string;
        remainingItemCount?: number;
      };
      remaining.push(remainingItemCount);
      next = token;
      if (names.length === 2) await client.create(path('configmaps'), configMap('aa', {}));
    } while (next !== '');
    expect(names.filter((name) => name !== 'kube-root-ca.crt')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(versions.size).toBe(1);
    expect(remaining.at(-1)).toBeUndefined();
  });

  it('refuses a continue token whose state it has forgotten', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    for (const name of ['a', 'b', 'c']) await client.create(path('configmaps'), configMap(name, {}));
    const page = await client.get(`${path('configmaps')}?limit=1`);
    await client.create(path('configmaps'), configMap('later', {}));
    await suite.cluster.forgetHistory();
    const token = encodeURIComponent((page.metadata as unknown as { continue: string }).continue);
    const next = `${path('configmaps')}?limit=1&continue=${token}`;
    // The real API server looks every 15 s how far its store is compacted.
    await eventually(async () => (await client.api.call('GET', next)).status === 410, 30_000);
    expect(await client.refused('GET', next)).toMatchObject({ kind: 'Status', reason: 'Expired' });
  });

  it('selects by label and field', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', {}, { labels: { ring: 'canary', tier: 'web' } }));
    await client.create(path('configmaps'), configMap('b', {}, { labels: { ring: 'wide' } }));
    const names = async (query: string): Promise<string[]> => {
      const { items } = await client.get(`${path('configmaps')}?${query}`);
      return (items as KubeObject[]).map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
    };
    expect(await names('labelSelector=ring%3Dcanary')).toEqual(['a']);
    expect(await names('labelSelector=ring%20in%20(canary,wide)')).toEqual(['a', 'b']);
    expect(await names('labelSelector=ring,!tier')).toEqual(['b']);
    expect(await names('labelSelector=ring!%3Dwide,ring')).toEqual(['a']);
    expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b']);
  });
}

function describePatches(suite: Suite): void {
  it('takes a merge patch: null removes, lists are replaced', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', { one: '1', two: '2' }));
    const patched = await client.patch(path('configmaps', 'a'), { data: { one: null, three: '3' } }, MERGE);
    expect(patched['data']).toEqual({ two: '2', three: '3' });
  });

  it('takes a JSON patch, whole or not at all', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', { one: '1' }));
    const add = { op: 'add', path: '/data/two', value: '2' };
    const patched = await client.patch(
      path('configmaps', 'a'),
      [{ op: 'test', path: '/data/one', value: '1' }, add],
      JSON_PATCH,
    );
    expect(patched['data']).toEqual({ one: '1', two: '2' });
    const failing = [
      { op: 'remove', path: '/data/two' },
      { op: 'test', path: '/data/one', value: 'no' },
    ];
    const refusal = await client.refused('PATCH', path('configmaps', 'a'), { body: failing, contentType: JSON_PATCH });
    expect(refusal.code).toBe(422);
    expect((await client.get(path('configmaps', 'a')))['data']).toEqual({ one: '1', two: '2' });
  });

  it('takes a strategic merge patch: keyed lists merge by key', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('services'), service('web', [{ name: 'http', port: 80 }]));
    const patch = { spec: { ports: [{ name: 'admin', port: 81 }] } };
    const patched = await client.patch(path('services', 'web'), patch, STRATEGIC);
    expect((patched['spec'] as { ports: { port: number }[] }).ports.map(({ port }) => port).sort()).toEqual([80, 81]);
  });

  it('refuses a patch type that it does not know', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', {}));
    const refusal = await client.refused('PATCH', path('configmaps', 'a'), {
      body: {},
      contentType: 'application/json',
    });
    expect(refusal).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  });
}

function describePreconditions(suite: Suite): void {
  it('refuses to replace from a stale version', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const first = await client.create(path('configmaps'), configMap('a', { n: '1' }));
    await client.patch(path('configmaps', 'a'), { data: { n: '2' } });
    const refusal = await client.refused('PUT', path('configmaps', 'a'), { body: first });
    expect(refusal).toMatchObject({ code: 409, reason: 'Conflict', details: { name: 'a', kind: 'configmaps' } });
    expect(refusal.message).toContain('the object has been modified');
  });

  it('refuses a patch that names a stale version', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const first = await client.create(path('configmaps'), configMap('a', { n: '1' }));
    await client.patch(path('configmaps', 'a'), { data: { n: '2' } });
    const { resourceVersion } = first.metadata;
    const body = { metadata: { resourceVersion }, data: { n: '3' } };
    expect(await client.refused('PATCH', path('configmaps', 'a'), { body, contentType: MERGE })).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    const apply = { ...configMap('a', { n: '3' }, { resourceVersion }) };
    expect(await client.applyRefused(path('configmaps', 'a'), apply, { force: true })).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
  });

  it.each([
    ['uid', { uid: '00000000-0000-0000-0000-000000000000' }],
    ['resourceVersion', { resourceVersion: '1' }],
  ])('refuses to delete when the %s is another', async (_, preconditions) => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', {}));
    const refusal = await client.refused('DELETE', path('configmaps', 'a'), { body: { preconditions } });
    expect(refusal).toMatchObject({ code: 409, reason: 'Conflict', details: { name: 'a' } });
    expect(await client.exists(path('configmaps', 'a'))).toBe(true);
  });

  it('deletes when uid and resourceVersion are as said', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const { metadata } = await client.create(path('configmaps'), configMap('a', {}));
    const { uid, resourceVersion } = metadata;
    await client.ok('DELETE', path('configmaps', 'a'), { body: { preconditions: { uid, resourceVersion } } });
    expect(await client.exists(path('configmaps', 'a'))).toBe(false);
  });
}

function describeDryRun(suite: Suite): void {
  it('answers as if, and writes nothing', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const made = await client.create(`${path('configmaps')}?dryRun=All`, configMap('a', { n: '1' }));
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(await client.exists(path('configmaps', 'a'))).toBe(false);

    const real = await client.create(path('configmaps'), configMap('a', { n: '1' }));
    const patched = await client.patch(`${path('configmaps', 'a')}?dryRun=All`, { data: { n: '2' } });
    expect(patched['data']).toEqual({ n: '2' });
    await client.ok('DELETE', `${path('configmaps', 'a')}?dryRun=All`);
    expect(await client.get(path('configmaps', 'a'))).toEqual(real);
  });
}

function describeRefusals(suite: Suite): void {
  it('names the field that is immutable', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('apps/v1/deployments'), deployment('web', { replicas: 0 }));
    const body = {
      spec: { selector: { matchLabels: { app: 'other' } }, template: { metadata: { labels: { app: 'other' } } } },
    };
    const refusal = await client.refused('PATCH', path('apps/v1/deployments', 'web'), { body, contentType: MERGE });
    expect(refusal).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { name: 'web', group: 'apps', kind: 'Deployment' },
    });
    expect(refusal.details?.causes).toEqual([
      { reason: 'FieldValueInvalid', field: 'spec.selector', message: containing('field is immutable') },
    ]);
  });

  it('refuses to create what is there', async () => {
    const { path } = await suite.namespace();
    await suite.client.create(path('configmaps'), configMap('a', {}));
    const refusal = await suite.client.refused('POST', path('configmaps'), { body: configMap('a', {}) });
    expect(refusal).toMatchObject({ code: 409, reason: 'AlreadyExists' });
  });

  it('refuses a name and a label that are none', async () => {
    const { path } = await suite.namespace();
    const badName = await suite.client.refused('POST', path('configmaps'), { body: configMap('Not_A_Name', {}) });
    expect(badName).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'metadata.name', reason: 'FieldValueInvalid' }] },
    });
    const labels = { 'bad key!': 'x' };
    const badLabel = await suite.client.refused('POST', path('configmaps'), { body: configMap('a', {}, { labels }) });
    expect(badLabel).toMatchObject({ code: 422, details: { causes: [{ field: 'metadata.labels' }] } });
  });

  it('refuses unknown fields of an apply always, of other writes when asked to be strict', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const body = { ...configMap('a', {}), dota: { n: '1' } };
    const strict = await client.refused('POST', `${path('configmaps')}?fieldValidation=Strict`, { body });
    expect(strict).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(strict.message).toContain('unknown field "dota"');
    const applied = await client.applyRefused(path('configmaps', 'a'), body);
    expect(applied.message).toContain('field not declared in schema');
    const lax = await client.api.call('POST', path('configmaps'), { body });
    expect(lax.status).toBe(201);
    expect(lax.headers['warning']).toBe('299 - "unknown field \\"dota\\""');
  });

  it('refuses a body of another name, namespace or kind than its path', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    expect(await client.applyRefused(path('configmaps', 'a'), configMap('b', {}))).toMatchObject({ code: 400 });
    const elsewhere = configMap('a', {}, { namespace: 'default' });
    expect(await client.applyRefused(path('configmaps', 'a'), elsewhere)).toMatchObject({ code: 400 });
    const secret = { ...configMap('a', {}), kind: 'Secret' };
    expect(await client.applyRefused(path('configmaps', 'a'), secret)).toMatchObject({ code: 400 });
  });

  it('wants the name of a field manager with an apply', async () => {
    const { path } = await suite.namespace();
    const refusal = await suite.client.refused('PATCH', path('configmaps', 'a'), {
      body: configMap('a', {}),
      contentType: APPLY,
    });
    expect(refusal).toMatchObject({ code: 422 });
    expect(refusal.message).toContain('fieldManager');
  });
}
