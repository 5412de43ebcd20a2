import { connect } from 'node:tls';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterApi } from '@flotilla/testing';
import { query, startClusterApi, until } from '@flotilla/testing';
import { configApp } from '../support/fleet-files.js';
import type { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';
import { appWrites } from './app-writes.js';

interface AuditItem {
  readonly action: string;
  readonly subject: string;
  readonly actor: string;
  readonly outcome: string;
  readonly reason: string;
}

interface Identity {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}

let world: World;
let things: AsyncDisposable[] = [];

beforeAll(async () => {
  world = await World.start({ files: configApp('settings', { MODE: 'a' }) });
});

afterAll(async () => {
  for (const thing of things) await thing[Symbol.asyncDispose]();
  things = [];
  await world[Symbol.asyncDispose]();
});

async function emptyCluster(name: string, of: World = world): Promise<ClusterApi> {
  const api = await startClusterApi({ name });
  things.push(api);
  await api.writeKubeconfig(join(of.folder, `${name}.kubeconfig`));
  return api;
}

function start(name: string, env: Readonly<Record<string, string>> = {}): TestProcess {
  const agent = world.startAgent(name, env);
  things.unshift(agent);
  return agent;
}

const tokenFor = async (name: string, act: 'join' | 'rejoin' = 'join'): Promise<string> =>
  (await world.api.post<{ token: string }>(`/clusters/${name}/${act}`)).token;

/** The agent said it, the hub logged it, and an audit row tells it. */
async function refused(action: string, reason: string, agent?: TestProcess): Promise<AuditItem> {
  if (agent)
    await until(
      async () => (agent.log.includes(reason) ? true : undefined),
      `the agent is told: ${reason}`,
      () => agent.log,
    );
  const row = await until(
    async () => {
      const rows = await world.api.items<AuditItem>(`/audit?action=${action}`);
      return rows.find((found) => found.outcome === 'refused' && found.reason.includes(reason));
    },
    `audit: ${reason}`,
    () => world.hub.log,
  );
  const line = world.hub.log.split('\n').find((text) => text.includes('"msg":"refused"') && text.includes(reason));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'warn', action, subject: row.subject, msg: 'refused' });
  return row;
}

function identityOf(api: ClusterApi): Identity {
  const found = api.store.get('secrets', 'flotilla-system/flotilla-identity');
  if (!found) throw new Error('no identity is stored');
  return structuredClone(found) as unknown as Identity;
}

/** Puts an identity into a cluster as a restored backup or a clone would. */
function plant(api: ClusterApi, { metadata, data }: Identity): void {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flotilla-system' } };
  if (!api.store.get('namespaces', 'flotilla-system')) api.store.put('namespaces', namespace);
  const { name, labels } = metadata;
  const present = api.store.get('secrets', 'flotilla-system/flotilla-identity');
  const fresh = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name, namespace: 'flotilla-system', labels },
  };
  api.store.put('secrets', { ...(present ?? fresh), data });
}

const hasApp = (api: ClusterApi): boolean => api.store.get('namespaces', 'settings') !== undefined;

const stateOf = async (name: string): Promise<string> =>
  (await world.api.get<{ state: string }>(`/clusters/${name}`)).state;

const isState = (name: string, state: string): Promise<true> =>
  until(
    async () => ((await stateOf(name)) === state ? true : undefined),
    `${name} is ${state}`,
    () => world.hub.log.slice(-4_000),
  );

describe('joining', () => {
  it('refuses the name of another cluster, and leaves that one alone', async () => {
    const rival = await tokenFor('eu-1');
    await world.join('eu-1');
    await world.healthy('settings');
    const intruder = await emptyCluster('intruder');
    const agent = start('intruder', { FLOTILLA_AGENT_JOIN_TOKEN: rival });
    await refused('cluster.join', 'a cluster with this name is enrolled already', agent);
    expect(await stateOf('eu-1')).toBe('connected');
    expect(hasApp(intruder)).toBe(false);
    expect(agent.log).not.toContain(rival);
    await agent.kill();
  });

  it('refuses a token that another key has used', async () => {
    const token = await tokenFor('eu-2');
    await emptyCluster('eu-2');
    const first = start('eu-2', { FLOTILLA_AGENT_JOIN_TOKEN: token });
    await world.connected('eu-2', first);
    const thief = await emptyCluster('thief');
    const agent = start('thief', { FLOTILLA_AGENT_JOIN_TOKEN: token });
    const row = await refused('cluster.join', 'the join token was used with another key', agent);
    expect(row.subject).toMatch(/^token /);
    expect(hasApp(thief)).toBe(false);
    await agent.kill();
    await first.kill();
  });

  it('refuses an expired token', async () => {
    const token = await tokenFor('late');
    await query(
      world.databaseUrl,
      `UPDATE join_token SET expires_at = now() - interval '1 s' WHERE cluster_name = 'late'`,
    );
    const late = await emptyCluster('late');
    const agent = start('late', { FLOTILLA_AGENT_JOIN_TOKEN: token });
    await refused('cluster.join', 'the join token has expired', agent);
    expect((await world.api.fetch('GET', '/clusters/late')).status).toBe(404);
    expect(hasApp(late)).toBe(false);
    await agent.kill();
  });
});

