import { startClusterApi } from '@flotilla/testing';
import type { ApiCall, ApiFaultKind } from '@flotilla/testing';
import type { KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../apps/agent/src/reconcile/reconciler.port.js';
import { count, takenWrites } from '../fault/app-writes.js';
import { AgentHarness, MemoryInventories, configMap, deployment } from './agent-harness.js';
import { ContractClient, MERGE } from './contract-cluster.js';
import { asCluster } from './embedded-cluster.js';
import { eventually } from './eventually.js';

/** Something an agent does in several writes, each of which may be its last. */
interface Scenario {
  readonly what: string;
  /** What is in place before: an agent with the same inventory store ran and is gone. */
  readonly before?: (agent: AgentHarness, client: ContractClient) => Promise<void>;
  readonly wanted: (agent: AgentHarness) => DesiredApp[];
  /** What people do once the agent that will be killed is at work. */
  readonly then?: (client: ContractClient) => Promise<void>;
  /** Looks at the end. */
  readonly after: (agent: AgentHarness, client: ContractClient) => Promise<void>;
}

const path = (name: string): string => `/api/v1/namespaces/shop/configmaps/${name}`;
const JOBS = '/apis/batch/v1/namespaces/shop/jobs';
const allowed = { annotations: { 'flotilla.dev/replace': 'allowed' } };

async function seed(client: ContractClient, manager: string, object: KubeObject): Promise<void> {
  await client.api.call('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  });
  await client.ok('POST', `/api/v1/namespaces/shop/configmaps?fieldManager=${manager}`, { body: { ...object } });
}

async function ran(agent: AgentHarness, ...apps: readonly DesiredApp[]): Promise<void> {
  agent.want(...apps);
  for (const app of apps) await agent.healthy(app);
}

function job(image: string): KubeObject {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'run', image }] } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec: { template } };
}

/** What cannot be changed in place, and needs no controller to be healthy. */
function sealed(value: string, metadata = {}): KubeObject {
  return { ...configMap('sealed', { value }, metadata), immutable: true };
}

function inOwnNamespace(agent: AgentHarness): DesiredApp {
  const objects = [agent.namespaceObject, configMap('a', { v: '1' })];
  return agent.app('web', objects, { policy: { createNamespace: false } });
}

/** Not what is still there while its namespace goes. */
async function isBack(_agent: AgentHarness, client: ContractClient): Promise<void> {
  await eventually(async () => (await client.get(path('a'))).metadata.uid !== uids.get(client));
  expect((await client.get(path('a')))['data']).toEqual({ v: '1' });
}

async function deleteNamespace(client: ContractClient): Promise<void> {
  uids.set(client, (await client.get(path('a'))).metadata.uid);
  await client.ok('DELETE', '/api/v1/namespaces/shop');
}

const SCENARIOS: readonly Scenario[] = [
  {
    what: 'adoption from other tools',
    before: async (_agent, client) => {
      await seed(client, 'helm', configMap('by-helm', { v: '1', gone: 'soon' }));
      await seed(client, 'kubectl-client-side-apply', configMap('by-kubectl', { v: '1' }));
    },
    wanted: (agent) => [
      agent.app('web', [configMap('by-helm', { v: '2' }), configMap('by-kubectl', { v: '1' })], {
        policy: { apply: { conflict: 'fail', adopt: { when: 'force', from: ['helm', 'kubectl-client-side-apply'] } } },
      }),
    ],
    after: async (_agent, client) => {
      expect((await client.get(path('by-helm')))['data']).toEqual({ v: '2' });
    },
  },
  {
    what: 'handover to another app',
    before: async (agent, client) => {
      await ran(agent, agent.app('one', [configMap('shared', { v: '1' }), configMap('rest', {})]));
      uids.set(client, (await client.get(path('shared'))).metadata.uid);
    },
    wanted: (agent) => [agent.app('one', [configMap('rest', {})]), agent.app('two', [configMap('shared', { v: '2' })])],
    after: async (_agent, client) => {
      const live = await client.get(path('shared'));
      expect(live.metadata.uid).toBe(uids.get(client));
      expect(live.metadata.labels).toEqual({ 'flotilla.dev/app': 'two' });
    },
  },
  {
    what: 'replacing what cannot be changed',
    before: (agent) => ran(agent, agent.app('web', [sealed('1', allowed)])),
    wanted: (agent) => [agent.app('web', [sealed('2', allowed)])],
    after: async (_agent, client) => {
      expect((await client.get(path('sealed')))['data']).toEqual({ value: '2' });
    },
  },
  {
    what: 'replacing a finished Job',
    before: async (agent) => ran(agent, agent.app('web', [job('migrate:1.0')])),
    wanted: (agent) => [agent.app('web', [job('migrate:2.0')])],
    after: async (_agent, client) => {
      expect(JSON.stringify((await client.get(`${JOBS}/migrate`))['spec'])).toContain('migrate:2.0');
    },
  },
  {
    what: 'a namespace of its own that somebody deletes',
    before: (agent) => ran(agent, inOwnNamespace(agent)),
    wanted: (agent) => [inOwnNamespace(agent)],
    then: deleteNamespace,
    after: isBack,
  },
  {
    what: 'a namespace made for it that somebody deletes',
    before: (agent) => ran(agent, agent.app('web', [configMap('a', { v: '1' })])),
    wanted: (agent) => [agent.app('web', [configMap('a', { v: '1' })])],
    then: deleteNamespace,
    after: isBack,
  },
  {
    what: 'healing what was edited and what was deleted',
    before: (agent) => ran(agent, agent.app('web', [configMap('a', { v: '1' }), deployment('web', 'web:1.0')])),
    wanted: (agent) => [agent.app('web', [configMap('a', { v: '1' }), deployment('web', 'web:1.0')])],
    then: async (client) => {
      await client.patch(path('a'), { data: { v: 'hand' } }, MERGE);
      await client.ok('DELETE', '/apis/apps/v1/namespaces/shop/deployments/web');
    },
    after: async (_agent, client) => {
      await eventually(async () => {
        expect((await client.get(path('a')))['data']).toEqual({ v: '1' });
        return client.exists('/apis/apps/v1/namespaces/shop/deployments/web');
      });
    },
  },
];

