import { describe, expect, it } from 'vitest';
import type { Body, KubeObject } from '../contract-cluster.js';
import { configMap, deployment } from '../sample-objects.js';
import { aString, containing } from '../matchers.js';
import type { Suite } from '../suite-context.js';
import { managersOf } from '../suite-context.js';

/** Behaviour of API servers that surprises, and that the agent is built around. */
export function describeFacts(suite: Suite): void {
  describe('facts the agent is built on', () => {
    describeText(suite);
    describeLateRefusals(suite);
    describeDrift(suite);
    describeTerminating(suite);
  });
}

const codePoints = (text: string): string[] => [...text].map((char) => `U+${char.codePointAt(0)?.toString(16)}`);

function describeText(suite: Suite): void {
  /** Applies one value, as it is or escaped, and returns what is stored or why not. */
  const applied = async (value: string, escaped: boolean): Promise<string[] | string> => {
    const { path } = await suite.namespace();
    const plain = JSON.stringify(configMap('a', { value }));
    const text = escaped ? plain.replace(/[\u007f-\u009f\ufffe\uffff]/g, escapeUnit) : plain;
    const answer = await suite.client.api.call('PATCH', `${path('configmaps', 'a')}?fieldManager=flotilla`, {
      text,
      contentType: 'application/apply-patch+yaml',
    });
    if (answer.status >= 400) return (answer.body as { message: string }).message;
    return codePoints((answer.body as KubeObject & { data: { value: string } }).data.value);
  };

  it('reads JSON apply bodies as YAML: a raw U+0085 becomes a space', async () => {
    expect(await applied('a\u0085b', false)).toEqual(codePoints('a b'));
  });

  it.each(['\u007f', '\u0080', '\u009f', '\ufffe', '\uffff'])('refuses the raw control character %j', async (char) => {
    expect(await applied(`a${char}b`, false)).toContain('control characters are not allowed');
  });

  it.each(['\u007f', '\u0080', '\u0085', '\u009f', '\ufffe', '\uffff'])('takes %j when it is escaped', async (char) => {
    expect(await applied(`a${char}b`, true)).toEqual(codePoints(`a${char}b`));
  });

  it.each(['\u00a0', '\u2028', '\ufeff', '\u{1f600}', 'ü', '\t"\\\n'])('takes %j as it is', async (text) => {
    expect(await applied(`a${text}b`, false)).toEqual(codePoints(`a${text}b`));
  });

  it('stores quantities in its own words', async () => {
    const { path } = await suite.namespace();
    const resources = { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 0.5 } };
    const web = path('apps/v1/deployments', 'web');
    const stored = await suite.client.apply(web, deployment('web', { replicas: 0, container: { resources } }));
    const { template } = stored['spec'] as { template: { spec: { containers: { resources: object }[] } } };
    expect(template.spec.containers[0]?.resources).toEqual({
      limits: { cpu: '1', memory: '1Gi' },
      requests: { cpu: '500m' },
    });
    const again = await suite.client.apply(web, deployment('web', { replicas: 0, container: { resources } }), {
      dryRun: true,
    });
    expect(again['spec']).toEqual(stored['spec']);
  });
}

function escapeUnit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function describeLateRefusals(suite: Suite): void {
  it('keeps a key of stringData that is no longer said, but not one of data', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const secret = (fields: Body): Body => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...fields });
    await client.apply(
      path('secrets', 's'),
      secret({ stringData: { a: '1', b: '2' }, data: { c: 'Mw==', d: 'NA==' } }),
    );
    const applied = await client.apply(path('secrets', 's'), secret({ stringData: { a: '1' }, data: { c: 'Mw==' } }));
    expect(applied['data']).toEqual({ a: 'MQ==', b: 'Mg==', c: 'Mw==' });
  });

  it('refuses duplicate keys of a keyed list only when it applies them', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const twice = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ];
    const web = path('apps/v1/deployments', 'web');
    const refusal = await client.applyRefused(web, deployment('web', { container: { env: twice } }));
    expect(refusal.code).toBe(500);
    expect(refusal.message).toBe(
      'failed to create typed patch object (/web; apps/v1, Kind=Deployment): ' +
        '.spec.template.spec.containers[name="web"].env: duplicate entries for key [name="A"]',
    );
  });

  it('wants a name in what is applied: generateName makes none', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } };
    const refusal = await client.applyRefused(path('configmaps', 'made'), body);
    expect(refusal).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(refusal.message).toContain('name must be provided');
  });

  it('refuses an apply that brings managedFields', async () => {
    const { path } = await suite.namespace();
    const body = configMap('a', {}, { managedFields: [{ manager: 'x', operation: 'Apply', apiVersion: 'v1' }] });
    const refusal = await suite.client.applyRefused(path('configmaps', 'a'), body);
    expect(refusal).toMatchObject({ code: 400, reason: 'BadRequest', message: 'metadata.managedFields must be nil' });
  });
}

