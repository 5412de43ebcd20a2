import { describe, expect, it } from 'vitest';
import type { AppReport, JsonObject, KubeObject, PlannedAction, Policy } from '@flotilla/domain';
import { pathOf } from '@flotilla/kube';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness, DEFAULT_POLICY, configMap, deployment } from './agent-harness.js';
import { ContractClient } from './contract-cluster.js';
import { readContent } from './real-content.js';

const FROM = DEFAULT_POLICY.apply.adopt.from;

function policy(mode: Policy['mode'], when: Policy['apply']['adopt']['when']): Partial<Policy> {
  return { mode, apply: { conflict: 'fail', adopt: { when, from: FROM } } };
}

/** As the tools that made it leave an object: clients of old update, newer ones apply. */
async function seed(client: ContractClient, path: string, manager: string, v: string): Promise<void> {
  const object = configMap(`by-${manager.split('-')[0]}`, { v });
  if (manager === 'argocd-controller' || manager === 'operator') {
    await client.apply(`${path}/${object.metadata.name}`, { ...object }, { manager });
  } else await client.ok('POST', `${path}?fieldManager=${manager}`, { body: object });
}

function actions({ plan }: AppReport): Record<string, PlannedAction> {
  return Object.fromEntries((plan?.objects ?? []).map(({ ref, action }) => [ref.name, action]));
}

const WANTED: readonly KubeObject[] = ['by-helm', 'by-kubectl', 'by-argocd', 'by-operator', 'new'].map((name) =>
  configMap(name, { v: '2' }),
);

/** What people leave behind who ran `kubectl apply` with another client than server-side: objects with every default theirs. */
async function applyClientSide(
  client: ContractClient,
  agent: AgentHarness,
  objects: readonly KubeObject[],
): Promise<void> {
  const manager = 'kubectl-client-side-apply';
  for (const { ...object } of objects) {
    const { type, namespace, name } = agent.address(object.apiVersion, object.kind, object.metadata.name);
    const applied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) };
    const annotations = { ...object.metadata.annotations, ...applied };
    const metadata = { ...object.metadata, ...(namespace === '' ? {} : { namespace }), annotations };
    const path = pathOf(type, namespace, name).replace(/\/[^/]+$/, '');
    await client.ok('POST', `${path}?fieldManager=${manager}`, { body: { ...object, metadata } });
  }
}

