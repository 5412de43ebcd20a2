import { read, until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import { AgentPool } from './agent-pool.js';
import type { Bench, Measure } from './harness.js';
import { measure } from './harness.js';

const AT_ONCE = 'kind: RolloutStrategy\nmetadata: {name: at-once}\nspec: {waves: [{name: all, maxConcurrent: 100%}]}\n';
const APP = '{targets: [{all: true}], createNamespace: true, strategy: at-once}';
const FEW = 5;
/** A fifth of the fleet that the design has a bar for: to join all of it takes longer than a bench may. */
const MANY = 1_000;
const WARM_UP = 1;
const RUNS = 5;
const PUSH_AFTER_MS = 1_000;
/** Sessions that ended sooner count as a trouble that agents back off from. */
const SETTLED_AFTER_MS = 6_000;

/** The hub is killed and started again: a push reaches the few agents of a small fleet, and a large fleet is back. */
export const hubRestart: Bench = async (say) => [...(await pushAfterRestart(say)), ...(await fleetReturns(say))];

/** SIGKILL, a new process at once, a push one second after it was started → applied by all. The hub's own start counts. */
async function pushAfterRestart(say: (words: string) => void): Promise<Measure[]> {
  await using world = await worldOf();
  await using pool = await poolOf(world, FEW);
  const [applied, ready]: [number[], number[]] = [[], []];
  for (let round = 1; round <= WARM_UP + RUNS; round++) {
    await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
    const { all } = await pool.arm();
    await world.hub.kill();
    const start = performance.now();
    const started = world.startHub().then(() => performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, PUSH_AFTER_MS));
    await world.git.push(`round ${round}`, { 'settings/config.yaml': configMap('settings', { ROUND: String(round) }) });
    const pushed = performance.timeOrigin + performance.now();
    const readyMs = await started;
    await until(() => told(world), 'the hub knows its sources');
    const { times } = await all;
    await world.healthy('settings', round + 1, { targets: FEW });
    if (round <= WARM_UP) continue;
    applied.push(Math.max(...times) - pushed);
    ready.push(readyMs);
  }
  say(`${FEW} agents: done`);
  return [
    measure('hub, start → leads', 'ms', ready),
    measure(`push 1 s after a restart → applied by ${FEW} agents`, 'ms', applied, { max: 3_000, of: 'p99' }),
  ];
}

/** SIGKILL, a new process at once → every agent has a session with it, and states what it holds. */
async function fleetReturns(say: (words: string) => void): Promise<Measure[]> {
  await using world = await worldOf();
  await using pool = await poolOf(world, MANY);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
  const before = await sessions(world);
  await world.hub.kill();
  const start = performance.now();
  await world.startHub();
  const ledAt = performance.now();
  const isBack = async (): Promise<true | undefined> => {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const now = await sessions(world);
    return now.size === MANY && ![...now].some((id) => before.has(id)) ? true : undefined;
  };
  await until(isBack, 'the fleet is back', { withinMs: 300_000 });
  const end = performance.now();
  say(`${MANY} agents: done (process ${pool.pid})`);
  return [
    measure(`hub killed → ${MANY} agents back`, 'ms', [end - start], { max: 45_000, of: 'median' }),
    measure(`hub leads → ${MANY} agents back`, 'ms', [end - ledAt]),
  ];
}

const LOOK_EVERY_MS = 200;

async function sessions(world: World): Promise<ReadonlySet<string>> {
  const rows = await read<{ id: string }>(
    world.databaseUrl,
    'SELECT session_id AS id FROM cluster WHERE session_id IS NOT NULL',
  );
  return new Set(rows.map(({ id }) => id));
}

/** A hub that has just taken office may not know its sources yet. */
async function told(world: World): Promise<true | undefined> {
  const answer = await world.api.fetch('POST', '/webhooks/fleet');
  return answer.ok ? true : undefined;
}

function worldOf(): Promise<World> {
  return World.start({ files: { 'fleet/at-once.yaml': AT_ONCE, ...configApp('settings', { ROUND: '0' }, APP) } });
}

async function poolOf(world: World, size: number): Promise<AgentPool> {
  const pool = await AgentPool.start(
    world,
    world.joinAddress,
    Array.from({ length: size }, (_, i) => `c-${i}`),
  );
  await world.healthy('settings', 1, { withinMs: 600_000, targets: size });
  return pool;
}
