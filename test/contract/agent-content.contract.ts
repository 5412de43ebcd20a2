import type { KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { AgentCluster, StartAgentCluster } from './agent-harness.js';
import { AgentHarness, MemoryInventories } from './agent-harness.js';
import { bigDefinitions, readContent } from './real-content.js';

const WRITES = new Set(['applied', 'adopted', 'pruned', 'released', 'drifted', 'failed']);

/** Content converges; then a second pass, and a restart, write nothing and find no drift. */
export async function expectSilence(
  cluster: AgentCluster,
  objects: readonly KubeObject[],
  settled: (agent: AgentHarness) => Promise<unknown>,
): Promise<void> {
  const store = new MemoryInventories();
  {
    await using agent = await AgentHarness.start(cluster, store);
    const app = agent.app('real', objects);
    agent.want(app);
    await settled(agent);
    const report = agent.reports.get('real');
    expect(report?.problems.filter(({ code }) => code === 'invalid')).toEqual([]);
    expect(agent.log('real').filter((line) => line.startsWith('applied'))).toHaveLength(objects.length);
    expect(report?.drifts).toEqual([]);
    agent.want(agent.app('real', objects, { entry: { retry: 1 } }));
    await agent.reported('real', (again) => again.evaluated.number === 2);
    expect(agent.events.filter(({ type }) => type === 'drifted' || type === 'failed')).toEqual([]);
    expect(agent.log('real').filter((line) => line.startsWith('applied'))).toHaveLength(objects.length);
  }
  await using restarted = await AgentHarness.start(cluster, store);
  restarted.want(restarted.app('real', objects));
  await settled(restarted);
  expect(restarted.events.filter(({ type }) => WRITES.has(type))).toEqual([]);
}

/** What people run converges, and is then left alone. */
export function agentContentContract(start: StartAgentCluster): void {
  describe('agent: content that people run', () => {
    it('a chart of every kind, written in many ways', async () => {
      await using cluster = await start();
      const objects = readContent('chart.yaml', cluster.namespace);
      expect(objects.length).toBeGreaterThan(50);
      await expectSilence(cluster, objects, (agent) =>
        agent.reported('real', (report) => report.phase === 'applied' && report.objectsReady === report.objects),
      );
    });

    it('a set of CRDs of more than 1 MB', async () => {
      await using cluster = await start();
      const objects = bigDefinitions(`big.${cluster.namespace}.example`, 12);
      expect(JSON.stringify(objects).length).toBeGreaterThan(1_100_000);
      await expectSilence(cluster, objects, (agent) => agent.healthy(agent.app('real', objects)));
    });
  });
}
