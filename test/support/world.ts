import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterApi, ClusterApiOptions } from '@flotilla/testing';
import { freePort, query, read, startClusterApi, testDatabase, until } from '@flotilla/testing';
import type { Changes } from './git-repository.js';
import { GitRepository } from './git-repository.js';
import type { AppItem, TargetItem } from './hub-api.js';
import { HubApi } from './hub-api.js';
import { TestProcess } from './process.js';

const root = join(import.meta.dirname, '..', '..');

export interface WorldOptions {
  readonly files: Changes;
  readonly hub?: Readonly<Record<string, string>>;
  /** Environment of every agent, beyond what a world of one hub needs. */
  readonly agents?: Readonly<Record<string, string>>;
}

export interface Member {
  readonly name: string;
  readonly api: ClusterApi;
  agent: TestProcess;
}

/**
 * A hub, clusters and agents as they run in production: processes of their own, real Postgres, Git, TLS and gRPC. Clusters
 * are embedded APIs. Everything goes when it is disposed.
 */
export class World implements AsyncDisposable {
  readonly members = new Map<string, Member>();
  private readonly others: TestProcess[] = [];
  hub!: TestProcess;

  private constructor(
    readonly folder: string,
    readonly git: GitRepository,
    readonly api: HubApi,
    readonly databaseUrl: string,
    readonly hubEnv: Readonly<Record<string, string>>,
    private readonly agentsEnv: Readonly<Record<string, string>>,
    private readonly database: AsyncDisposable,
  ) {}

