import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../contract-cluster.js';
import { eventually } from '../eventually.js';
import { widget, widgetDefinition } from '../sample-objects.js';
import type { Suite } from '../suite-context.js';
import { managersOf } from '../suite-context.js';
import { WatchStream } from '../watch-stream.js';

const GROUP = 'contract.example.com';
const WIDGETS = `${GROUP}/v1/widgets`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export function describeCustomResources(suite: Suite): void {
  describe('custom resources', () => {
    beforeAll(async () => {
      await establish(suite, GROUP);
    });
    describeDefinition(suite);
    describeSchema(suite);
    describeCustomApply(suite);
  });
}

/** Applies the definition, and waits as an agent does: until it is Established and served. */
async function establish(suite: Suite, group: string): Promise<KubeObject> {
  const { client } = suite;
  const path = `${DEFINITIONS}/widgets.${group}`;
  await client.apply(path, widgetDefinition(group));
  const made = await eventually(async () => {
    const definition = await client.get(path);
    const { conditions = [] } = (definition['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
    return conditions.some(({ type, status }) => type === 'Established' && status === 'True') && definition;
  });
  await eventually(async () => (await client.api.call('GET', `/apis/${group}/v1/widgets`)).status === 200);
  return made;
}

function describeDefinition(suite: Suite): void {
  it('serves a new kind in discovery and OpenAPI once it is established', async () => {
    const { client } = suite;
    await establish(suite, 'fresh.example.com');
    const { resources } = await client.get('/apis/fresh.example.com/v1');
    expect(resources).toContainEqual(expect.objectContaining({ name: 'widgets', kind: 'Widget', namespaced: true }));
    await eventually(
      async () => (await client.api.call('GET', '/openapi/v3/apis/fresh.example.com/v1')).status === 200,
    );
  });

  it('takes its objects along when it is deleted', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await establish(suite, 'brief.example.com');
    await client.create(path('brief.example.com/v1/widgets'), widget('brief.example.com', 'a', { size: 1 }));
    await client.ok('DELETE', `${DEFINITIONS}/widgets.brief.example.com`);
    await eventually(async () => !(await client.exists(`${DEFINITIONS}/widgets.brief.example.com`)));
    await eventually(async () => (await client.api.call('GET', path('brief.example.com/v1/widgets'))).status === 404);
  });

  it('refuses a definition without a structural schema', async () => {
    const bad = widgetDefinition('bad.example.com') as { spec: { versions: { schema: unknown }[] } };
    bad.spec.versions[0]!.schema = { openAPIV3Schema: { properties: { spec: { properties: { a: {} } } } } };
    const refusal = await suite.client.refused('POST', DEFINITIONS, { body: bad });
    expect(refusal).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  it('says 410 to a watch that wants more history than there is', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path(WIDGETS), widget(GROUP, 'a', { size: 1 }));
    await suite.cluster.forgetHistory();
    using watch = await WatchStream.open(client, `${path(WIDGETS)}?watch=true&resourceVersion=1`);
    expect(watch.status).toBe(200);
    const event = await watch.next();
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  });
}

function describeSchema(suite: Suite): void {
  it('fills defaults in and drops unknown fields', async () => {
    const { path } = await suite.namespace();
    const spec = { size: 1, unknown: true, free: { any: ['thing'] } };
    const made = await suite.client.create(path(WIDGETS), widget(GROUP, 'a', spec));
    expect(made['spec']).toEqual({ size: 1, colour: 'green', free: { any: ['thing'] } });
    expect(made.metadata.generation).toBe(1);
  });

  it('refuses what the schema forbids, with every field', async () => {
    const { path } = await suite.namespace();
    const body = widget(GROUP, 'a', { size: 0, colour: 'blue' });
    const refusal = await suite.client.refused('POST', path(WIDGETS), { body });
    expect(refusal).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: { name: 'a', group: GROUP, kind: 'Widget' },
    });
    const fields = refusal.details?.causes?.map(({ field, reason }) => `${field} ${reason}`).sort();
    expect(fields).toEqual(['spec.colour FieldValueNotSupported', 'spec.size FieldValueInvalid']);
  });

  it('refuses a wrong type and a missing field', async () => {
    const { path } = await suite.namespace();
    const wrong = await suite.client.refused('POST', path(WIDGETS), { body: widget(GROUP, 'a', { size: 'big' }) });
    expect(wrong).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.size', reason: 'FieldValueTypeInvalid' }] },
    });
    const missing = await suite.client.refused('POST', path(WIDGETS), { body: widget(GROUP, 'a', {}) });
    expect(missing).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.size', reason: 'FieldValueRequired' }] },
    });
  });

  it('refuses an apply of unknown fields', async () => {
    const { path } = await suite.namespace();
    const refusal = await suite.client.applyRefused(path(WIDGETS, 'a'), widget(GROUP, 'a', { size: 1, unknown: 1 }));
    expect(refusal.message).toContain('.spec.unknown: field not declared in schema');
  });

  it('keeps status apart: each path writes its own part', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const made = await client.create(path(WIDGETS), { ...widget(GROUP, 'a', { size: 1 }), status: { phase: 'lost' } });
    expect(made['status']).toBeUndefined();
    const patch = { spec: { size: 9 }, status: { phase: 'kept', replicas: 2 } };
    const told = await client.patch(`${path(WIDGETS, 'a')}/status`, patch);
    expect(told).toMatchObject({ spec: { size: 1 }, status: { phase: 'kept' }, metadata: { generation: 1 } });
    const resized = await client.patch(path(WIDGETS, 'a'), { spec: { size: 2 }, status: { phase: 'ignored' } });
    expect(resized).toMatchObject({ spec: { size: 2 }, status: { phase: 'kept' }, metadata: { generation: 2 } });
  });

  it('scales by the paths of its definition', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path(WIDGETS), widget(GROUP, 'a', { size: 1, replicas: 1 }));
    const scaled = await client.patch(`${path(WIDGETS, 'a')}/scale`, { spec: { replicas: 4 } });
    expect(scaled).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 4 } });
    expect((await client.get(path(WIDGETS, 'a')))['spec']).toMatchObject({ replicas: 4 });
  });
}

