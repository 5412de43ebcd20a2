import { describe, expect, it } from 'vitest';
import { EMPTY_INVENTORY, refKey, refOf } from '@flotilla/domain';
import type { KubeObject } from '@flotilla/domain';
import type { ObjectAddress } from '@flotilla/kube';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness, MemoryInventories, configMap, deployment } from './agent-harness.js';

import { ContractClient } from './contract-cluster.js';
import { eventually } from './eventually.js';

/** Whose fields and objects are whose: conflicts, drift, claims, adoption, handover. */
export function agentOwnershipContract(start: StartAgentCluster): void {
  describe('agent: ownership', () => {
    it('takes back what it held, and leaves to others what it never held', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const web = agent.app('web', [configMap('a', { mine: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      await client.apply(`${agent.configMaps}/a`, configMap('a', { theirs: '1' }), { manager: 'operator' });
      await client.apply(`${agent.configMaps}/a`, configMap('a', { theirs: '1', mine: 'stolen' }), {
        manager: 'operator',
        force: true,
      });
      await agent.reported('web', (report) =>
        report.drifts.some((drift) => drift.healed && drift.manager === 'operator'),
      );
      expect((await client.get(`${agent.configMaps}/a`))['data']).toEqual({ mine: '1', theirs: '1' });

      const claiming = agent.app('web', [configMap('a', { mine: '2', theirs: '2' })]);
      agent.want(claiming);
      const refused = await agent.reported('web', (report) => report.problems[0]?.code === 'applyConflict');
      expect(refused.problems[0]?.message).toContain('operator');
      expect(refused.problems[0]?.message).toContain('.data.theirs');
      expect((await client.get(`${agent.configMaps}/a`))['data']).toEqual({ mine: '1', theirs: '1' });

      const forcing = agent.app('web', claiming.objects, {
        policy: { apply: { ...claiming.policy.apply, conflict: 'force' } },
      });
      agent.want(forcing);
      await agent.healthy(forcing);
      expect((await client.get(`${agent.configMaps}/a`))['data']).toEqual({ mine: '2', theirs: '2' });
    });

    it('tells once of a field that somebody took over and changed', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const entry = { suspendedUntil: Date.now() + 600_000 };
      const web = agent.app('web', [deployment('web', 'web:1.0', 2)]);
      agent.want(web);
      await agent.healthy(web);
      agent.want(agent.app('web', web.objects, { entry }));
      await agent.reported('web', (report) => report.phase === 'suspended');
      const path = `${agent.deployments}/web?fieldManager=kubectl-edit`;
      await client.ok('PATCH', path, {
        body: { spec: { replicas: 3 } },
        contentType: 'application/merge-patch+json',
      });
      const report = await agent.reported('web', (said) => said.drifted > 0);
      expect(report.drifts).toMatchObject([
        { field: '/spec/replicas', wanted: '2', live: '3', manager: 'kubectl-edit' },
      ]);
    });

    it('removes what people add with kubectl, unless told to keep it', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const web = agent.app('web', [configMap('a', { mine: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      const add = { body: { data: { extra: '1' } }, contentType: 'application/merge-patch+json' };
      await client.ok('PATCH', `${agent.configMaps}/a?fieldManager=kubectl-edit`, add);
      const report = await agent.reported('web', (said) =>
        said.drifts.some((drift) => drift.healed && drift.field === '/data/extra'),
      );
      expect(report.drifts[0]).toMatchObject({ manager: 'kubectl-edit', wanted: '', live: '"1"' });
      expect((await client.get(`${agent.configMaps}/a`))['data']).toEqual({ mine: '1' });

      const keeping = agent.app('web', web.objects, {
        policy: { drift: { ...web.policy.drift, extraFields: 'keep' } },
      });
      agent.want(keeping);
      await agent.healthy(keeping);
      await client.ok('PATCH', `${agent.configMaps}/a?fieldManager=kubectl-edit`, add);
      await client.ok('PATCH', `${agent.configMaps}/a?fieldManager=kubectl-edit`, {
        ...add,
        body: { data: { mine: 'edited' } },
      });
      await agent.reported('web', (said) => said.drifts.some((drift) => drift.healed && drift.field === '/data/mine'));
      expect((await client.get(`${agent.configMaps}/a`))['data']).toEqual({ mine: '1', extra: '1' });
    });

    it('leaves ignored paths to whoever owns them, after creation', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', agent.namespaceObject);
      const ignore = [{ kind: 'Deployment', jsonPointers: ['/spec/replicas'], fieldManagers: [] }];
      const policy = { drift: { policy: 'correct' as const, ignore, extraFields: 'remove' as const } };
      const first = agent.app('web', [deployment('web', 'web:1.0', 2)], { policy });
      agent.want(first);
      await agent.reported('web', (report) => report.phase === 'applied');
      await client.ok('PATCH', `${agent.deployments}/web?fieldManager=keda`, {
        body: { spec: { replicas: 4 } },
        contentType: 'application/merge-patch+json',
      });
      const second = agent.app('web', [deployment('web', 'web:2.0', 2)], { policy });
      agent.want(second);
      await agent.reported(
        'web',
        (report) => report.phase === 'applied' && report.appliedBundle === second.entry.bundle,
      );
      const live = await client.get(`${agent.deployments}/web`);
      expect(live).toMatchObject({ spec: { replicas: 4 } });
      expect(live).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'web:2.0' }] } } } });
    });

    it.each(['argocd-controller', 'kustomize-controller', 'helm', 'kubectl-client-side-apply'])(
      'adopts from %s; then changes a field; then drops a field',
      async (manager) => {
        await using cluster = await start();
        await using agent = await AgentHarness.start(cluster);
        using client = new ContractClient(cluster);
        await client.create('/api/v1/namespaces', agent.namespaceObject);
        await seedAs(client, { path: agent.configMaps, manager }, { a: '1', b: '1' });
        const adopting = agent.app('web', [configMap('a', { a: '1', b: '1' })]);
        agent.want(adopting);
        await agent.healthy(adopting);
        expect(agent.log('web')).toContain(`adopted ConfigMap/a ${manager}`);
        const changing = agent.app('web', [configMap('a', { a: '2', b: '1' })]);
        agent.want(changing);
        await agent.healthy(changing);
        const dropping = agent.app('web', [configMap('a', { a: '2' })]);
        agent.want(dropping);
        await agent.healthy(dropping);
        const live = await client.get(`${agent.configMaps}/a`);
        expect(live['data']).toEqual({ a: '2' });
        expect(live.metadata.managedFields?.map((entry) => entry.manager)).toEqual(['flotilla']);
      },
    );

    it('adopts all or none when something differs, and nothing when that is forbidden', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', agent.namespaceObject);
      await client.create(agent.configMaps, configMap('same', { a: '1' }));
      await client.create(agent.configMaps, configMap('other', { a: '1' }));
      const before = await client.get(`${agent.configMaps}/same`);
      const objects = [configMap('same', { a: '1' }), configMap('other', { a: '2' })];
      agent.want(agent.app('web', objects));
      const report = await agent.reported('web', (said) => said.phase === 'blocked');
      expect(report.problems.map((problem) => problem.code)).toEqual(['adoptDiffers', 'adoptDiffers']);
      const never = agent.app('web', objects, {
        policy: { apply: { conflict: 'fail', adopt: { when: 'never', from: [] } } },
      });
      agent.want(never);
      await agent.reported(
        'web',
        (said) => said.problems.every((problem) => problem.code === 'notOwned') && said.problems.length === 2,
      );
      expect(await client.get(`${agent.configMaps}/same`)).toEqual(before);
    });

    it('hands an object over to another app without deleting it', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const shared = configMap('shared', { v: '1' });
      const first = agent.app('one', [shared, configMap('rest', {})]);
      agent.want(first);
      await agent.healthy(first);
      const { metadata } = await agent.client.get(agent.address('v1', 'ConfigMap', 'shared'));
      const second = agent.app('two', [configMap('shared', { v: '2' })]);
      agent.want(first, second);
      await agent.reported('two', (report) => report.problems[0]?.code === 'ownedBy');
      const reduced = agent.app('one', [configMap('rest', {})]);
      agent.want(reduced, second);
      await agent.healthy(reduced);
      await agent.healthy(second);
      const live = await agent.client.get(agent.address('v1', 'ConfigMap', 'shared'));
      expect(live.metadata['uid']).toBe(metadata['uid']);
      expect(live.metadata.labels).toEqual({ 'flotilla.dev/app': 'two' });
      expect(live['data']).toEqual({ v: '2' });
      expect(agent.log('one')).toContain('released ConfigMap/shared two');
    });

    it('does not delete what was made anew by someone else, and prunes by UID only', async () => {
      await using cluster = await start();
      const store = new MemoryInventories();
      {
        await using before = await AgentHarness.start(cluster, store);
        const both = before.app('web', [configMap('a', {}), configMap('b', {})]);
        before.want(both);
        await before.healthy(both);
      }
      using client = new ContractClient(cluster);
      await using agent = await AgentHarness.start(cluster, store);
      await client.ok('DELETE', `${agent.configMaps}/b`);
      await client.create(agent.configMaps, configMap('b', { by: 'hand' }));
      const web = agent.app('web', [configMap('a', {})]);
      agent.want(web);
      await agent.healthy(web);
      expect((await client.get(`${agent.configMaps}/b`))['data']).toEqual({ by: 'hand' });
      expect(agent.log('web')).toContain('forgotten ConfigMap/b');
    });

    it('puts back a label that was taken off, without making the object anew', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      const address = agent.address('v1', 'ConfigMap', 'a');
      const { uid } = (await agent.client.get(address)).metadata;
      await agent.client.patch(address, { metadata: { labels: { 'flotilla.dev/app': null } } }, { type: 'merge' });
      await eventually(async () => (await labelOf(agent, address)) === 'web');
      expect((await agent.client.get(address)).metadata['uid']).toBe(uid);
      expect(agent.log('web')).not.toContain('applied ConfigMap/a recreate');
    });

    it('believes its inventory, not labels: what only carries the label is left alone', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const web = agent.app('web', [configMap('a', {})]);
      agent.want(web);
      await agent.healthy(web);
      await client.create(agent.configMaps, configMap('copy', {}, { labels: { 'flotilla.dev/app': 'web' } }));
      const changed = agent.app('web', [configMap('a', { v: '2' })]);
      agent.want(changed);
      await agent.healthy(changed);
      expect(await client.exists(`${agent.configMaps}/copy`)).toBe(true);
      expect((await agent.store.load()).get('web')?.entries.map((entry) => refKey(entry))).toEqual([
        refKey({ ...refOf(configMap('a', {})), namespace: agent.namespace }),
      ]);
    });

    it('an empty bundle deletes nothing, an orphaned app lives on, a pruned one goes', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      agent.want(agent.app('web', []));
      await agent.reported('web', (report) => report.phase === 'blocked');
      const address = agent.address('v1', 'ConfigMap', 'a');
      expect(await agent.client.find(address)).toBeDefined();

      agent.want(agent.app('web', web.objects, { entry: { life: 'orphan' } }));
      await eventually(async () => agent.removed.includes('web'));
      expect((await agent.client.get(address)).metadata.labels ?? {}).toEqual({});
      expect((await agent.store.load()).get('web') ?? EMPTY_INVENTORY).toEqual(EMPTY_INVENTORY);

      const again = agent.app('web', web.objects, { entry: { retry: 1 } });
      agent.want(again);
      await agent.healthy(again);
      agent.want(agent.app('web', web.objects, { entry: { life: 'prune' } }));
      await eventually(async () => (await agent.client.find(address)) === undefined);
      await eventually(async () => agent.removed.length === 2);
    });
  });
}

async function labelOf(agent: AgentHarness, address: ObjectAddress): Promise<string | undefined> {
  return (await agent.client.get(address)).metadata.labels?.['flotilla.dev/app'];
}

/** Seeds a ConfigMap as another deployer leaves it, with its bookkeeping. */
async function seedAs(
  client: ContractClient,
  { path, manager }: { path: string; manager: string },
  data: Record<string, string>,
): Promise<void> {
  const object = configMap('a', data, bookkeeping(manager)) as KubeObject & { [key: string]: unknown };
  if (manager === 'argocd-controller' || manager === 'kustomize-controller') {
    await client.apply(`${path}/a`, object, { manager });
    return;
  }
  await client.ok('POST', `${path}?fieldManager=${manager}`, { body: object });
}

function bookkeeping(manager: string): Record<string, unknown> {
  switch (manager) {
    case 'helm':
      return {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'web' },
      };
    case 'kubectl-client-side-apply':
      return { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } };
    default:
      return { labels: { 'app.kubernetes.io/instance': 'web' } };
  }
}
