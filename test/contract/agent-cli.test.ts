import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { readWitness, renderAgentNotes } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';
import { startClusterApi } from '@flotilla/testing';
import { expect, it } from 'vitest';
import { readEnvironment } from '../../apps/cli/src/config/environment.js';
import { runCli } from '../../apps/cli/src/run-cli.js';
import { AgentHarness, MemoryInventories, configMap } from './agent-harness.js';
import { eventually } from './eventually.js';

/** Looks at, suspends and resumes apps of one cluster as people do whose hub is away. */
it('flotilla agent status, suspend and resume need no hub', async () => {
  await using api = await startClusterApi();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-agent-cli-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await api.writeKubeconfig(kubeconfig);
  const cluster = {
    namespace: 'shop',
    url: api.url,
    caPem: api.caPem,
    token: api.token,
    forgetHistory: async () => api.store.compact(),
    writeKubeconfig: (file: string) => api.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => api.close(),
  };
  const flotilla = async (...args: string[]): Promise<{ code: number; text: string }> => {
    let text = '';
    const take = (more: string): void => void (text += more);
    const streams = { out: take, err: take };
    const code = await runCli(['agent', ...args, '--kubeconfig', kubeconfig, '--namespace', 'shop'], {
      environment: readEnvironment({ FLOTILLA_CONFIG: join(folder, 'config.json'), XDG_CACHE_HOME: folder }, {}),
      streams,
    });
    return { code, text };
  };
  await using agent = await AgentHarness.start(cluster, new MemoryInventories(), { isLocal: true });
  const web = agent.app('web', [configMap('a', { v: '1' })]);
  agent.want(web);
  await eventually(async () => (await flotilla('status')).text.includes('healthy'));
  expect((await flotilla('status')).text).toMatch(
    /^APP +PHASE +HEALTH.*\nweb +applied +healthy +1\/1 +0 +[0-9a-f]{7}$/m,
  );
  const since = new Date(Date.now() - 7_200_000).toISOString();
  const lease = agent.client.discovery.find('coordination.k8s.io/v1', 'Lease');
  await agent.client.create(lease as ResourceType, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'flotilla-agent',
      namespace: 'shop',
      annotations: renderAgentNotes(
        {
          connected: false,
          trouble: 'refused',
          desired: '1.42',
          apps: 1,
          agentVersion: '0.1.0',
          witness: readWitness({}),
        },
        {},
        Date.parse(since),
      ),
    },
    spec: { holderIdentity: 'host/1/a', leaseDurationSeconds: 30, renewTime: since },
  });
  expect((await flotilla('status')).text).toMatch(
    /^agent {3}SILENT, seen 2h ago, version 0\.1\.0\nhub {5}away for 2h: refused\ncached {2}desired state 1\.42, apps: 1\nAPP/,
  );
  expect(await flotilla('suspend', 'web', '--for', '2h')).toMatchObject({ code: 0 });
  await agent.reported('web', (report) => report.phase === 'suspended');
  await eventually(async () => (await flotilla('status')).text.includes('suspended until'));
  expect(await flotilla('resume', 'web')).toMatchObject({ code: 0 });
  await agent.healthy(web);
  const unknown = await flotilla('suspend', 'other');
  expect(unknown.code).toBe(2);
  expect(unknown.text).toContain('knows no app other');
  expect(await flotilla('suspend', 'web', '--for', 'long')).toMatchObject({ code: 2 });
  await rm(folder, { recursive: true });
});
