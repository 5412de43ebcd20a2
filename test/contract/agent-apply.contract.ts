import { describe, expect, it } from 'vitest';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness, configMap, deployment } from './agent-harness.js';

/** What the reconciler does on any API server: order, inventory, drift, prune. */
export function agentApplyContract(start: StartAgentCluster): void {
  describe('agent: apply', () => {
    it('applies a bundle in order, writes its inventory first, and is silent on the second pass', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [
        deployment('web', 'web:1.0'),
        configMap('settings', { a: '1' }),
        agent.namespaceObject,
      ]);
      agent.want(web);
      const report = await agent.healthy(web);
      expect(report).toMatchObject({ objects: 3, objectsReady: 3, problems: [], failedFast: false });
      expect(agent.log('web').filter((line) => !line.startsWith('failed'))).toEqual([
        'saved 3',
        `applied Namespace/${agent.namespace} create`,
        'applied ConfigMap/settings create',
        'applied Deployment/web create',
        'saved 3 complete',
        'passCompleted',
      ]);
      const before = agent.calls.length;
      agent.want(agent.app('web', web.objects, { entry: { retry: 1 } }));
      await agent.reported('web', (again) => again.evaluated.number === 2);
      expect(agent.calls.length - before).toBe(0);
    });

    it('changes, then prunes last what the bundle no longer has', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const first = agent.app('web', [configMap('a', { v: '1' }), configMap('b', { v: '1' })]);
      agent.want(first);
      await agent.healthy(first);
      agent.events.length = 0;
      const second = agent.app('web', [configMap('a', { v: '2' })]);
      agent.want(second);
      await agent.healthy(second);
      expect(agent.log('web')).toEqual([
        'saved 2',
        'applied ConfigMap/a change',
        'pruned ConfigMap/b',
        'forgotten ConfigMap/b',
        'saved 1 complete',
        'passCompleted',
      ]);
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'b'))).toBeUndefined();
      expect((await agent.client.get(agent.address('v1', 'ConfigMap', 'a')))['data']).toEqual({ v: '2' });
    });

    it('heals an edit and a deletion', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      const address = agent.address('v1', 'ConfigMap', 'a');
      await agent.client.patch(address, { data: { v: 'edited' } }, { type: 'merge' });
      await agent.reported('web', (report) => report.drifts.some((drift) => drift.healed && drift.field === '/data/v'));
      expect((await agent.client.get(address))['data']).toEqual({ v: '1' });
      const { uid } = (await agent.client.get(address)).metadata as unknown as { uid: string };
      await agent.client.delete(address, { uid });
      await agent.reported('web', (report) => report.drifts.some((drift) => drift.healed && drift.kind === 'deleted'));
      expect((await agent.client.get(address))['data']).toEqual({ v: '1' });
    });
  });
}
