import { configApp, configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import type { Arrival } from './agent-pool.js';
import { AgentPool } from './agent-pool.js';
import type { Bench, Measure } from './harness.js';
import { measure } from './harness.js';
import { cpuMs } from './memory.js';
import { pushToRealCluster } from './push-to-real-cluster.js';

const SIZES = [10, 100, 1_000] as const;
const WARM_UP = 2;
const RUNS = 10;
const AT_ONCE = 'kind: RolloutStrategy\nmetadata: {name: at-once}\nspec: {waves: [{name: all, maxConcurrent: 100%}]}\n';
const APP = '{targets: [{all: true}], createNamespace: true, strategy: at-once}';

/** A commit of one field: webhook → every agent has stored it, for fleets of several sizes; then on a real API server. */
export const pushToApplied: Bench = async (say) => {
  const results: Measure[] = [];
  for (const size of SIZES) results.push(...(await fleetOf(size, say)));
  results.push(...(await pushToRealCluster(say)));
  return results;
};

interface Round extends Arrival {
  /** CPU time of the hub and of the process of all agents until everything is healthy, in ms. */
  readonly hubMs: number;
  readonly agentsMs: number;
}

async function fleetOf(size: number, say: (words: string) => void): Promise<Measure[]> {
  await using world = await World.start({
    files: { 'fleet/at-once.yaml': AT_ONCE, ...configApp('settings', { ROUND: '0' }, APP) },
    hub: { FLOTILLA_HEARTBEAT: '10s' },
  });
  const names = Array.from({ length: size }, (_, i) => `c-${i}`);
  await using pool = await AgentPool.start(world, world.joinAddress, names);
  await world.healthy('settings', undefined, { withinMs: 180_000, targets: size });
  const rounds: Round[] = [];
  for (let round = 1; round <= WARM_UP + RUNS; round++) {
    const run = await oneRound(world, pool, round);
    if (round > WARM_UP) rounds.push(run);
  }
  say(`${size} agents: done`);
  return [
    measure(
      `push → stored by the last of ${size} agents`,
      'ms',
      rounds.map(({ times }) => Math.max(...times)),
      size === 1_000 ? { max: 1_000, of: 'p99' } : undefined,
    ),
    measure(
      `push → stored, each of ${size} agents`,
      'ms',
      rounds.flatMap(({ times }) => times),
    ),
    measure(
      `payload per cluster for one field, ${size} agents`,
      'B',
      rounds.map(({ payload }) => payload / size),
      { max: 400, of: 'median' },
    ),
    measure(
      `the same on the wire, with TLS, framing and answers, ${size} agents`,
      'B',
      rounds.map(({ bytes }) => bytes / size),
    ),
    measure(
      `CPU of the hub per push, ${size} agents`,
      'ms',
      rounds.map(({ hubMs }) => hubMs),
    ),
    measure(
      `CPU of the simulated agents per push, all ${size}`,
      'ms',
      rounds.map(({ agentsMs }) => agentsMs),
    ),
  ];
}

async function oneRound(world: World, pool: AgentPool, round: number): Promise<Round> {
  await world.git.push(`round ${round}`, { 'settings/config.yaml': configMap('settings', { ROUND: String(round) }) });
  const { all } = await pool.arm();
  const [hubBefore, agentsBefore] = [cpuMs(world.hub.pid), cpuMs(pool.pid)];
  const start = performance.timeOrigin + performance.now();
  await world.api.post('/webhooks/fleet');
  const arrival = await all;
  await world.healthy('settings', round + 1);
  return {
    ...arrival,
    times: arrival.times.map((time) => time - start),
    hubMs: cpuMs(world.hub.pid) - hubBefore,
    agentsMs: cpuMs(pool.pid) - agentsBefore,
  };
}
