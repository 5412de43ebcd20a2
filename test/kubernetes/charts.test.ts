import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planRbac } from '@flotilla/domain';
import { unpackHelm } from '@flotilla/render';
import type { ControlPlane } from '@flotilla/testing';
import { startControlPlane, until } from '@flotilla/testing';
import type { Kubectl, KubectlResult } from '../contract/kubectl.js';
import { useKubectl } from '../contract/kubectl.js';
import { configApp } from '../support/fleet-files.js';
import { World } from '../support/world.js';

const root = join(import.meta.dirname, '..', '..');
type Values = Readonly<Record<string, unknown>>;

const SHARED: Values = {
  image: { repository: 'registry.example/flotilla', tag: '1.2.3', pullPolicy: 'Always' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
  resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
};

const HUB: Values = {
  fleet: { url: 'https://git.example/fleet' },
  database: { secret: 'postgres' },
  hubKey: { secret: 'hub-key' },
  adminToken: { secret: 'admin-token' },
  addresses: { join: 'hub.example.com:8443', agents: 'hub.example.com:8444' },
};

const HUB_ALL: Values = {
  ...SHARED,
  replicas: 3,
  fleet: { url: 'https://git.example/fleet', ref: 'production', tokenSecret: 'git-token' },
  database: { secret: 'postgres' },
  hubKey: { secret: 'hub-key' },
  adminToken: { secret: 'admin-token' },
  credentials: { secret: 'git-credentials' },
  webhook: { secret: 'git-webhook' },
  addresses: { join: 'hub.example.com:8443', agents: 'hub.example.com:8444', publicUrl: 'https://hub.example.com' },
  service: { type: 'NodePort' },
  agentsService: { type: 'LoadBalancer', annotations: { 'lb.example/scheme': 'internal' } },
  env: { FLOTILLA_LOG_LEVEL: 'debug', FLOTILLA_DATABASE_POOL: '20' },
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'flotilla-hub' } },
          },
        },
      ],
    },
  },
};

const AGENT: Values = { join: { address: 'hub.example.com:8443' } };

const AGENT_ALL: Values = {
  ...SHARED,
  join: { address: 'hub.example.com:8443', tokenSecret: 'another' },
  hubAddress: 'hub.example.com:8444,standby.example.com:8444',
  rbac: { mode: 'generated' },
  healthPort: 9191,
  impersonateOnly: true,
  forbidKinds: ['Secret', 'Role.rbac.authorization.k8s.io'],
  forbidNamespaces: ['kube-system', 'default'],
  env: { FLOTILLA_AGENT_LOG_LEVEL: 'debug' },
};

let folder: string;
let helm: string;
let plane: ControlPlane;
let kubectl: Kubectl;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-charts-'));
  const found = await unpackHelm(join(tmpdir(), 'flotilla-tools'));
  helm = found ?? 'helm';
  plane = await startControlPlane({ name: 'charts' });
  kubectl = await useKubectl(plane);
  // Of the accounts that an agent may impersonate.
  for (const namespace of ['shop', 'web']) await kubectl(['create', 'namespace', namespace]);
});