  static async start({ files, hub = {}, agents: agentsEnv = {} }: WorldOptions): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-e2e-'));
    const [git, database] = await Promise.all([GitRepository.create(folder, files), testDatabase()]);
    const [http, joinPort, agents] = [await freePort(), await freePort(), await freePort()];
    const env = {
      // As its image runs it.
      NODE_OPTIONS: '--max-semi-space-size=32',
      DATABASE_URL: database.url,
      FLOTILLA_DATA_DIR: join(folder, 'hub'),
      FLOTILLA_HTTP_LISTEN: `127.0.0.1:${http}`,
      FLOTILLA_JOIN_LISTEN: `127.0.0.1:${joinPort}`,
      FLOTILLA_AGENTS_LISTEN: `127.0.0.1:${agents}`,
      FLOTILLA_FLEET_URL: git.url,
      FLOTILLA_POLL_INTERVAL: '10m',
      FLOTILLA_HEARTBEAT: '1s',
      ...hub,
    };
    const api = new HubApi(`http://127.0.0.1:${http}`, join(folder, 'hub', 'admin.token'));
    const world = new World(folder, git, api, database.url, env, agentsEnv, database);
    await world.startHub();
    return world;
  }

  async startHub(): Promise<void> {
    this.hub = TestProcess.start('hub', this.hubProgram, this.hubEnv);
    const ready = async (): Promise<true | undefined> => {
      if (!this.hub.running) throw new Error(`the hub ended: ${this.hub.log}`);
      const answer = await fetch(`${this.api.url}/readyz`).then(
        (response) => response.json() as Promise<{ role?: string }>,
        () => undefined,
      );
      return answer?.role === 'leader' ? true : undefined;
    };
    await until(ready, 'the hub leads');
  }

  /** A new cluster with its agent; resolves when the hub shows it connected. */
  async join(name: string, labels: Record<string, string> = {}, options: ClusterApiOptions = {}): Promise<Member> {
    const api = await startClusterApi({ name, ...options });
    await api.writeKubeconfig(join(this.folder, `${name}.kubeconfig`));
    const { token } = await this.api.post<{ token: string }>(`/clusters/${name}/join`, { labels });
    const member = { name, api, agent: this.startAgent(name, { FLOTILLA_AGENT_JOIN_TOKEN: token }) };
    this.members.set(name, member);
    await this.connected(name);
    return member;
  }

  get joinAddress(): string {
    return this.hubEnv['FLOTILLA_JOIN_LISTEN'] ?? '';
  }

  readonly hubProgram = join(root, 'apps/hub/dist/main.js');
  readonly agentProgram = join(root, 'apps/agent/dist/flotilla-agent.mjs');

  /** The environment of an agent whose kubeconfig lies in the world's folder under its name. */
  agentEnv(name: string): Record<string, string> {
    return {
      // As its image runs it.
      MALLOC_ARENA_MAX: '2',
      FLOTILLA_AGENT_JOIN_ADDRESS: this.joinAddress,
      FLOTILLA_AGENT_HUB_ADDRESS: this.hubEnv['FLOTILLA_AGENTS_LISTEN'] ?? '',
      FLOTILLA_AGENT_KUBECONFIG: join(this.folder, `${name}.kubeconfig`),
      FLOTILLA_AGENT_RECONNECT_MAX: '1s',
      ...this.agentsEnv,
    };
  }

  /** An agent for a cluster that somebody else runs; its kubeconfig lies in the world's folder already. */
  async joinExternal(name: string, env: Readonly<Record<string, string>> = {}): Promise<TestProcess> {
    const { token } = await this.api.post<{ token: string }>(`/clusters/${name}/join`, { labels: {} });
    const agent = this.startAgent(name, { FLOTILLA_AGENT_JOIN_TOKEN: token, ...env });
    this.others.push(agent);
    await this.connected(name, agent);
    return agent;
  }

  startAgent(name: string, env: Readonly<Record<string, string>> = {}): TestProcess {
    return TestProcess.start(`agent ${name}`, this.agentProgram, { ...this.agentEnv(name), ...env });
  }

  restartAgent(name: string): void {
    const member = this.member(name);
    member.agent = this.startAgent(name);
  }

  member(name: string): Member {
    const found = this.members.get(name);
    if (!found) throw new Error(`no cluster ${name} in this test`);
    return found;
  }

  async connected(name: string, agent: TestProcess = this.member(name).agent): Promise<void> {
    const look = async (): Promise<true | undefined> => {
      const response = await this.api.fetch('GET', `/clusters/${name}`);
      const state = response.ok ? ((await response.json()) as { state: string }).state : 'absent';
      return state === 'connected' ? true : undefined;
    };
    await until(look, `${name} is connected`, () => agent.log);
  }

  /** Commits, tells the hub as a webhook does, and resolves with the commit when the hub has seen it. */
  async push(subject: string, changes: Changes): Promise<string> {
    const commit = await this.git.push(subject, changes);
    await this.api.post('/webhooks/fleet');
    return commit;
  }

  async target(app: string, cluster: string): Promise<TargetItem> {
    return this.api.get<TargetItem>(`/apps/${app}/targets/${cluster}`);
  }

  async app(name: string): Promise<AppItem> {
    return this.api.get<AppItem>(`/apps/${name}`);
  }

  /**
   * Resolves when every target of the app is healthy on its release of that number (or any). A cluster is connected a
   * moment before the hub has matched it: who joined several says how many `targets` there must be at least.
   */
  async healthy(app: string, release?: number, { withinMs = 60_000, targets = 1 } = {}): Promise<AppItem> {
    const look = async (): Promise<AppItem | undefined> => {
      const response = await this.api.fetch('GET', `/apps/${app}`);
      if (!response.ok) return undefined;
      const found = (await response.json()) as AppItem;
      const states = Object.keys(found.targets);
      const all = states.length === 1 && (found.targets['healthy'] ?? 0) >= targets;
      const done = all && found.rollout?.state === 'done';
      return done && (release === undefined || found.release?.number === release) ? found : undefined;
    };
    return until(look, `${app} is healthy${release === undefined ? '' : ` on #${release}`}`, {
      details: () => this.state(app),
      withinMs,
    });
  }

  /** Resolves when the target satisfies the condition. */
  async targetIs(app: string, cluster: string, condition: (target: TargetItem) => boolean): Promise<TargetItem> {
    const look = async (): Promise<TargetItem | undefined> => {
      const response = await this.api.fetch('GET', `/apps/${app}/targets/${cluster}`);
      const found = response.ok ? ((await response.json()) as TargetItem) : undefined;
      return found && condition(found) ? found : undefined;
    };
    return until(look, `${app} on ${cluster}: ${String(condition)}`, () => this.state(app));
  }

  /** Rows inserted, updated and deleted in the database so far. */
  async rowsWritten(): Promise<number> {
    await query(this.databaseUrl, 'SELECT pg_stat_force_next_flush()').catch(() => undefined);
    const [row] = await read<{ n: string }>(
      this.databaseUrl,
      `SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) AS n FROM pg_stat_user_tables WHERE relname <> 'leader'`,
    );
    return Number(row?.n ?? 0);
  }

  /** Resolves when the database has seen no write for a second (beyond the leader's own row). */
  async settled(): Promise<void> {
    let [before, since] = [await this.rowsWritten(), Date.now()];
    while (Date.now() - since < 1_500) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const now = await this.rowsWritten();
      if (now !== before) [before, since] = [now, Date.now()];
    }
  }

  private async state(app: string): Promise<string> {
    const parts = await Promise.all(
      [`/targets?app=${app}`, '/problems', '/clusters'].map((path) =>
        this.api.get<object>(path).catch((error: Error) => error.message),
      ),
    );
    const logs = [this.hub, ...[...this.members.values()].map(({ agent }) => agent)].map(
      ({ name, log }) => `--- ${name}\n${log.slice(-2_000)}`,
    );
    return [...parts.map((part) => JSON.stringify(part).slice(0, 4_000)), ...logs.slice(0, 6)].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.others, ...[...this.members.values()].map(({ agent }) => agent)].map((agent) => agent.kill()),
    );
    await this.hub.kill();
    await Promise.all([...this.members.values()].map(({ api }) => api[Symbol.asyncDispose]()));
    await this.database[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