/** Taking over what exists: what is said beforehand is what is done. */
export function agentAdoptionContract(start: StartAgentCluster): void {
  describe('agent: adoption', () => {
    it('an observed app says what taking over would do, field by field; managed, it does that and nothing else', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', { ...agent.namespaceObject });
      await seed(client, agent.configMaps, 'helm', '1');
      await seed(client, agent.configMaps, 'kubectl-client-side-apply', '2');
      await seed(client, agent.configMaps, 'argocd-controller', '2');
      await seed(client, agent.configMaps, 'operator', '9');
      const names = ['by-helm', 'by-kubectl', 'by-argocd', 'by-operator'];
      const live = (): Promise<unknown[]> =>
        Promise.all(names.map((name) => client.get(`${agent.configMaps}/${name}`)));
      const before = await live();

      agent.want(agent.app('web', WANTED, { policy: policy('observe', 'force') }));
      const said = await agent.reported('web', ({ plan }) => plan !== undefined && plan.counts.create === 1);
      expect(said.phase).toBe('observed');
      expect(said.plan?.counts).toEqual({ create: 1, change: 0, adopt: 3, delete: 0, conflict: 1, wait: 0, leave: 0 });
      expect(actions(said)).toEqual({
        'by-helm': 'adopt',
        'by-kubectl': 'adopt',
        'by-argocd': 'adopt',
        'by-operator': 'conflict',
        new: 'create',
      });
      const planned = said.plan?.objects ?? [];
      expect(planned.find(({ ref }) => ref.name === 'by-helm')?.managers).toEqual(['helm']);
      expect(planned[0]).toMatchObject({ because: 'held by other managers: /data/v (operator)' });
      expect(said.drifts).toContainEqual(
        expect.objectContaining({ field: '/data/v', wanted: '"2"', live: '"1"', manager: 'helm', left: 'reported' }),
      );
      expect(await live()).toEqual(before);
      expect(agent.store.saves).toBe(0);

      agent.want(agent.app('web', WANTED, { policy: policy('manage', 'force') }));
      const done = await agent.reported('web', ({ phase }) => phase === 'partial' || phase === 'blocked');
      expect(done.problems).toMatchObject([{ code: 'applyConflict', ref: { name: 'by-operator' } }]);
      expect(done.plan).toBeUndefined();
      const after = await live();
      expect(after).toMatchObject(['2', '2', '2', '9'].map((v) => ({ data: { v } })));
      const uids = (objects: unknown[]): unknown[] => objects.map((one) => (one as KubeObject).metadata['uid']);
      expect(uids(after)).toEqual(uids(before));
      expect(
        agent
          .log('web')
          .filter((line) => line.startsWith('adopted'))
          .sort(),
      ).toEqual([
        'adopted ConfigMap/by-argocd argocd-controller',
        'adopted ConfigMap/by-helm helm',
        'adopted ConfigMap/by-kubectl kubectl-client-side-apply',
      ]);
    });

    it('adopts as equal what client-side kubectl applied, whatever defaults it holds; then changes and drops fields', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', { ...agent.namespaceObject });
      const objects = readContent('chart.yaml', agent.namespace).filter(({ kind }) => kind !== 'Namespace');
      await applyClientSide(client, agent, objects);
      const web = agent.app('web', objects, { policy: policy('manage', 'ifEqual') });
      agent.want(web);
      await agent.reported('web', ({ phase }) => phase === 'applied');
      const adopted = agent.log('web').filter((line) => line.startsWith('adopted '));
      expect(adopted).toHaveLength(objects.length);

      const front = { ...deployment('front', 'web:1.0', 1) };
      await applyClientSide(client, agent, [front]);
      const { spec, ...rest } = deployment('front', 'web:2.0', 1);
      const changed = { ...rest, spec: { ...(spec as JsonObject), minReadySeconds: 1 } };
      for (const object of [front, changed, deployment('front', 'web:2.0', 1)]) {
        const next = agent.app('web', [...objects, object], { policy: policy('manage', 'ifEqual') });
        agent.want(next);
        await agent.reported('web', (said) => said.phase === 'applied' && said.appliedBundle === next.entry.bundle);
      }
      const live = await agent.client.get(agent.address('apps/v1', 'Deployment', 'front'));
      expect(live).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'web:2.0' }] } } } });
      expect((live['spec'] as JsonObject)['minReadySeconds']).toBeUndefined();
    });

    it('does not call equal what a former manager would lose with its ownership', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', { ...agent.namespaceObject });
      const { spec, ...rest } = deployment('front', 'web:1.0', 1);
      await applyClientSide(client, agent, [{ ...rest, spec: { ...(spec as JsonObject), minReadySeconds: 5 } }]);
      const web = agent.app('web', [deployment('front', 'web:1.0', 1)], { policy: policy('manage', 'ifEqual') });
      agent.want(web);
      const said = await agent.reported('web', ({ problems }) => problems.some(({ code }) => code === 'adoptDiffers'));
      expect(said.phase).toBe('blocked');
      const live = await agent.client.get(agent.address('apps/v1', 'Deployment', 'front'));
      expect(live['spec']).toMatchObject({ minReadySeconds: 5 });
      expect(live.metadata.labels ?? {}).not.toHaveProperty('flotilla.dev/app');
    });

    it('only what is equal is adopted by default: all or none, and it says so before', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', { ...agent.namespaceObject });
      await seed(client, agent.configMaps, 'helm', '1');
      await seed(client, agent.configMaps, 'argocd-controller', '2');
      const both = WANTED.filter(({ metadata }) => ['by-helm', 'by-argocd'].includes(metadata.name));
      agent.want(agent.app('web', both, { policy: policy('observe', 'ifEqual') }));
      const differs = await agent.reported('web', ({ plan }) => plan?.counts.conflict === 2);
      expect(differs.plan?.objects.map(({ because }) => because)).toContain(
        'exists and differs; apply.adopt.when: ifEqual',
      );
      await client.ok('PATCH', `${agent.configMaps}/by-helm?fieldManager=helm`, {
        body: { data: { v: '2' } },
        contentType: 'application/merge-patch+json',
      });
      agent.want(agent.app('web', [...both].reverse(), { policy: policy('observe', 'ifEqual') }));
      await agent.reported('web', ({ plan }) => plan?.counts.adopt === 2 && plan.counts.conflict === 0);
      const managed = agent.app('web', both, { policy: policy('manage', 'ifEqual') });
      agent.want(managed);
      await agent.healthy(managed);
    });
  });
}