describe('connecting', () => {
  it('needs a certificate', async () => {
    const [host = '', port = ''] = (world.hubEnv['FLOTILLA_AGENTS_LISTEN'] ?? '').split(':');
    const ended = await new Promise<string>((resolve) => {
      const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      socket.once('error', (error: Error) => resolve(error.message));
      socket.once('close', () => resolve('closed'));
    });
    expect(ended).not.toBe('');
    await refused('cluster.connect', 'no client certificate');
  });

  it('needs a certificate of this hub, as the hub needs one that the agent trusts', async () => {
    await using other = await World.start({ files: configApp('foreign', { A: '1' }) });
    const { api, agent: enrolled } = await other.join('foreign');
    await enrolled.kill();
    await api.writeKubeconfig(join(world.folder, 'foreign.kubeconfig'));
    const wary = start('foreign');
    await until(
      async () => (/"detail":"[^"]*certificate/i.test(wary.log) ? true : undefined),
      'the agent refuses the hub',
      () => wary.log,
    );
    await wary.kill();

    const trusted = identityOf(world.member('eu-1').api).data['ca.crt'] ?? '';
    const own = identityOf(api);
    plant(api, { ...own, data: { ...own.data, 'ca.crt': trusted } });
    const before = appWrites(api).length;
    const foreign = start('foreign');
    await refused('cluster.connect', 'the client certificate comes from a foreign authority');
    expect(appWrites(api)).toHaveLength(before);
    await foreign.kill();
  });

  it('with a superseded serial gives no data until the cluster has joined again', async () => {
    const { api, agent } = world.member('eu-1');
    const backup = identityOf(api);
    await agent.kill();
    plant(api, { ...backup, data: {} });
    const replaced = start('eu-1', { FLOTILLA_AGENT_JOIN_TOKEN: await tokenFor('eu-1', 'rejoin') });
    await until(
      async () => (replaced.log.includes('connected to the hub') ? true : undefined),
      'eu-1 has a new identity',
      () => replaced.log,
    );
    await replaced.kill();

    plant(api, backup);
    api.calls.clear();
    const restored = start('eu-1');
    await isState('eu-1', 'rejoin');
    const row = await refused('cluster.connect', 'the certificate was superseded', restored);
    expect(row.subject).toBe('eu-1');
    await world.push('not for eu-1 yet', {
      'settings/new.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n',
    });
    await world.settled();
    expect(appWrites(api)).toEqual([]);
    await restored.kill();

    const again = start('eu-1', { FLOTILLA_AGENT_JOIN_TOKEN: await tokenFor('eu-1', 'rejoin') });
    await isState('eu-1', 'connected');
    await until(
      async () => api.store.get('configmaps', 'settings/new'),
      'eu-1 gets what is new',
      () => again.log,
    );
    const rows = await world.api.items<AuditItem>('/audit?action=cluster.rejoin');
    expect(rows).toContainEqual(expect.objectContaining({ subject: 'eu-1', outcome: 'done' }));
    world.member('eu-1').agent = again;
  });

  it('of a clone quarantines it and its original, until the original has joined again', async () => {
    const { api, agent } = world.member('eu-1');
    const clone = await emptyCluster('clone');
    plant(clone, identityOf(api));
    const copy = start('clone');
    const row = await refused('cluster.connect', 'another cluster uses this identity: both are quarantined', copy);
    expect(row.subject).toBe('eu-1');
    await isState('eu-1', 'quarantined');
    await until(
      async () => (agent.log.includes('"reason":"cloned"') ? true : undefined),
      'the original is told',
      () => agent.log,
    );
    expect(hasApp(clone)).toBe(false);
    // Quarantine is about data from the hub: what runs goes on, and is healed.
    api.store.remove('configmaps', api.store.get('configmaps', 'settings/settings') as never);
    await until(
      async () => api.store.get('configmaps', 'settings/settings'),
      'the original heals',
      () => agent.log,
    );

    await copy.kill();
    await agent.kill();
    world.member('eu-1').agent = start('eu-1', { FLOTILLA_AGENT_JOIN_TOKEN: await tokenFor('eu-1', 'rejoin') });
    await isState('eu-1', 'connected');
  });
});