function describeCustomApply(suite: Suite): void {
  it('merges lists and maps as their schema says', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const at = path(WIDGETS, 'a');
    const mine = { size: 1, tags: ['a', 'b'], ports: [{ name: 'x', port: 1 }], lines: ['one'], point: { x: 1 } };
    await client.apply(at, widget(GROUP, 'a', mine));
    const theirs = { size: 1, tags: ['c'], ports: [{ name: 'y', port: 2 }] };
    await client.apply(at, widget(GROUP, 'a', theirs), { manager: 'other' });
    const applied = await client.apply(at, widget(GROUP, 'a', { ...mine, tags: ['b'], ports: [] }));
    expect(applied['spec']).toEqual({
      size: 1,
      colour: 'green',
      tags: ['b', 'c'],
      ports: [{ name: 'y', port: 2 }],
      lines: ['one'],
      point: { x: 1 },
    });
    expect(managersOf(applied)['other Apply']).toEqual({
      'f:spec': {
        'f:size': {},
        'f:tags': { 'v:"c"': {} },
        'f:ports': { 'k:{"name":"y"}': { '.': {}, 'f:name': {}, 'f:port': {} } },
      },
    });
  });

  it.each([
    ['list', { lines: ['two'] }, '.spec.lines'],
    ['map', { point: { y: 2 } }, '.spec.point'],
  ])('takes an atomic %s as one field', async (_, change, field) => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const at = path(WIDGETS, 'a');
    await client.apply(at, widget(GROUP, 'a', { size: 1, lines: ['one'], point: { x: 1 } }));
    const refusal = await client.applyRefused(at, widget(GROUP, 'a', { size: 1, ...change }), { manager: 'other' });
    expect(refusal.details?.causes?.map((cause) => cause.field)).toEqual([field]);
    const forced = await client.apply(at, widget(GROUP, 'a', { size: 1, ...change }), {
      manager: 'other',
      force: true,
    });
    expect(forced['spec']).toMatchObject(change);
    expect((forced['spec'] as { point: object }).point).toEqual('point' in change ? change.point : { x: 1 });
  });
}
