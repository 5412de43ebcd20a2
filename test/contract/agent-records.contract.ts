import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppEntry, AppReport, KubeObject } from '@flotilla/domain';
import { OWNER_LABEL } from '@flotilla/domain';
import type { ObjectAddress, ResourceType } from '@flotilla/kube';
import { Connection, KubeClient } from '@flotilla/kube';
import { fromWireReport } from '@flotilla/protocol';
import { createLogger } from '@flotilla/telemetry';
import { describe, expect, it } from 'vitest';
import { readAgentConfig } from '../../apps/agent/src/config/index.js';
import { FakeHub } from '../../apps/agent/src/link/fake-hub.fixture.js';
import type { RunningAgent } from '../../apps/agent/src/start-agent.js';
import { startAgent } from '../../apps/agent/src/start-agent.js';
import { CONFIG_MAPS, LEASES, OWN_SECRETS, SECRETS } from '../../apps/agent/src/store/index.js';
import type { AgentCluster, StartAgentCluster } from './agent-harness.js';
import { DEFAULT_POLICY, configMap } from './agent-harness.js';
import { eventually } from './eventually.js';

const logger = createLogger({ name: 'agent', level: 'silent' });

/** A hub that is told what to want, a cluster, and the agent's own objects in it. */
class RecordsWorld implements AsyncDisposable {
  readonly own: string;

  readonly namespace: string;
  app = 'web';
  readonly client: KubeClient;

  private constructor(
    readonly hub: FakeHub,
    private readonly cluster: AgentCluster,
    private readonly kubeconfig: string,
  ) {
    this.namespace = cluster.namespace;
    this.own = `${cluster.namespace}-system`;
    this.client = new KubeClient(Connection.fromFile(kubeconfig));
  }

  static async start(start: StartAgentCluster): Promise<RecordsWorld> {
    const cluster = await start();
    const file = join(await mkdtemp(join(tmpdir(), 'flotilla-records-')), 'kubeconfig');
    await cluster.writeKubeconfig(file);
    return new RecordsWorld(await FakeHub.start(), cluster, file);
  }

  startAgent(): Promise<RunningAgent> {
    const environment = {
      FLOTILLA_AGENT_KUBECONFIG: this.kubeconfig,
      FLOTILLA_AGENT_NAMESPACE: this.own,
      FLOTILLA_AGENT_JOIN_ADDRESS: this.hub.joinAddress,
      FLOTILLA_AGENT_JOIN_TOKEN: this.hub.printedToken,
    };
    return startAgent(readAgentConfig({ environment }), { logger });
  }

  entry(names: readonly string[], more: Partial<AppEntry> = {}): AppEntry {
    const objects = names.map((name) => configMap(name, { name }));
    return this.hub.entry({ app: this.app, objects, more }, { ...DEFAULT_POLICY, namespace: this.namespace });
  }

  /** Wants this in the next version, from the next session on. */
  want(names: readonly string[]): void {
    this.hub.version = { ...this.hub.version, number: this.hub.version.number + 1 };
    this.hub.wanted = [this.entry(names)];
  }

  async reported(says: (report: AppReport) => boolean): Promise<AppReport> {
    return eventually(async () => {
      const messages = this.hub.sessions.flatMap((session) => session.of('report'));
      const last = messages.at(-1);
      const report = last === undefined ? undefined : fromWireReport(last).report;
      if (report === undefined || !says(report)) throw new Error(`the report is ${JSON.stringify(report)}`);
      return report;
    });
  }

  applied(): Promise<AppReport> {
    const [wanted] = this.hub.wanted;
    return this.reported(({ phase, appliedBundle }) => phase === 'applied' && appliedBundle === wanted?.bundle);
  }

  address(type: ResourceType, name: string, namespace = this.own): ObjectAddress {
    return { type, namespace, name };
  }

  /** Names and UIDs of what carries the label of an app. */
  async live(): Promise<Record<string, unknown>> {
    const { items } = await this.client.list(CONFIG_MAPS, this.namespace, { labelSelector: OWNER_LABEL });
    return Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata['uid']]));
  }

  async secrets(): Promise<readonly KubeObject[]> {
    return (await this.client.list(SECRETS, this.own, { fieldSelector: OWN_SECRETS })).items;
  }

  /** An agent applies these and ends; then its inventory goes. What lives then is what lived before. */
  async runAndLoseInventory(names: readonly string[]): Promise<Record<string, unknown>> {
    this.want(names);
    const agent = await this.startAgent();
    await this.applied();
    await eventually(async () => {
      const lease = await this.client.get(this.address(LEASES, 'flotilla-agent'));
      return lease.metadata.annotations?.['flotilla.dev/held'] === '1.1';
    });
    await agent[Symbol.asyncDispose]();
    const live = await this.live();
    await this.remove(SECRETS, 'flotilla-records-0');
    return live;
  }

  async remove(type: ResourceType, name: string): Promise<void> {
    const { metadata } = await this.client.get(this.address(type, name));
    await this.client.delete(this.address(type, name), { uid: metadata['uid'] as string });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    this.client.close();
    await this.cluster[Symbol.asyncDispose]();
  }
}

