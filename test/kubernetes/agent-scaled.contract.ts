import { describe, expect, it } from 'vitest';
import type { StartAgentCluster } from '../contract/agent-harness.js';
import { AgentHarness, MemoryInventories, deployment } from '../contract/agent-harness.js';
import { ContractClient } from '../contract/contract-cluster.js';
import { eventually } from '../contract/eventually.js';

/** Without metrics an autoscaler still brings a workload up to its least replicas, and so writes them. */
function autoscaler(minReplicas: number): Parameters<AgentHarness['app']>[1][number] {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas,
      maxReplicas: 5,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  };
}

/** Who scales on the real API server: its own controllers. */
export function agentScaledContract(start: StartAgentCluster): void {
  describe('agent: a workload that an autoscaler scales', () => {
    it('keeps the replicas that the autoscaler set, through changes and restarts, and reports no drift', async () => {
      await using cluster = await start();
      const store = new MemoryInventories();
      using client = new ContractClient(cluster);
      const replicas = async (path: string): Promise<unknown> =>
        ((await client.get(path))['spec'] as { replicas: unknown }).replicas;
      {
        await using agent = await AgentHarness.start(cluster, store);
        const web = agent.app('web', [deployment('web', 'web:1.0', 1), autoscaler(3)]);
        agent.want(web);
        await agent.healthy(web);
        const path = `${agent.deployments}/web`;
        await eventually(async () => (await replicas(path)) === 3, 60_000);
        const changed = agent.app('web', [deployment('web', 'web:1.1', 1), autoscaler(3)]);
        agent.want(changed);
        await agent.healthy(changed);
        expect(await replicas(path)).toBe(3);
        expect(agent.reports.get('web')?.drifts).toEqual([]);
      }
      await using agent = await AgentHarness.start(cluster, store);
      const changed = agent.app('web', [deployment('web', 'web:1.1', 1), autoscaler(3)]);
      agent.want(changed);
      await agent.healthy(changed);
      expect(agent.log('web').filter((line) => line.startsWith('applied'))).toEqual([]);
      expect(await replicas(`${agent.deployments}/web`)).toBe(3);
    });

    it('a stateful set that is updated by hand gets healthy when its last Pod is', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const set = (image: string): Parameters<AgentHarness['app']>[1][number] => {
        const { spec, ...rest } = deployment('db', image, 2);
        const { selector, template, replicas } = spec as Record<string, never>;
        const updateStrategy = { type: 'OnDelete' };
        return {
          ...rest,
          kind: 'StatefulSet',
          spec: { serviceName: 'db', selector, template, replicas, updateStrategy },
        };
      };
      const first = agent.app('web', [set('db:1')]);
      agent.want(first);
      await agent.healthy(first);
      const second = agent.app('web', [set('db:2')]);
      agent.want(second);
      await agent.reported(
        'web',
        (report) => report.health === 'progressing' && report.problems.some(({ code }) => code === 'replicasOutdated'),
      );
      const pods = `/api/v1/namespaces/${agent.namespace}/pods`;
      for (const name of ['db-0', 'db-1']) await client.ok('DELETE', `${pods}/${name}?gracePeriodSeconds=0`);
      await agent.healthy(second);
    });
  });
}
