import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../contract-cluster.js';
import { JSON_PATCH, MERGE } from '../contract-cluster.js';
import { configMap, deployment, service } from '../sample-objects.js';
import { matching } from '../matchers.js';
import type { Suite } from '../suite-context.js';
import { managersOf } from '../suite-context.js';

export function describeApplying(suite: Suite): void {
  describe('server-side apply', () => {
    describeOwnership(suite);
    describeConflicts(suite);
    describeLists(suite);
    describeNoOp(suite);
  });
}

function describeOwnership(suite: Suite): void {
  it('creates, and owns what it said, not what was defaulted', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const made = await client.apply(path('services', 'web'), service('web', [{ port: 80 }], { team: 'a' }));
    expect(made['spec']).toMatchObject({ type: 'ClusterIP', ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] });
    expect(made.metadata.managedFields).toEqual([
      {
        manager: 'flotilla',
        operation: 'Apply',
        apiVersion: 'v1',
        time: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:team': {} } },
          'f:spec': {
            'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
            'f:selector': {},
          },
        },
      },
    ]);
  });

  it('removes a field that the manager no longer says', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1', two: '2' }, { labels: { x: 'y' } }));
    const applied = await client.apply(path('configmaps', 'a'), configMap('a', { one: '1' }));
    expect(applied['data']).toEqual({ one: '1' });
    expect(applied.metadata.labels).toBeUndefined();
  });

  it('keeps a dropped field that another manager owns too', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1', two: '2' }));
    await client.apply(path('configmaps', 'a'), configMap('a', { two: '2' }), { manager: 'other' });
    const applied = await client.apply(path('configmaps', 'a'), configMap('a', { one: '1' }));
    expect(applied['data']).toEqual({ one: '1', two: '2' });
    expect(managersOf(applied)).toEqual({
      'flotilla Apply': { 'f:data': { 'f:one': {} } },
      'other Apply': { 'f:data': { 'f:two': {} } },
    });
  });

  it('leaves fields of other writers alone, and names them after their agent', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1' }));
    const headers = { 'user-agent': 'kubectl/v1.36.3 (linux/amd64)' };
    const body = { data: { extra: 'x' } };
    await client.ok('PATCH', path('configmaps', 'a'), { body, contentType: MERGE, headers });
    const applied = await client.apply(path('configmaps', 'a'), configMap('a', { one: '2' }));
    expect(applied['data']).toEqual({ one: '2', extra: 'x' });
    expect(managersOf(applied)).toMatchObject({ 'kubectl Update': { 'f:data': { 'f:extra': {} } } });
  });

  it('owns status apart from the rest', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 0 }));
    const status = { conditions: [{ type: 'Flotilla', status: 'True' }] };
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, status };
    const applied = await client.apply(web, body, { subresource: 'status', manager: 'reporter' });
    expect(managersOf(applied)).toHaveProperty(['reporter Apply status', 'f:status']);
    const again = await client.apply(web, deployment('web', { replicas: 0 }));
    const { conditions } = again['status'] as { conditions: object[] };
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Flotilla', status: 'True' }));
  });
}

function describeConflicts(suite: Suite): void {
  it('refuses to take what another owns, and names manager and fields', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1', two: '2' }), { manager: 'first' });
    const refusal = await client.applyRefused(path('configmaps', 'a'), configMap('a', { one: 'x', two: 'y' }));
    expect(refusal).toMatchObject({ kind: 'Status', code: 409, reason: 'Conflict' });
    expect(refusal.message).toBe('Apply failed with 2 conflicts: conflicts with "first":\n- .data.one\n- .data.two');
    expect(refusal.details?.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.one' },
      { reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.two' },
    ]);
    expect((await client.get(path('configmaps', 'a')))['data']).toEqual({ one: '1', two: '2' });
  });

  it('says of a writer that did not apply with which version it wrote', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.ok('POST', `${path('configmaps')}?fieldManager=hand`, { body: configMap('a', { one: '1' }) });
    const refusal = await client.applyRefused(path('configmaps', 'a'), configMap('a', { one: 'x' }));
    expect(refusal.details?.causes?.[0]?.message).toBe('conflict with "hand" using v1');
    expect(refusal.message).toBe('Apply failed with 1 conflict: conflict with "hand" using v1: .data.one');
  });

  it('shares a field when both say the same', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1' }), { manager: 'first' });
    const applied = await client.apply(path('configmaps', 'a'), configMap('a', { one: '1' }));
    expect(managersOf(applied)).toEqual({
      'first Apply': { 'f:data': { 'f:one': {} } },
      'flotilla Apply': { 'f:data': { 'f:one': {} } },
    });
  });

  it('takes the field from the other by force', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1', two: '2' }), { manager: 'first' });
    const applied = await client.apply(path('configmaps', 'a'), configMap('a', { one: 'x' }), { force: true });
    expect(applied['data']).toEqual({ one: 'x', two: '2' });
    expect(managersOf(applied)).toEqual({
      'first Apply': { 'f:data': { 'f:two': {} } },
      'flotilla Apply': { 'f:data': { 'f:one': {} } },
    });
  });
}

