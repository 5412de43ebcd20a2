import type { KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness, DEFAULT_POLICY, configMap } from './agent-harness.js';
import { ContractClient, MERGE } from './contract-cluster.js';
import { eventually } from './eventually.js';

const ALLOWED = { annotations: { 'flotilla.dev/replace': 'allowed' } };

function sealed(value: string, metadata: Record<string, unknown> = {}): KubeObject {
  return { ...configMap('sealed', { value }, metadata), immutable: true };
}

/** The tenth edit in a row must be healed within this (Argo CD: 53 s at the fifth). */
const TENTH_MS = 2_000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What people and other programs do to what an agent owns. */
export function agentDriftContract(start: StartAgentCluster): void {
  describe('agent: drift', () => {
    it('heals ten edits in a row, the tenth as fast as the first, then leaves it and says who', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      const path = `${agent.configMaps}/a`;
      const heals = (): number => agent.log('web').filter((line) => line.endsWith('a drift')).length;
      let tookMs = 0;
      for (let round = 1; round <= 10; round += 1) {
        const from = performance.now();
        await client.patch(`${path}?fieldManager=chaos`, { data: { v: `edit-${round}` } }, MERGE);
        await eventually(async () => heals() >= round);
        tookMs = performance.now() - from;
      }
      expect(tookMs).toBeLessThan(TENTH_MS);
      await client.patch(`${path}?fieldManager=chaos`, { data: { v: 'edit-11' } }, MERGE);
      const report = await agent.reported('web', (said) => said.problems[0]?.code === 'contested');
      expect(report.problems[0]?.message).toContain('chaos');
      expect((await client.get(path))['data']).toEqual({ v: 'edit-11' });
      expect(heals()).toBe(10);
    });

    it('tells of a Secret which keys differ, and no value, anywhere', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        data: { key: base64('wanted-value') },
      };
      const drift = { policy: 'report' as const, ignore: [], extraFields: 'remove' as const };
      const web = agent.app('web', [secret], { policy: { drift } });
      agent.want(web);
      await agent.healthy(web);
      const path = `/api/v1/namespaces/${agent.namespace}/secrets/s`;
      await client.patch(
        `${path}?fieldManager=kubectl-edit`,
        { data: { key: base64('live-value'), extra: base64('extra-value') } },
        MERGE,
      );
      const report = await agent.reported('web', ({ drifts }) => drifts.some(({ field }) => field === '/data/key'));
      const healing = agent.app('web', [secret]);
      agent.want(healing);
      await agent.healthy(healing);
      await eventually(async () => JSON.stringify((await client.get(path))['data']) === JSON.stringify(secret.data));
      const told = JSON.stringify([report, [...agent.reports.values()], agent.events]);
      for (const value of ['wanted-value', 'live-value', 'extra-value']) {
        expect(told).not.toContain(value);
        expect(told).not.toContain(base64(value));
      }
    });

    it('replaces what cannot be changed only where it is told to', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const first = agent.app('web', [sealed('1')]);
      agent.want(first);
      await agent.healthy(first);
      const { uid } = (await client.get(`${agent.configMaps}/sealed`)).metadata;
      agent.want(agent.app('web', [sealed('2'), configMap('other', {})]));
      const report = await agent.reported('web', ({ problems }) => problems.length > 0);
      expect(report.problems.map(({ ref, code }) => [ref.name, code])).toEqual([['sealed', 'immutable']]);
      expect(await client.exists(`${agent.configMaps}/other`)).toBe(true);
      const told = agent.app('web', [sealed('2', ALLOWED), configMap('other', {})]);
      agent.want(told);
      await agent.healthy(told);
      const live = await client.get(`${agent.configMaps}/sealed`);
      expect(live['data']).toEqual({ value: '2' });
      expect(live.metadata.uid).not.toBe(uid);
    });

    it('replaces nothing that its inventory does not prove to be its own', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', { ...agent.namespaceObject });
      const foreign = await client.create(agent.configMaps, { ...sealed('theirs') });
      const apply = { conflict: 'force' as const, adopt: { ...DEFAULT_POLICY.apply.adopt, when: 'force' as const } };
      agent.want(agent.app('web', [sealed('ours', ALLOWED)], { policy: { apply } }));
      await agent.reported('web', ({ problems }) => problems[0]?.code === 'immutable');
      const live = await client.get(`${agent.configMaps}/sealed`);
      expect([live.metadata.uid, live['data']]).toEqual([foreign.metadata.uid, { value: 'theirs' }]);
    });
  });
}