const replicasOf = (object: KubeObject): number | undefined => (object['spec'] as { replicas?: number }).replicas;

function describeDrift(suite: Suite): void {
  it('answers a plain apply after somebody scaled with 409: only force heals', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 2 }));
    await client.patch(`${web}/scale?fieldManager=kubectl`, { spec: { replicas: 5 } });
    const live = await client.get(web);
    expect(managersOf(live)).toHaveProperty(['kubectl Update scale'], { 'f:spec': { 'f:replicas': {} } });
    const refusal = await client.applyRefused(web, deployment('web', { replicas: 2 }));
    expect(refusal).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(refusal.details?.causes).toEqual([
      {
        reason: 'FieldManagerConflict',
        field: '.spec.replicas',
        message: containing('"kubectl" with subresource "scale"'),
      },
    ]);
    expect(replicasOf(await client.apply(web, deployment('web', { replicas: 2 }), { force: true }))).toBe(2);
  });

  it('names nobody who scaled to zero: a plain apply heals it', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 2 }));
    await client.patch(`${web}/scale?fieldManager=kubectl`, { spec: { replicas: 0 } });
    const live = await client.get(web);
    expect(replicasOf(live)).toBe(0);
    expect(managersOf(live)).not.toHaveProperty(['kubectl Update scale']);
    expect(managersOf(live)).not.toHaveProperty(['flotilla Apply', 'f:spec', 'f:replicas']);
    expect(replicasOf(await client.apply(web, deployment('web', { replicas: 2 })))).toBe(2);
  });

  it('resets replicas to 1 when their only owner drops them, and keeps them when shared', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('apps/v1/deployments', 'alone'), deployment('alone', { replicas: 3 }));
    expect(replicasOf(await client.apply(path('apps/v1/deployments', 'alone'), deployment('alone')))).toBe(1);

    const shared = path('apps/v1/deployments', 'shared');
    await client.apply(shared, deployment('shared', { replicas: 3 }));
    await client.patch(`${shared}/scale?fieldManager=autoscaler`, { spec: { replicas: 4 } });
    expect(replicasOf(await client.apply(shared, deployment('shared')))).toBe(4);
  });

  it('leaves removed fields for ever to a manager that was adopted from, unless ownership is moved', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const kubectl = `${path('configmaps')}?fieldManager=kubectl-client-side-apply`;
    await client.create(kubectl, configMap('a', { one: '1', two: '2' }));
    await client.apply(path('configmaps', 'a'), configMap('a', { one: '1', two: '2' }));
    const dropped = await client.apply(path('configmaps', 'a'), configMap('a', { one: '1' }));
    expect(dropped['data']).toEqual({ one: '1', two: '2' });
    expect(await client.applyRefused(path('configmaps', 'a'), configMap('a', { one: 'x' }))).toMatchObject({
      code: 409,
    });
  });
}

function describeTerminating(suite: Suite): void {
  it('accepts an apply to an object that is going, which then goes', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const at = path('configmaps', 'a');
    await client.create(path('configmaps'), configMap('a', { n: '1' }, { finalizers: ['example.com/hold'] }));
    await client.ok('DELETE', at);
    const applied = await client.apply(at, configMap('a', { n: '2' }), { force: true });
    expect(applied).toMatchObject({ data: { n: '2' }, metadata: { deletionTimestamp: aString } });
    await client.patch(at, { metadata: { finalizers: null } });
    expect(await client.exists(at)).toBe(false);
  });

  it('accepts an apply to a namespace that is going', async () => {
    const { client } = suite;
    const { name, path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('held', {}, { finalizers: ['example.com/hold'] }));
    await client.ok('DELETE', `/api/v1/namespaces/${name}`);
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team: 'a' } } };
    const applied = await client.apply(`/api/v1/namespaces/${name}`, body);
    expect(applied).toMatchObject({ metadata: { labels: { team: 'a' } }, status: { phase: 'Terminating' } });
    await client.patch(path('configmaps', 'held'), { metadata: { finalizers: null } });
  });
}