const contentOf = (secrets: readonly KubeObject[]): unknown =>
  Object.fromEntries(secrets.map(({ metadata, ...secret }) => [metadata.name, secret['data']]));

/** Waits until it is exactly that. */
function until(look: () => Promise<unknown>, wanted: unknown): Promise<void> {
  return expect.poll(look, { timeout: 20_000, interval: 20 }).toEqual(wanted);
}

export function agentRecordsContract(start: StartAgentCluster): void {
  describe('agent: what it keeps in the cluster', () => {
    it('deleted or edited by hand, is whole again at once, and good for a restart', async () => {
      await using world = await RecordsWorld.start(start);
      world.want(['a', 'b']);
      const first = await world.startAgent();
      await world.applied();
      // The first renewal notes on the Lease what the records hold.
      const before = await eventually(async () => {
        const lease = await world.client.get(world.address(LEASES, 'flotilla-agent'));
        if (lease.metadata.annotations?.['flotilla.dev/held'] !== '1.1') throw new Error('not noted yet');
        return world.secrets();
      });
      const names = before.map(({ metadata }) => metadata.name);
      expect(names).toContain('flotilla-records-0');
      for (const name of names) await world.remove(SECRETS, name);
      await until(() => world.secrets().then(contentOf), contentOf(before));
      const records = world.address(SECRETS, 'flotilla-records-0');
      const edit = { metadata: { labels: null }, data: { inventory__web: null, other: 'eA==' } };
      await world.client.patch(records, edit, { type: 'merge' });
      await until(() => world.secrets().then(contentOf), contentOf(before));
      await world.remove(LEASES, 'flotilla-agent');
      await eventually(async () => world.client.get(world.address(LEASES, 'flotilla-agent')));
      await first[Symbol.asyncDispose]();

      const live = await world.live();
      world.want(['a']);
      await using _second = await world.startAgent();
      expect((await world.applied()).problems).toEqual([]);
      // What it owned is proven still: it was pruned, and the rest is the same object.
      await until(() => world.live(), { a: live['a'] });
    });

    it('lost while it was away, deletes nothing, and what is wanted is its own again', async () => {
      await using world = await RecordsWorld.start(start);
      const live = await world.runAndLoseInventory(['a', 'b', 'c']);
      // The app loses an object while nobody can prove that it was the app's. The entry itself is as old as the records.
      world.hub.wanted = [world.entry(['a', 'b'], { since: { generation: 1, number: 1 } })];
      world.hub.version = { generation: 1, number: 2 };
      await using _second = await world.startAgent();
      const report = await world.applied();
      expect(report.problems.map(({ code }) => code)).toEqual(['inventoryLost']);
      expect(await world.live()).toEqual(live);

      // From here on it owns what it took over: what leaves now is pruned.
      world.hub.publish(world.hub.wanted, [world.entry(['a'], { since: { generation: 1, number: 3 } })]);
      const next = await world.applied();
      expect(next.problems).toEqual([]);
      await until(() => world.live(), { a: live['a'], c: live['c'] });
    });

    it('lost while it was away and the app is to be removed, deletes nothing, says what is left, and ends when a person has decided', async () => {
      await using world = await RecordsWorld.start(start);
      // Other tests leave objects of theirs in a cluster that they share.
      world.app = `gone-${world.namespace}`;
      const live = await world.runAndLoseInventory(['a', 'b']);
      const leaving = (life: AppEntry['life'], number: number): AppEntry =>
        world.entry(['a', 'b'], { life, since: { generation: 1, number } });
      world.hub.wanted = [leaving('prune', 2)];
      world.hub.version = { generation: 1, number: 2 };
      await using _second = await world.startAgent();
      const report = await world.reported(({ phase, problems }) => phase === 'removing' && problems.length > 0);
      const [problem] = report.problems;
      expect(problem?.code).toBe('inventoryLost');
      // Kinds of other tests that are just going cannot be looked for: it says so.
      const left = `not deleted: ConfigMap ${world.namespace}/a, ConfigMap ${world.namespace}/b`;
      expect(problem?.message).toMatch(new RegExp(`${left}(; could not look for .*)?\\. Delete it by hand`));
      expect(await world.live()).toEqual(live);
      expect(world.hub.session.of('removed')).toEqual([]);

      world.hub.publish(world.hub.wanted, [leaving('orphan', 3)]);
      await eventually(async () => world.hub.session.of('removed').length > 0);
      expect(await world.live()).toEqual(live);
    });
  });
}
