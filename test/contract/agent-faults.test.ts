import { startClusterApi } from '@flotilla/testing';
import type { ApiCall } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import { AgentHarness, MemoryInventories, configMap, deployment } from './agent-harness.js';
import { count, takenWrites } from '../fault/app-writes.js';
import { asCluster } from './embedded-cluster.js';
import { eventually } from './eventually.js';

const isWrite = (verb: string): boolean =>
  verb === 'patch' || verb === 'create' || verb === 'delete' || verb === 'update';

/** An inventory store that kills the agent (as far as it can tell) at the n-th durable step. */
class FailingInventories extends MemoryInventories {
  left = Number.POSITIVE_INFINITY;

  override async save(app: string, inventory: Parameters<MemoryInventories['save']>[1]): Promise<void> {
    this.left -= 1;
    if (this.left < 0) return new Promise(() => undefined);
    return super.save(app, inventory);
  }
}

describe('agent: faults of the API server', () => {
  it('comes through refusals, resets and rate limits', async () => {
    await using api = await startClusterApi();
    await using agent = await AgentHarness.start(asCluster(api));
    api.faults.inject({ verb: 'patch', resource: 'configmaps' }, { kind: 'status', code: 503 }, 1);
    api.faults.inject({ verb: 'patch', resource: 'configmaps' }, { kind: 'reset' }, 1);
    api.faults.inject({ verb: 'get', resource: 'configmaps' }, { kind: 'status', code: 429, retryAfterSeconds: 1 }, 1);
    const web = agent.app('web', [configMap('a', { v: '1' }), configMap('b', { v: '1' })]);
    agent.want(web);
    await agent.healthy(web);
  });

  it('calls at most once per second and object while it is refused for good', async () => {
    await using api = await startClusterApi();
    await using agent = await AgentHarness.start(asCluster(api));
    api.faults.inject({ verb: 'patch', name: 'a' }, { kind: 'status', code: 500 });
    agent.want(agent.app('web', [configMap('a', {})]));
    await agent.reported('web', (report) => report.problems[0]?.code === 'serverError');
    const calls = (): readonly { at: number }[] => api.calls.matching({ verb: 'patch', name: 'a' });
    const from = calls().length - 1;
    await eventually(async () => calls().length >= from + 4);
    // As the server received them: three pauses of a second or more, less what a busy machine adds to the first call.
    expect((calls()[from + 3]?.at ?? 0) - (calls()[from]?.at ?? 0)).toBeGreaterThan(2_000);
  });

  it('sees what happened while its watch was cut off or expired', async () => {
    await using api = await startClusterApi();
    await using agent = await AgentHarness.start(asCluster(api));
    const web = agent.app('web', [configMap('a', { v: '1' })]);
    agent.want(web);
    await agent.healthy(web);
    await eventually(async () => api.calls.matching({ verb: 'watch', resource: 'configmaps' }).length > 0);
    const address = agent.address('v1', 'ConfigMap', 'a');
    api.faults.inject({ verb: 'watch', resource: 'configmaps' }, { kind: 'cut', afterEvents: 0 }, 2);
    await agent.client.patch(address, { data: { v: 'edited' } }, { type: 'merge' });
    api.store.compact();
    await agent.reported('web', (report) => report.drifts.some((drift) => drift.healed));
    expect(await agent.client.get(address)).toMatchObject({ data: { v: '1' } });
  });

  it('unknown is not healthy, and nothing is made or deleted while it is blind', async () => {
    await using api = await startClusterApi();
    const store = new MemoryInventories();
    {
      await using first = await AgentHarness.start(asCluster(api), store);
      const web = first.app('web', [configMap('a', {}), configMap('b', {})]);
      first.want(web);
      await first.healthy(web);
    }
    const broken = api.faults.inject({ resource: 'configmaps' }, { kind: 'status', code: 503 });
    await using agent = await AgentHarness.start(asCluster(api), store);
    const web = agent.app('web', [configMap('a', {})]);
    agent.want(web);
    const report = await agent.reported('web', (said) => said.health === 'unknown');
    expect(report.problems[0]?.code).toBe('unknown');
    expect(agent.log('web').some((line) => line.startsWith('pruned') || line.startsWith('applied'))).toBe(false);
    broken.remove();
    await agent.healthy(web);
  });

  it('a hanging write does not keep a newer desired state waiting', async () => {
    await using api = await startClusterApi();
    await using agent = await AgentHarness.start(asCluster(api));
    const base = agent.app('web', [configMap('a', { v: '1' }), configMap('b', { v: '1' })]);
    agent.want(base);
    await agent.healthy(base);
    const hang = api.faults.inject({ verb: 'patch', name: 'b' }, { kind: 'hang' }, 1);
    agent.want(agent.app('web', [configMap('a', { v: '1' }), configMap('b', { v: '2' })]));
    await eventually(async () => hang.met > 0);
    agent.want(agent.app('web', [configMap('a', { v: '3' }), configMap('b', { v: '1' })]));
    const address = agent.address('v1', 'ConfigMap', 'a');
    await eventually(async () => JSON.stringify((await agent.client.get(address))['data']) === '{"v":"3"}', 3_000);
  });

  it('heals at most ten times a minute what someone changes back and back, and says who', async () => {
    await using api = await startClusterApi();
    await using agent = await AgentHarness.start(asCluster(api));
    const web = agent.app('web', [configMap('a', { v: '1' })]);
    agent.want(web);
    await agent.healthy(web);
    const address = agent.address('v1', 'ConfigMap', 'a');
    for (let round = 0; round < 14; round += 1) {
      await agent.client.patch(address, { data: { v: `edit-${round}` } }, { type: 'merge' });
      const heals = Math.min(round + 1, 10);
      await eventually(async () => agent.log('web').filter((line) => line.endsWith('a drift')).length >= heals);
    }
    const report = await agent.reported('web', (said) => said.problems[0]?.code === 'contested');
    expect(report.problems[0]?.message).toContain('10 times within a minute');
    expect(agent.log('web').filter((line) => line.endsWith('a drift'))).toHaveLength(10);
  });

  it('acts as the app’s account in every write, dry-run and their reads', async () => {
    await using api = await startClusterApi();
    await using agent = await AgentHarness.start(asCluster(api));
    await agent.client.create(agent.address('v1', 'Namespace', 'shop').type, agent.namespaceObject);
    const policy = { serviceAccount: 'deployer' };
    const first = agent.app('web', [configMap('a', { v: '1' }), configMap('b', {})], { policy });
    const from = api.calls.all.length;
    agent.want(first);
    await agent.healthy(first);
    const second = agent.app('web', [configMap('a', { v: '2' })], { policy });
    agent.want(second);
    await agent.healthy(second);
    const calls = api.calls.all.slice(from).filter((call) => call.resource === 'configmaps');
    const own = calls.filter((call) => call.impersonated !== 'system:serviceaccount:shop:deployer');
    expect(own.every((call) => call.verb === 'watch' || call.verb === 'list')).toBe(true);
    expect(calls.some((call) => isWrite(call.verb))).toBe(true);
  });

  it('tells why a workload is not ready, and fails it fast', async () => {
    await using api = await startClusterApi({ imageExists: (image) => !image.includes('missing') });
    await using agent = await AgentHarness.start(asCluster(api));
    const good = agent.app('web', [deployment('web', 'web:1.0', 3)]);
    agent.want(good);
    await agent.healthy(good);
    agent.want(agent.app('web', [deployment('web', 'web:missing', 3)]));
    const report = await agent.reported('web', (said) => /ImagePull/.test(said.problems[0]?.code ?? ''));
    expect(report.problems[0]?.summary).toMatch(/^\d of 3 new pods stuck, 3 of 3 old pods serving$/);
    expect(report.health).toBe('progressing');
  });

  it('killed at any durable step of an apply and prune, it converges without extra writes', async () => {
    for (let step = 0; step < 5; step += 1) {
      await using api = await startClusterApi();
      const store = new FailingInventories();
      {
        await using setUp = await AgentHarness.start(asCluster(api), store);
        const before = setUp.app('web', [configMap('a', { v: '1' }), configMap('old', {})]);
        setUp.want(before);
        await setUp.healthy(before);
      }
      const victim = await AgentHarness.start(asCluster(api), store);
      store.left = step;
      const objects = [configMap('a', { v: '2' }), configMap('new', {})];
      victim.want(victim.app('web', objects));
      await eventually(
        async () =>
          store.left < 0 || victim.reports.get('web')?.appliedBundle === victim.app('web', objects).entry.bundle,
      );
      victim.abandon();
      store.left = Number.POSITIVE_INFINITY;
      await using agent = await AgentHarness.start(asCluster(api), store);
      const web = agent.app('web', objects);
      agent.want(web);
      await agent.healthy(web);
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'old'))).toBeUndefined();
      const live = [...(await agent.client.list(agent.address('v1', 'ConfigMap', 'a').type, 'shop')).items].map(
        ({ metadata }) => metadata.name,
      );
      expect(live.filter((name) => name !== 'kube-root-ca.crt').sort()).toEqual(['a', 'new']);
    }
  });

  const KILLS = [1, 2, 3, 4].flatMap((write) => [
    { write, fault: { kind: 'hang' } as const, what: 'before it was done' },
    { write, fault: { kind: 'delay', delayMs: 60_000 } as const, what: 'when it was done and not answered' },
  ]);

  it.each(KILLS)('killed at write $write $what: no extra write, no delete without proof', async ({ write, fault }) => {
    await using api = await startClusterApi();
    const store = new MemoryInventories();
    const before = [configMap('a', { v: '1' }), configMap('old-1', {}), configMap('old-2', {})];
    {
      await using first = await AgentHarness.start(asCluster(api), store);
      const web = first.app('web', before);
      first.want(web);
      await first.healthy(web);
    }
    const objects = [configMap('a', { v: '2' }), configMap('new', {})];
    const victim = await AgentHarness.start(asCluster(api), store);
    api.calls.clear();
    let left = write;
    const isDue = (call: ApiCall): boolean => isWrite(call.verb) && !call.dryRun && (left -= 1) === 0;
    const point = api.faults.inject(isDue, fault, 1);
    victim.want(victim.app('web', objects));
    await eventually(async () => point.met > 0);
    victim.abandon();
    await using agent = await AgentHarness.start(asCluster(api), store);
    const web = agent.app('web', objects);
    agent.want(web);
    await agent.healthy(web);
    const live = (await agent.client.list(agent.address('v1', 'ConfigMap', 'a').type, 'shop')).items;
    const names = live.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
    expect(names.sort()).toEqual(['a', 'new']);
    expect(count(takenWrites(api))).toEqual({
      'patch configmaps/shop/a': 1,
      'patch configmaps/shop/new': 1,
      'delete configmaps/shop/old-1': 1,
      'delete configmaps/shop/old-2': 1,
    });
  });
});
