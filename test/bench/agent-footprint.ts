import { fork } from 'node:child_process';
import { join } from 'node:path';
import { until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { Changes } from '../support/git-repository.js';
import type { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';
import type { Bench, Measure } from './harness.js';
import { measure } from './harness.js';
import { cpuPercent, residentMiB } from './memory.js';

const DEPLOY_WITHIN_MS = 600_000;
/** The agent writes the parent objects of many apps slowly, after everything else. It is idle when this long it had next to nothing to do. */
const QUIET_MS = 4_000;
const QUIET_PERCENT = 1;
const SETTLE_WITHIN_MS = 90_000;
const SAMPLE_MS = 4_000;
const SAMPLES = 5;
const RESTARTS = 3;
/** The hub lets an identity open a session every five seconds. */
const BETWEEN_STARTS_MS = 5_000;
const CONNECTED = 'connected to the hub';

interface Load {
  readonly name: string;
  readonly files: Changes;
  readonly apps: readonly string[];
  readonly memoryBar: number;
  readonly cpuBar?: number;
}

function manyApps(count: number): { files: Changes; apps: string[] } {
  const apps = Array.from({ length: count }, (_, i) => `app-${i}`);
  const spec = '{targets: [{all: true}], createNamespace: true, namespace: many}';
  return { apps, files: Object.assign({}, ...apps.map((name) => configApp(name, { A: '1' }, spec))) as Changes };
}

function oneApp(objects: number): { files: Changes; apps: string[] } {
  const more = Array.from({ length: objects - 1 }, (_, i) => [
    `big/object-${i}.yaml`,
    configMap(`object-${i}`, { A: 'x'.repeat(200) }),
  ]);
  return { apps: ['big'], files: { ...configApp('big', { A: '1' }), ...(Object.fromEntries(more) as Changes) } };
}

/** Resident memory and idle CPU of the bundled agent, on an embedded cluster in a process of its own. */
export const agentFootprint: Bench = async (say) => {
  const loads: Load[] = [
    { name: 'idle', ...manyApps(1), memoryBar: 80 },
    { name: '500 objects', ...oneApp(500), memoryBar: 110 },
    { name: '1,000 apps', ...manyApps(1_000), memoryBar: 120, cpuBar: 0.3 },
  ];
  const results: Measure[] = [];
  for (const load of loads) {
    say(`${load.name}: starts`);
    results.push(...(await footprintOf(load)));
    say(`${load.name}: done`);
  }
  return results;
};

async function footprintOf({ name, files, apps, memoryBar, cpuBar }: Load): Promise<Measure[]> {
  await using world = await World.start({ files });
  await using cluster = await ClusterProcess.start(join(world.folder, 'c.kubeconfig'));
  const agent = await world.joinExternal('c');
  const pid = agent.pid;
  for (const app of apps) await world.healthy(app, undefined, { withinMs: DEPLOY_WITHIN_MS });
  await settled(pid);
  const resident: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    cpu.push(await cpuPercent(pid, SAMPLE_MS));
    resident.push(residentMiB(pid));
  }
  const connected = await restarts(world, agent);
  void cluster;
  return [
    measure(`agent, resident, ${name}`, 'MiB', resident, { max: memoryBar, of: 'median' }),
    measure(
      `agent, CPU while nothing changes, ${name}`,
      '% of a core',
      cpu,
      cpuBar === undefined ? undefined : { max: cpuBar, of: 'median' },
    ),
    measure(`agent, start → connected, ${name} stored`, 'ms', connected, { max: 1_000, of: 'median' }),
  ];
}

async function settled(pid: number): Promise<void> {
  const end = Date.now() + SETTLE_WITHIN_MS;
  // Twice in a row: it may just have waited for the next write.
  for (let quiet = 0; quiet < 2 && Date.now() < end;)
    quiet = (await cpuPercent(pid, QUIET_MS)) <= QUIET_PERCENT ? quiet + 1 : 0;
}

/** SIGKILL, and from the start of the next process until it says that the hub has greeted it. */
async function restarts(world: World, first: TestProcess): Promise<number[]> {
  const samples: number[] = [];
  let agent = first;
  for (let run = 0; run <= RESTARTS; run++) {
    await agent.kill();
    const start = performance.now();
    agent = world.startAgent('c');
    await until(() => Promise.resolve(agent.log.includes(CONNECTED) || undefined), 'the agent is connected');
    if (run > 0) samples.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_STARTS_MS));
  }
  await agent.kill();
  return samples;
}

/** An embedded cluster that shares no CPU time account with the agent. */
class ClusterProcess implements AsyncDisposable {
  private constructor(private readonly child: ReturnType<typeof fork>) {}

  static async start(kubeconfig: string): Promise<ClusterProcess> {
    const file = join(import.meta.dirname, 'cluster.worker.ts');
    const child = fork(file, [kubeconfig], { execArgv: ['--import', 'tsx', '--conditions=source'], stdio: 'inherit' });
    await new Promise((resolve) => child.once('message', resolve));
    return new ClusterProcess(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