interface Container {
  readonly name: string;
  readonly env?: readonly object[];
  readonly args?: readonly string[];
}

const containersOf = (object: KubeObject): Container[] =>
  (object['spec'] as { template: { spec: { containers: Container[] } } }).template.spec.containers;

function describeLists(suite: Suite): void {
  it('merges keyed lists by key, and removes only the item no longer said', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    const env = (...names: string[]): object => ({ env: names.map((name) => ({ name, value: '1' })) });
    await client.apply(web, deployment('web', { replicas: 0, container: { ...env('A', 'B') } }));
    const other = deployment('web', { container: { ...env('C') } });
    await client.apply(web, other, { manager: 'other' });
    const applied = await client.apply(web, deployment('web', { replicas: 0, container: { ...env('A') } }));
    expect(containersOf(applied)[0]?.env).toEqual([
      { name: 'A', value: '1' },
      { name: 'C', value: '1' },
    ]);
    expect(JSON.stringify(managersOf(applied)['other Apply'])).toContain('k:{\\"name\\":\\"C\\"}');
  });

  it('replaces an atomic list as one', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 0, container: { args: ['a', 'b'] } }));
    const refusal = await client.applyRefused(web, deployment('web', { container: { args: ['c'] } }), {
      manager: 'other',
    });
    expect(refusal.details?.causes?.map(({ field }) => field)).toEqual([
      '.spec.template.spec.containers[name="web"].args',
    ]);
    const applied = await client.apply(web, deployment('web', { replicas: 0, container: { args: ['c'] } }));
    expect(containersOf(applied)[0]?.args).toEqual(['c']);
  });

  it('replaces an atomic map as one', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('services', 'a'), service('a', [{ port: 80 }]));
    const other = { ...service('a', [{ port: 80 }]), spec: { selector: { more: 'x' } } };
    const refusal = await client.applyRefused(path('services', 'a'), other, { manager: 'other' });
    expect(refusal.details?.causes).toEqual([expect.objectContaining({ field: '.spec.selector' })]);
  });

  it('merges sets by value', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const held = (...finalizers: string[]): ReturnType<typeof configMap> => configMap('a', {}, { finalizers });
    await client.apply(path('configmaps', 'a'), held('example.com/a', 'example.com/b'));
    await client.apply(path('configmaps', 'a'), held('example.com/c'), { manager: 'other' });
    const applied = await client.apply(path('configmaps', 'a'), held('example.com/b'));
    expect([...(applied.metadata.finalizers ?? [])].sort()).toEqual(['example.com/b', 'example.com/c']);
    expect(managersOf(applied)['flotilla Apply']).toEqual({
      'f:metadata': { 'f:finalizers': { 'v:"example.com/b"': {} } },
    });
    await client.patch(path('configmaps', 'a'), { metadata: { finalizers: null } });
  });
}

function describeNoOp(suite: Suite): void {
  it('does not change the version when it says the same again', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 0 }));
    const settled = async (): Promise<KubeObject> => {
      const before = await client.get(web);
      expect((await client.apply(web, deployment('web', { replicas: 0 }))).metadata.resourceVersion).toBe(
        before.metadata.resourceVersion,
      );
      return before;
    };
    // The Deployment's own controller writes its status once in between.
    await expect.poll(settled, { timeout: 20_000 }).toBeDefined();
  });

  it('answers a dry run that would change nothing with the live object', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const live = await client.apply(path('configmaps', 'a'), configMap('a', { n: '1' }));
    const previewed = await client.apply(path('configmaps', 'a'), configMap('a', { n: '1' }), { dryRun: true });
    expect(previewed).toEqual(live);
    const changed = await client.apply(path('configmaps', 'a'), configMap('a', { n: '2' }), { dryRun: true });
    expect(changed['data']).toEqual({ n: '2' });
    expect(await client.get(path('configmaps', 'a'))).toEqual(live);
  });

  it('does not bring back what is gone when the body names its uid', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const { metadata } = await client.apply(path('configmaps', 'a'), configMap('a', {}));
    await client.ok('DELETE', path('configmaps', 'a'));
    const refusal = await client.applyRefused(path('configmaps', 'a'), configMap('a', {}, { uid: metadata.uid }));
    expect(refusal).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(await client.exists(path('configmaps', 'a'))).toBe(false);
  });

  it('lets ownership be moved by a write of managedFields', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const first = await client.apply(path('configmaps', 'a'), configMap('a', { one: '1', two: '2' }), {
      manager: 'old',
    });
    const moved = first.metadata.managedFields?.map((entry) => ({ ...entry, manager: 'flotilla' }));
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: moved },
      { op: 'replace', path: '/metadata/resourceVersion', value: first.metadata.resourceVersion },
    ];
    await client.patch(path('configmaps', 'a'), patch, JSON_PATCH);
    const applied = await client.apply(path('configmaps', 'a'), configMap('a', { one: 'x' }));
    expect(applied['data']).toEqual({ one: 'x' });
    expect(Object.keys(managersOf(applied))).toEqual(['flotilla Apply']);
  });
}