afterAll(async () => {
  await kubectl[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `helm template`; its exit code is part of the answer. */
async function template(chart: string, namespace: string, values: Values): Promise<KubectlResult> {
  const file = join(folder, `${namespace}.values.yaml`);
  await writeFile(file, stringify(values));
  const args = ['template', 'flotilla', join(root, 'deploy/charts', chart), '--namespace', namespace, '--values', file];
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
  return new Promise((resolve) => {
    execFile(helm, args, { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

/** As `flotilla agent rbac` prints them. */
function rights(namespace: string): string {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  const apps = [
    { app: 'shop', namespace: 'shop', serviceAccount: 'deployer', objects: [object] },
    { app: 'web', namespace: 'web', serviceAccount: 'deployer-2', objects: [object] },
  ];
  return planRbac(apps, { namespace })
    .objects.map((one) => stringify(one))
    .join('---\n');
}

/** Whether the agent of that namespace may act as an account. */
async function mayBe(agentNamespace: string, account: string, namespace: string): Promise<string> {
  const user = `system:serviceaccount:${agentNamespace}:flotilla-agent`;
  const args = ['auth', 'can-i', 'impersonate', `serviceaccounts/${account}`, '--namespace', namespace, '--as', user];
  return (await kubectl(args)).stdout.trim();
}

async function applied(yaml: string, flags: readonly string[]): Promise<string[]> {
  const file = join(folder, 'manifest.yaml');
  await writeFile(file, yaml);
  const result = await kubectl(['apply', '--server-side', ...flags, '--filename', file]);
  expect(result.stderr.replace(/^Warning: .*apply.*\n/gm, '')).toBe('');
  expect(result.code).toBe(0);
  return result.stdout.trim().split('\n');
}

/** Resolves when the scheduler has placed its Pods and all of them are ready. */
async function running(namespace: string, name: string, replicas: number): Promise<void> {
  let last = '';
  const look = async (): Promise<true | undefined> => {
    const path = 'jsonpath={.status.readyReplicas}/{.status.replicas}';
    const { stdout, stderr } = await kubectl(['get', 'deployment', name, '-n', namespace, '-o', path]);
    last = stdout + stderr;
    return stdout === `${replicas}/${replicas}` ? true : undefined;
  };
  await until(look, `${name} has ${replicas} ready Pods`, { details: () => last, withinMs: 60_000 });
  const { stdout } = await kubectl(['get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[*].spec.nodeName}']);
  expect(stdout.split(' ')).toHaveLength(replicas);
}

describe.each([
  { chart: 'hub', namespace: 'hub-least', values: HUB, deployment: 'flotilla-hub', replicas: 2 },
  { chart: 'hub', namespace: 'hub-most', values: HUB_ALL, deployment: 'flotilla-hub', replicas: 3 },
  { chart: 'hub', namespace: 'hub-single', values: { ...HUB, replicas: 1 }, deployment: 'flotilla-hub', replicas: 1 },
  { chart: 'agent', namespace: 'agent-least', values: AGENT, deployment: 'flotilla-agent', replicas: 1 },
  { chart: 'agent', namespace: 'agent-most', values: AGENT_ALL, deployment: 'flotilla-agent', replicas: 1 },
])('chart $chart ($namespace)', ({ chart, namespace, values, deployment, replicas }) => {
  it('is taken by a real API server, without a warning, and its Pods run', async () => {
    const { code, stdout, stderr } = await template(chart, namespace, values);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect((await kubectl(['create', 'namespace', namespace])).code).toBe(0);
    // As Helm does: objects without a namespace go to that of the release, the others to their own.
    await kubectl(['config', 'set-context', '--current', '--namespace', namespace]);
    if (namespace === 'agent-most') await applied(rights(namespace), ['--field-manager=rights']);
    const dry = await applied(stdout, ['--dry-run=server']);
    const real = await applied(stdout, []);
    if (namespace === 'agent-most') {
      expect(await mayBe(namespace, 'deployer', 'shop')).toBe('yes');
      expect(await mayBe(namespace, 'deployer', 'web')).toBe('no');
      expect(await mayBe(namespace, 'default', 'shop')).toBe('no');
    }
    expect(real).toEqual(dry.map((line) => line.replace(' (server dry run)', '')));
    await running(namespace, deployment, replicas);
    // Applied again it changes nothing.
    const diff = await kubectl(['diff', '--server-side', '--filename', join(folder, 'manifest.yaml')]);
    expect(diff.code).toBe(0);
    // Agents of several charts would fight over the cluster-wide binding.
    await kubectl(['delete', '--wait=false', '--filename', join(folder, 'manifest.yaml')]);
  });

  it('sets only what the programs know', async () => {
    const { stdout } = await template(chart, namespace, values);
    const page = await readFile(join(root, 'docs/operate/configuration.md'), 'utf8');
    const names = [...stdout.matchAll(/\b(FLOTILLA_[A-Z_]+|DATABASE_URL)\b/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(2);
    for (const name of new Set(names)) expect(page, name).toContain(`\`${name}\``);
  });
});

describe('charts refuse what cannot work, and say what is missing', () => {
  const without = (key: string, values: Values): Values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => name !== key));

  it.each([
    ['hub', without('database', HUB), 'database.secret: name the Secret with the Postgres URL'],
    ['hub', without('hubKey', HUB), 'hubKey.secret: name the Secret with the hub key'],
    ['hub', without('adminToken', HUB), 'adminToken.secret: name the Secret with the first admin token'],
    ['hub', without('fleet', HUB), 'fleet.url: Git URL of the fleet repository'],
    ['hub', { ...HUB, addresses: { agents: 'x:1' } }, 'addresses.join: host:port of the join listener'],
    ['hub', { ...HUB, addresses: { join: 'x:1' } }, 'addresses.agents: host:port of the agents listener'],
    ['agent', { ...AGENT, rbac: { mode: 'most' } }, 'rbac.mode: clusterAdmin, or generated'],
    ['agent', {}, "join.address: host:port of the hub's join listener"],
  ])('%s without %#', async (chart, values, message) => {
    const { code, stderr } = await template(chart, 'refused', values);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

describe('the manifest of a join', () => {
  it('is taken as it is, and its Pod runs', async () => {
    await using world = await World.start({ files: configApp('settings', { A: '1' }) });
    const { manifest } = await world.api.post<{ manifest: string }>('/clusters/eu-1/join', { labels: {} });
    const names = await applied(manifest, []);
    expect(names).toContain('namespace/flotilla-system serverside-applied');
    await running('flotilla-system', 'flotilla-agent', 1);
    const account = 'system:serviceaccount:flotilla-system:flotilla-agent';
    const may = await kubectl(['auth', 'can-i', '*', '*', '--as', account]);
    expect(may.stdout.trim()).toBe('yes');
  });
});
