import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flotilla/domain';
import { Connection, KubeClient, followResource } from '@flotilla/kube';
import type { ObjectAddress } from '@flotilla/kube';
import { startControlPlane } from '@flotilla/testing';
import { AgentHarness, configMap } from '../contract/agent-harness.js';
import type { AgentCluster } from '../contract/agent-harness.js';
import type { Bench } from './harness.js';
import { measure } from './harness.js';

const OBJECTS = 25;
const EDITS_OF_EACH = 4;
const SERIES = 5;
const IN_A_ROW = 10;
const HEAL_WITHIN_MS = 30_000;

/** An edit of one object on a real API server → what is wanted is back, as a watch of somebody else sees it. */
export const driftHeal: Bench = async (say) => {
  await using plane = await startControlPlane();
  const cluster: AgentCluster = {
    namespace: 'drift',
    url: plane.url,
    caPem: plane.caPem,
    token: plane.token,
    forgetHistory: () => plane.compact(),
    writeKubeconfig: (file) => plane.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using agent = await AgentHarness.start(cluster);
  const names = Array.from({ length: OBJECTS + SERIES }, (_, i) => `object-${i}`);
  const app = agent.app(
    'drifting',
    names.map((name) => configMap(name, { v: 'wanted' })),
  );
  agent.want(app);
  await agent.healthy(app);
  await using editor = await Editor.start(cluster, agent);
  await editor.heal('object-0');
  const before = agent.calls.length;
  const spread: number[] = [];
  for (let round = 0; round < EDITS_OF_EACH; round++) {
    for (const name of names.slice(0, OBJECTS)) spread.push(await editor.heal(name));
  }
  const calls = (agent.calls.length - before) / spread.length;
  say('spread edits: done');
  const tenth: number[] = [];
  for (const name of names.slice(OBJECTS)) {
    for (let edit = 1; edit < IN_A_ROW; edit++) await editor.heal(name);
    tenth.push(await editor.heal(name));
  }
  return [
    measure('drift → healed', 'ms', spread, { max: 100, of: 'median' }),
    measure('drift → healed, p99', 'ms', spread, { max: 500, of: 'p99' }),
    measure('the tenth drift in a row of one object → healed', 'ms', tenth, { max: 2_000, of: 'p99' }),
    measure('calls to the API server per heal', 'calls', [calls]),
  ];
};

/** Somebody else in the cluster, with an own connection and watch. */
class Editor implements AsyncDisposable {
  private readonly stop = new AbortController();
  private wanted: { readonly name: string; readonly heard: (at: number) => void } | undefined;
  private edits = 0;

  private constructor(
    private readonly client: KubeClient,
    private readonly agent: AgentHarness,
    private readonly folder: string,
  ) {}

  static async start(cluster: AgentCluster, agent: AgentHarness): Promise<Editor> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
    const file = join(folder, 'kubeconfig');
    await cluster.writeKubeconfig(file);
    const editor = new Editor(new KubeClient(Connection.fromFile(file)), agent, folder);
    await new Promise<void>((resolve) => void editor.follow(resolve));
    return editor;
  }

  /** Edits the object and waits until it is as it was. @returns ms from sending the edit. */
  async heal(name: string): Promise<number> {
    this.edits += 1;
    const healed = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} was not healed`)), HEAL_WITHIN_MS);
      const heard = (at: number): void => {
        clearTimeout(timer);
        resolve(at);
      };
      this.wanted = { name, heard };
    });
    const edit = { data: { v: `edit ${this.edits}` } };
    const sent = performance.now();
    await this.client.patch(this.address(name), edit, { type: 'merge' });
    return (await healed) - sent;
  }

  private address(name: string): ObjectAddress {
    return this.agent.address('v1', 'ConfigMap', name);
  }

  private async follow(ready: () => void): Promise<void> {
    const { type } = this.address('any');
    const options = { namespace: this.agent.namespace, signal: this.stop.signal };
    let edited = '';
    for await (const event of followResource(this.client, type, options)) {
      if (event.type === 'live') ready();
      if (event.type !== 'changed') continue;
      const { name } = event.object.metadata;
      if (valueOf(event.object) !== 'wanted') edited = name;
      else if (edited === name && this.wanted?.name === name) this.wanted.heard(performance.now());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    this.client.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function valueOf(object: KubeObject): unknown {
  return (object['data'] as { readonly v?: string } | undefined)?.v;
}
