import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterApi, EmbeddedDatabase } from '@flotilla/testing';
import { query, startClusterApi, startPostgres, until } from '@flotilla/testing';
import type { DemoCluster } from './fleet-clusters.js';
import { HubClient } from './hub-client.js';
import type { Page } from './hub-client.js';
import { Program } from './program.js';
import type { DemoState } from './state.js';

const root = join(import.meta.dirname, '..', '..');

export interface Database {
  readonly url: string;
  readonly server: EmbeddedDatabase | undefined;
}

/** The embedded PostgreSQL with the hub's database, or the one that DATABASE_URL names. */
export async function startDatabase(state: DemoState, given: string | undefined): Promise<Database> {
  if (given !== undefined) return { url: given, server: undefined };
  const server = await startPostgres({ folder: state.path('postgres'), port: await state.port('postgres') });
  await query(server.url(), 'CREATE DATABASE flotilla').catch((error: { code?: string }) => {
    if (error.code !== '42P04') throw error;
  });
  return { url: server.url('flotilla'), server };
}

export interface HubPart {
  readonly program: Program;
  readonly client: HubClient;
  readonly tokenFile: string;
  readonly joinAddress: string;
  readonly agentsAddress: string;
}

/** The hub as a process of its own; resolves when it leads. */
export async function startHubProgram(state: DemoState, databaseUrl: string, fleetUrl: string): Promise<HubPart> {
  const [http, join_, agents] = [await state.port('http'), await state.port('join'), await state.port('agents')];
  const tokenFile = state.path('hub', 'admin.token');
  const url = `http://127.0.0.1:${http}`;
  const [joinAddress, agentsAddress] = [`127.0.0.1:${join_}`, `127.0.0.1:${agents}`];
  await mkdir(state.path('log'), { recursive: true });
  const program = Program.start('the hub', {
    file: join(root, 'apps/hub/dist/main.js'),
    logFile: state.path('log', 'hub.log'),
    env: {
      DATABASE_URL: databaseUrl,
      FLOTILLA_DATA_DIR: state.path('hub'),
      FLOTILLA_HTTP_LISTEN: `127.0.0.1:${http}`,
      FLOTILLA_JOIN_LISTEN: joinAddress,
      FLOTILLA_AGENTS_LISTEN: agentsAddress,
      FLOTILLA_PUBLIC_URL: url,
      FLOTILLA_FLEET_URL: fleetUrl,
      FLOTILLA_POLL_INTERVAL: '5s',
    },
  });
  const look = async (): Promise<true | undefined> => {
    await program.check();
    const answer = await fetch(`${url}/readyz`).then(
      (response) => response.json() as Promise<{ role?: string }>,
      () => undefined,
    );
    return answer?.role === 'leader' ? true : undefined;
  };
  await until(look, 'the hub gets ready');
  const token = (await readFile(tokenFile, 'utf8')).trim();
  return { program, client: new HubClient(url, token), tokenFile, joinAddress, agentsAddress };
}

/** Embedded clusters with a kubeconfig each; their objects survive a restart. */
export async function startClusters(state: DemoState, clusters: readonly DemoCluster[]): Promise<ClusterApi[]> {
  await mkdir(state.path('clusters'), { recursive: true, mode: 0o700 });
  return Promise.all(
    clusters.map(async ({ name }) => {
      const api = await startClusterApi({
        name,
        port: await state.port(`cluster ${name}`),
        stateFile: state.path('clusters', `${name}.json`),
      });
      await api.writeKubeconfig(state.path('clusters', `${name}.kubeconfig`));
      return api;
    }),
  );
}

export interface AgentPlan {
  readonly cluster: DemoCluster;
  readonly env: Readonly<Record<string, string>>;
}

/** Agents as processes of their own: the ones whose cluster is new to the hub get a one-time token. */
export async function startAgents(state: DemoState, hub: HubPart, plans: readonly AgentPlan[]): Promise<Program[]> {
  const known = await hub.client.get<Page<{ name: string }>>('/clusters?limit=1000');
  const names = new Set(known.items.map(({ name }) => name));
  return Promise.all(
    plans.map(async ({ cluster, env }) => {
      const token = names.has(cluster.name) ? {} : await joinEnvironment(hub, cluster);
      return Program.start(`the agent of ${cluster.name}`, {
        file: join(root, 'apps/agent/dist/flotilla-agent.mjs'),
        logFile: state.path('log', `agent-${cluster.name}.log`),
        env: {
          FLOTILLA_AGENT_JOIN_ADDRESS: hub.joinAddress,
          FLOTILLA_AGENT_HUB_ADDRESS: hub.agentsAddress,
          ...env,
          ...token,
        },
      });
    }),
  );
}

async function joinEnvironment(hub: HubPart, { name, labels }: DemoCluster): Promise<Record<string, string>> {
  const { token } = await hub.client.post<{ token: string }>(`/clusters/${name}/join`, { labels });
  return { FLOTILLA_AGENT_JOIN_TOKEN: token };
}
