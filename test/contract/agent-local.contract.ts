import type { KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness, MemoryInventories, configMap } from './agent-harness.js';
import { eventually } from './eventually.js';

const SUSPEND = 'flotilla.dev/suspend';

async function startLocal(start: StartAgentCluster): Promise<{ readonly agent: AgentHarness } & AsyncDisposable> {
  const cluster = await start();
  const agent = await AgentHarness.start(cluster, new MemoryInventories(), { isLocal: true });
  const dispose = async (): Promise<void> => {
    await agent[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  };
  return { agent, [Symbol.asyncDispose]: dispose };
}

/** The parent object of an app, once it says so. */
function parent(agent: AgentHarness, app: string, says: (object: KubeObject) => boolean): Promise<KubeObject> {
  return eventually(async () => {
    const object = await agent.client.get(agent.address('v1', 'ConfigMap', `flotilla-app-${app}`));
    if (!says(object)) throw new Error(JSON.stringify(object));
    return object;
  });
}

const dataOf = (object: KubeObject): Record<string, string> => object['data'] as Record<string, string>;
const suspendOf = (object: KubeObject): string => object.metadata.annotations?.[SUSPEND] ?? '';

/** What people who have only the cluster see and do. */
export function agentLocalContract(start: StartAgentCluster): void {
  describe('agent: parent objects', () => {
    it('say how each app is, and are written only when that changes', async () => {
      await using local = await startLocal(start);
      const { agent } = local;
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      const shown = await parent(agent, 'web', (object) => dataOf(object)['health'] === 'healthy');
      expect(shown).toMatchObject({
        metadata: { labels: { 'flotilla.dev/kind': 'app', 'flotilla.dev/phase': 'applied' } },
        data: { app: 'web', phase: 'applied', bundle: web.entry.bundle.slice(0, 7), objects: '1/1', message: '' },
      });
      agent.want(agent.app('web', web.objects, { entry: { retry: 1 } }));
      await agent.reported('web', (report) => report.evaluated.number === 2);
      const objects = [configMap('a', { v: '1' }), configMap('b', { v: '1' })];
      agent.want(agent.app('web', objects));
      const later = await parent(agent, 'web', (object) => dataOf(object)['objects'] === '2/2');
      const writes = agent.calls.filter(({ method, path }) => method !== 'GET' && path.includes('flotilla-app-web'));
      expect(writes.length).toBeLessThanOrEqual(4);
      expect(suspendOf(later)).toBe('');
    });

    it('suspend by annotation: nothing is healed until it is taken off, and a duration becomes its end', async () => {
      await using local = await startLocal(start);
      const { agent } = local;
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      await parent(agent, 'web', () => true);
      const own = agent.address('v1', 'ConfigMap', 'flotilla-app-web');
      await agent.client.patch(own, { metadata: { annotations: { [SUSPEND]: '1h' } } }, { type: 'merge' });
      await agent.reported('web', (report) => report.phase === 'suspended');
      const fixed = await parent(agent, 'web', (object) => /T.*Z$/.test(suspendOf(object)));
      expect(Math.abs(Date.parse(suspendOf(fixed)) - Date.now() - 3_600_000)).toBeLessThan(60_000);
      await parent(agent, 'web', (object) => dataOf(object)['suspended'] === `until ${suspendOf(object)}`);
      const address = agent.address('v1', 'ConfigMap', 'a');
      await agent.client.patch(address, { data: { v: 'edited' } }, { type: 'merge' });
      await agent.reported('web', (report) => report.drifted === 1);
      expect(await agent.client.get(address)).toMatchObject({ data: { v: 'edited' } });
      await agent.client.patch(own, { metadata: { annotations: { [SUSPEND]: null } } }, { type: 'merge' });
      await agent.reported('web', (report) => report.phase === 'applied' && report.drifted === 0);
      expect(await agent.client.get(address)).toMatchObject({ data: { v: '1' } });
    });

    it('suspend before the first thing is applied after a restart, and only for as long as they say', async () => {
      await using cluster = await start();
      const store = new MemoryInventories();
      {
        await using first = await AgentHarness.start(cluster, store, { isLocal: true });
        const web = first.app('web', [configMap('a', { v: '1' })]);
        first.want(web);
        await first.healthy(web);
        await parent(first, 'web', () => true);
      }
      await using plain = await AgentHarness.start(cluster);
      const own = plain.address('v1', 'ConfigMap', 'flotilla-app-web');
      const until = new Date(Date.now() + 4_000).toISOString();
      await plain.client.patch(own, { metadata: { annotations: { [SUSPEND]: until } } }, { type: 'merge' });
      await using agent = await AgentHarness.start(cluster, store, { isLocal: true });
      const web = agent.app('web', [configMap('a', { v: '2' })]);
      agent.want(web);
      await agent.reported('web', (report) => report.phase === 'suspended');
      expect(await plain.client.get(plain.address('v1', 'ConfigMap', 'a'))).toMatchObject({ data: { v: '1' } });
      await agent.healthy(web);
      await parent(agent, 'web', (object) => suspendOf(object) === '' && dataOf(object)['suspended'] === '');
    });

    it('say when an annotation cannot be read, and go with their app', async () => {
      await using local = await startLocal(start);
      const { agent } = local;
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await parent(agent, 'web', () => true);
      const own = agent.address('v1', 'ConfigMap', 'flotilla-app-web');
      await agent.client.patch(own, { metadata: { annotations: { [SUSPEND]: 'tomorrow' } } }, { type: 'merge' });
      const told = await parent(agent, 'web', (object) => dataOf(object)['suspended'] !== '');
      expect(dataOf(told)['suspended']).toBe('"tomorrow" is neither a duration (1h) nor a time (RFC 3339)');
      agent.want(agent.app('web', web.objects, { entry: { life: 'prune' } }));
      await eventually(async () => (await agent.client.find(own)) === undefined);
    });
  });
}
