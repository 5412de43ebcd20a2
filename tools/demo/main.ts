import { join, relative } from 'node:path';
import { contextClusters, demoClusters } from './fleet-clusters.js';
import { installWebhook, openFleetRepository } from './fleet-repository.js';
import { readOptions } from './options.js';
import type { DemoOptions } from './options.js';
import type { AgentPlan, HubPart } from './parts.js';
import { startAgents, startClusters, startDatabase, startHubProgram } from './parts.js';
import type { Program } from './program.js';
import { RunningParts } from './running-parts.js';
import { Screen } from './screen.js';
import { DemoState } from './state.js';
import { settle, waitForConnected, waitForHealthy } from './wait-for-fleet.js';
import { whatToTry } from './what-to-try.js';

const root = join(import.meta.dirname, '..', '..');
const screen = new Screen();

/** Resolves when somebody wants us to stop. */
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});

async function main(options: DemoOptions): Promise<void> {
  await using parts = new RunningParts();
  const running = start(options, parts);
  running.catch(() => undefined);
  const done = await Promise.race([running.then(() => true), stopped.then(() => false)]);
  if (done && !options.once) {
    screen.line('\nCtrl-C stops everything; the next `npm start` goes on from here; `--reset` starts over.');
    await stopped;
  }
  screen.rest();
  if (!options.once) screen.line('\nStopping.');
  if (!done) process.exitCode = 130;
}

async function start(options: DemoOptions, parts: RunningParts): Promise<void> {
  const state = await DemoState.open(join(root, '.flotilla'), options.reset);
  const embedded = options.contexts.length === 0;
  const clusters = embedded ? demoClusters(options.clusters) : contextClusters(options.contexts);
  let databaseUrl = '';
  await screen.step('postgres', async () => {
    const database = await startDatabase(state, options.databaseUrl);
    if (database.server) parts.use(database.server);
    databaseUrl = database.url;
    return database.server ? `PostgreSQL on 127.0.0.1:${database.server.port}` : 'the one of DATABASE_URL';
  });
  const fleet = await openFleetRepository(state.folder, join(root, 'examples', 'fleet'));
  await screen.step('fleet repository', () => Promise.resolve(`.flotilla/fleet, followed at its branch main`));
  let hub!: HubPart;
  await screen.step('hub', async () => {
    hub = await startHubProgram(state, databaseUrl, fleet.url);
    parts.use(hub.program);
    await installWebhook(state.folder, hub.client.url, hub.tokenFile);
    return hub.client.url;
  });
  const plans: AgentPlan[] = clusters.map((cluster, i) => ({
    cluster,
    env: connection(state, cluster.name, options.contexts[i]),
  }));
  if (embedded) {
    await screen.step('clusters', async () => {
      for (const api of await startClusters(state, clusters)) parts.use(api);
      return `${clusters.length} embedded Kubernetes APIs`;
    });
  }
  await fleetSteps({ state, options, hub, plans, parts });
  screen.line();
  screen.line(
    await whatToTry({
      state,
      url: hub.client.url,
      tokenFile: hub.tokenFile,
      clone: fleet.clone,
      context: options.contexts[0],
    }),
  );
}

interface FleetSteps {
  readonly state: DemoState;
  readonly options: DemoOptions;
  readonly hub: HubPart;
  readonly plans: readonly AgentPlan[];
  readonly parts: RunningParts;
}

/** A part that dies later is told at once: the fleet goes on without it, and shows what that is like. */
function tellDeaths(programs: readonly Program[]): void {
  for (const program of programs) {
    void program.ended.then(() => {
      if (!program.died) return;
      screen.line(`\n${program.ending}: ${relative(process.cwd(), program.logFile)}`);
      screen.line('The rest goes on without it. To start it again: Ctrl-C, then `npm start`.');
    });
  }
}

async function fleetSteps({ state, options, hub, plans, parts }: FleetSteps): Promise<void> {
  const programs: Program[] = [hub.program];
  const waiting = { client: hub.client, programs, clusters: plans.length, timeoutMs: options.timeoutMs };
  await screen.step('agents', async (progress) => {
    for (const agent of await startAgents(state, hub, plans)) programs.push(parts.use(agent));
    return waitForConnected({ ...waiting, progress });
  });
  await screen.step('rollouts', (progress) => (options.once ? waitForHealthy : settle)({ ...waiting, progress }));
  tellDeaths(programs);
}

function connection(state: DemoState, name: string, context: string | undefined): Record<string, string> {
  if (context === undefined) return { FLOTILLA_AGENT_KUBECONFIG: state.path('clusters', `${name}.kubeconfig`) };
  const kubeconfig = process.env['KUBECONFIG'];
  return { FLOTILLA_AGENT_CONTEXT: context, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) };
}

try {
  await main(readOptions(process.argv.slice(2), process.env));
} catch (error) {
  screen.line();
  process.stderr.write(`\nerror: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
process.exit();