const uids = new WeakMap<ContractClient, string>();

/** Calls of `then`: the agent never merges, and deletes nothing in these scenarios. */
const isByHand = (scenario: Scenario, { verb, contentType }: ApiCall): boolean =>
  scenario.then !== undefined && (contentType === MERGE || verb === 'delete');

const isWrite = ({ verb, dryRun }: ApiCall): boolean => !dryRun && /^(patch|create|delete|update)$/.test(verb);

/** Runs a scenario; the first agent is killed at its n-th write by that fault, if it comes so far. */
async function run(scenario: Scenario, kill?: { readonly write: number; readonly fault: ApiFaultKind }): Promise<Run> {
  const api = await startClusterApi();
  const store = new MemoryInventories();
  const client = new ContractClient(api);
  {
    await using first = await AgentHarness.start(asCluster(api), store);
    await scenario.before?.(first, client);
  }
  const victim = await AgentHarness.start(asCluster(api), store);
  if (scenario.then !== undefined) await ran(victim, ...scenario.wanted(victim));
  api.calls.clear();
  let tried = 0;
  const isDue = (call: ApiCall): boolean => isWrite(call) && !isByHand(scenario, call) && (tried += 1) === kill?.write;
  const point = api.faults.inject(isDue, kill?.fault ?? { kind: 'hang' }, 1);
  if (scenario.then === undefined) victim.want(...scenario.wanted(victim));
  else await scenario.then(client);
  const isDone = async (): Promise<void> => {
    for (const app of scenario.wanted(victim)) await victim.healthy(app);
    await scenario.after(victim, client);
  };
  await Promise.race([isDone(), eventually(async () => point.met > 0, 30_000)]);
  victim.abandon();
  point.remove();
  const agent = await AgentHarness.start(asCluster(api), store);
  await ran(agent, ...scenario.wanted(agent));
  await scenario.after(agent, client);
  return {
    met: point.met > 0,
    tried,
    writes: count(takenWrites(api)),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await agent[Symbol.asyncDispose]();
      await api.close();
    },
  };
}

interface Run extends AsyncDisposable {
  /** Writes that were tried, refused ones too. */
  readonly tried: number;
  readonly met: boolean;
  readonly writes: Record<string, number>;
}

/** Before it was done; and when it was done, and the answer never came. */
const FAULTS: readonly ApiFaultKind[] = [{ kind: 'hang' }, { kind: 'delay', delayMs: 60_000 }];

describe('agent: killed at any write, and started again without a hub', () => {
  it.each(SCENARIOS.map((scenario) => ({ what: scenario.what, scenario })))(
    '$what: converges, with no extra write and no delete without proof',
    async ({ scenario }) => {
      await using unharmed = await run(scenario);
      const writes = Array.from({ length: unharmed.tried }, (_, index) => index + 1);
      const kills = FAULTS.flatMap((fault) => writes.map((write) => ({ write, fault })));
      const ends = kills.map(async (kill) => {
        await using killed = await run(scenario, kill);
        expect({ ...kill, writes: killed.writes }).toEqual({ ...kill, writes: unharmed.writes });
        // How often something is tried while a namespace goes is a matter of time.
        expect(killed.met || scenario.then !== undefined).toBe(true);
      });
      await Promise.all(ends);
    },
    120_000,
  );
});
