import type { JsonObject } from '@flotilla/domain';
import { printJson } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { until } from '@flotilla/testing';
import type { ProblemItem } from '../support/hub-api.js';
import { configApp, configMap, deployment } from '../support/fleet-files.js';
import { World } from '../support/world.js';

const FAST = `kind: RolloutStrategy
metadata: {name: fast}
spec: {waves: [{name: all, maxConcurrent: 100%}]}
`;

/** Whole numbers that JavaScript cannot hold. */
const LARGE = `apiVersion: apps/v1
kind: ControllerRevision
metadata: {name: large}
revision: 9007199254740993
data: {number: -9223372036854775808, text: "9007199254740993"}
`;

function live(world: World, cluster: string, path: readonly [collection: string, key: string]): unknown {
  return world.member(cluster).api.store.get(...path);
}

function dataOf(world: World, cluster: string, app: string): unknown {
  return (live(world, cluster, ['configmaps', `${app}/${app}`]) as { data?: unknown } | undefined)?.data;
}

describe('the main job', () => {
  it('takes a push to every cluster and brings health back', async () => {
    // More than a line or two: large files are read in a thread of their own.
    const large = { LONG: 'x'.repeat(100_000) };
    const files = { ...configApp('settings', { MODE: 'a' }), 'settings/large.yaml': configMap('large', large) };
    await using world = await World.start({ files: { 'fleet/strategies.yaml': FAST, ...files } });
    await Promise.all([world.join('eu-1', { region: 'eu' }), world.join('us-1', { region: 'us' })]);
    await world.healthy('settings', 1, { targets: 2 });
    expect(dataOf(world, 'eu-1', 'settings')).toEqual({ MODE: 'a' });
    expect(live(world, 'us-1', ['configmaps', 'settings/large'])).toMatchObject({ data: large });

    const commit = await world.push('mode b', { 'settings/config.yaml': configMap('settings', { MODE: 'b' }) });
    await world.healthy('settings', 2);
    expect([dataOf(world, 'eu-1', 'settings'), dataOf(world, 'us-1', 'settings')]).toEqual([
      { MODE: 'b' },
      { MODE: 'b' },
    ]);
    const versions = await world.api.items<{ cluster: string; commit: string; since: string }>(
      '/versions?app=settings',
    );
    expect(versions.map((version) => version.commit)).toEqual([commit, commit]);
    expect(versions.every(({ since }) => Date.parse(since) > 0)).toBe(true);
  });

  it('renders per-cluster differences and Kustomize', async () => {
    const files = {
      'fleet/clusters.yaml':
        'kind: Cluster\nmetadata: {name: eu-1, labels: {region: eu}}\nspec: {values: {domain: eu.example}}\n',
      'web/flotilla.yaml': `kind: App
metadata: {name: web}
spec:
  targets: [{all: true}]
  createNamespace: true
  substitute: {DOMAIN: "\${cluster.values.domain:-none.example}"}
  overrides: [{name: eu, selector: region=eu, patches: [{target: {kind: Deployment}, patch: {spec: {replicas: 3}}}]}]
`,
      'web/kustomization.yaml':
        'resources: [deployment.yaml, config.yaml, large.yaml]\nimages: [{name: web, newName: registry.example/web, newTag: 1.2.3}]\n',
      'web/deployment.yaml': deployment('web', 'web'),
      'web/config.yaml': configMap('web', { HOST: '${DOMAIN}', SHELL: '${HOME}' }),
      'web/large.yaml': LARGE,
    };
    await using world = await World.start({ files });
    await Promise.all([world.join('eu-1'), world.join('us-1')]);
    await world.healthy('web', 1, { targets: 2 });
    expect([dataOf(world, 'eu-1', 'web'), dataOf(world, 'us-1', 'web')]).toEqual([
      { HOST: 'eu.example', SHELL: '${HOME}' },
      { HOST: 'none.example', SHELL: '${HOME}' },
    ]);
    const spec = (cluster: string): unknown => live(world, cluster, ['deployments.apps', 'web/web']);
    expect(spec('eu-1')).toMatchObject({
      spec: { replicas: 3, template: { spec: { containers: [{ image: 'registry.example/web:1.2.3' }] } } },
    });
    expect(spec('us-1')).toMatchObject({ spec: { replicas: 1 } });
    const large = live(world, 'us-1', ['controllerrevisions.apps', 'web/large']);
    expect(printJson(large as JsonObject)).toContain('"revision":9007199254740993');
    expect(printJson(large as JsonObject)).toContain(
      '"data":{"number":-9223372036854775808,"text":"9007199254740993"}',
    );
  });

  it('heals what is edited or deleted by hand, and prunes what leaves Git', async () => {
    const files = { ...configApp('settings', { MODE: 'a' }), 'settings/extra.yaml': configMap('extra', { X: '1' }) };
    await using world = await World.start({ files });
    const { api } = await world.join('eu-1');
    await world.healthy('settings');

    const before = live(world, 'eu-1', ['configmaps', 'settings/settings']) as never;
    api.store.remove('configmaps', before);
    await until(async () => (dataOf(world, 'eu-1', 'settings') ? true : undefined), 'the ConfigMap is back');
    const healed = await world.targetIs('settings', 'eu-1', ({ drifts }) =>
      drifts.some(({ kind, healed: done }) => kind === 'deleted' && done),
    );
    expect(healed.appliedRelease).toBe(1);

    await world.push('drop extra', { 'settings/extra.yaml': null });
    await world.healthy('settings', 2);
    expect(live(world, 'eu-1', ['configmaps', 'settings/extra'])).toBeUndefined();
    expect(dataOf(world, 'eu-1', 'settings')).toEqual({ MODE: 'a' });
  });

  it('asks before it removes an app that leaves Git, and forgets the question on a revert', async () => {
    await using world = await World.start({
      files: { ...configApp('settings', { MODE: 'a' }), ...configApp('other', { A: '1' }) },
    });
    const { api } = await world.join('eu-1');
    await world.healthy('settings');
    const writes = (): number =>
      api.calls.all.filter(({ method, path }) => method !== 'GET' && path.includes('/namespaces/settings/')).length;
    const before = writes();

    await world.push('drop settings by mistake', { settings: null });
    await world.targetIs('settings', 'eu-1', ({ life }) => life === 'asked');
    expect(dataOf(world, 'eu-1', 'settings')).toEqual({ MODE: 'a' });
    const [removal] = await world.api.items<{ app: string; because: string }>('/removals');
    expect(removal).toMatchObject({ app: 'settings' });

    await world.git.revert();
    await world.api.post('/webhooks/fleet');
    await world.targetIs('settings', 'eu-1', ({ life }) => life === 'active');
    expect(await world.api.items('/removals')).toEqual([]);
    expect(writes()).toBe(before);
  });

  it.each([
    ['a broken file', { 'settings/config.yaml': 'apiVersion: v1\nkind: [ConfigMap\n' }, 'settings/config.yaml'],
    [
      'an unknown field',
      { 'settings/flotilla.yaml': 'kind: App\nmetadata: {name: settings}\nspec: {targts: [{all: true}]}\n' },
      'settings/flotilla.yaml',
    ],
    ['an empty folder', { 'settings/config.yaml': null }, 'settings'],
    ['a kustomization without resources', { 'settings/kustomization.yaml': 'resources: []\n' }, 'settings'],
    [
      'a wrong path',
      {
        'settings/flotilla.yaml':
          'kind: App\nmetadata: {name: settings}\nspec: {source: {path: nowhere}, targets: [{all: true}]}\n',
      },
      'settings/flotilla.yaml',
    ],
  ])('freezes what %s concerns, moves the rest, deletes nothing', async (_, changes, file) => {
    await using world = await World.start({
      files: { ...configApp('settings', { MODE: 'a' }), ...configApp('other', { A: '1' }) },
    });
    await world.join('eu-1');
    await Promise.all([world.healthy('settings', 1), world.healthy('other', 1)]);

    const commit = await world.push('a bad commit', {
      ...changes,
      'other/config.yaml': configMap('other', { A: '2' }),
    });
    await world.healthy('other', 2);
    const problems = await world.api.items<ProblemItem>('/problems?severity=error');
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatchObject({
      subjectName: 'settings',
      commit,
      file: expect.stringContaining(file) as string,
    });
    expect(problems[0]?.message).not.toBe('');
    expect((await world.app('settings')).frozenBecause).not.toBe('');
    const settings = await world.target('settings', 'eu-1');
    expect(settings).toMatchObject({ life: 'active', appliedRelease: 1, state: 'healthy' });
    expect(dataOf(world, 'eu-1', 'settings')).toEqual({ MODE: 'a' });

    await world.git.revert();
    await world.api.post('/webhooks/fleet');
    await until(
      async () => ((await world.api.items('/problems?severity=error')).length === 0 ? true : undefined),
      'the problems are gone',
    );
    expect((await world.app('settings')).frozenBecause).toBe('');
  });
});
