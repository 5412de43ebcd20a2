import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject, Policy } from '@flotilla/domain';
import { refOf } from '@flotilla/domain';
import { Connection, KubeClient } from '@flotilla/kube';
import { createLogger } from '@flotilla/telemetry';
import { freePort, startClusterApi } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import type { AgentConfig } from './config/index.js';
import { readAgentConfig } from './config/index.js';
import { FakeHub } from './link/fake-hub.fixture.js';
import type { RunningAgent } from './start-agent.js';
import { startAgent } from './start-agent.js';

const policy: Policy = {
  namespace: 'default',
  createNamespace: false,
  serviceAccount: '',
  mode: 'manage',
  apply: { conflict: 'fail', adopt: { when: 'ifEqual', from: [] } },
  drift: { policy: 'correct', ignore: [], extraFields: 'remove' },
  health: { checks: [], failFast: true },
  budget: { maxDeletes: { objects: 10, percent: 20 }, confirm: [] },
  onDelete: 'ask',
  dependsOn: [],
  formerly: [],
};

const configMap = (value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
  data: { value },
});

const logger = createLogger({ name: 'agent', level: 'silent' });
const CONFIG_MAPS = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespaced: true,
  verbs: [],
};

const eventually = (what: () => unknown): ReturnType<typeof expect.poll> =>
  expect.poll(what, { timeout: 20_000, interval: 20 });

describe('startAgent', () => {
  it(
    'enrols, applies, reports, and after a restart without the hub goes on and heals',
    { timeout: 40_000 },
    async () => {
      await using hub = await FakeHub.start();
      const cluster = await startClusterApi();
      await using _cluster = { [Symbol.asyncDispose]: () => cluster.close() };
      const file = join(await mkdtemp(join(tmpdir(), 'flotilla-agent-')), 'kubeconfig');
      await cluster.writeKubeconfig(file);
      const client = new KubeClient(Connection.fromFile(file));
      const valueOf = async (): Promise<unknown> => {
        const found = await client.find({ type: CONFIG_MAPS, ...refOf(configMap('')) });
        return found?.['data'];
      };
      const port = await freePort();
      const ask = async (path: string): Promise<{ status: number; text: string }> => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`);
        return { status: answer.status, text: await answer.text() };
      };
      const environment = {
        FLOTILLA_AGENT_KUBECONFIG: file,
        FLOTILLA_AGENT_JOIN_ADDRESS: hub.joinAddress,
        FLOTILLA_AGENT_JOIN_TOKEN: hub.printedToken,
        FLOTILLA_AGENT_HEALTH_LISTEN: `127.0.0.1:${port}`,
      };
      const config: AgentConfig = readAgentConfig({ environment });
      hub.version = { generation: 1, number: 1 };
      hub.wanted = [hub.entry({ app: 'web', objects: [configMap('a')] }, policy)];

      const first: RunningAgent = await startAgent(config, { logger });
      await eventually(valueOf).toEqual({ value: 'a' });
      await eventually(() => hub.session.of('report').at(-1)).toMatchObject({
        app: 'web',
        objects: 1,
        objectsReady: 1,
      });
      expect(await ask('/readyz')).toMatchObject({ status: 200, text: '{"ready":true,"connected":true}\n' });
      expect((await ask('/other')).status).toBe(404);
      const metrics = (await ask('/metrics')).text;
      expect(metrics).toContain('flotilla_agent_connected 1\n');
      expect(metrics).toContain('flotilla_agent_desired_number 1\n');
      expect(metrics).toMatch(/flotilla_agent_api_calls_total\{verb="patch",code="20[01]"\} \d/);
      expect(metrics).toMatch(/flotilla_agent_apps\{phase="appl(ied|ying)"\} 1\n/);
      await first[Symbol.asyncDispose]();

      await hub[Symbol.asyncDispose]();
      await client.patch(
        { type: CONFIG_MAPS, ...refOf(configMap('')) },
        { data: { value: 'by hand' } },
        { type: 'merge' },
      );
      const second = await startAgent(config, { logger });
      await eventually(valueOf).toEqual({ value: 'a' });
      expect(second.agent.connected).toBe(false);
      // Without the hub it is as ready as ever: it heals.
      expect(await ask('/readyz')).toMatchObject({ status: 200, text: '{"ready":true,"connected":false}\n' });
      await eventually(async () => (await ask('/metrics')).text).toMatch(/flotilla_agent_drift_healed_total [1-9]/);
      await second[Symbol.asyncDispose]();
      client.close();
    },
  );
});
