import { configApp, configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import type { Arrival } from './agent-pool.js';
import { AgentPool } from './agent-pool.js';
import type { Bench, Measure } from './harness.js';
import { measure } from './harness.js';
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

async function fleetOf(size: number, say: (words: string) => void): Promise<Measure[]> {
  await using world = await World.start({
    files: { 'fleet/at-once.yaml': AT_ONCE, ...configApp('settings', { ROUND: '0' }, APP) },
  });
  const names = Array.from({ length: size }, (_, i) => `c-${i}`);
  await using pool = await AgentPool.start(world, world.joinAddress, names);
  await world.healthy('settings', undefined, { withinMs: 180_000 });
  const last: number[] = [];
  const each: number[] = [];
  const bytes: number[] = [];
  const payload: number[] = [];
  for (let round = 1; round <= WARM_UP + RUNS; round++) {
    const run = await oneRound(world, pool, round);
    if (round <= WARM_UP) continue;
    each.push(...run.times);
    last.push(Math.max(...run.times));
    bytes.push(run.bytes / size);
    payload.push(run.payload / size);
  }
  say(`${size} agents: done`);
  return [
    measure(
      `push → stored by the last of ${size} agents`,
      'ms',
      last,
      size === 1_000 ? { max: 1_000, of: 'p99' } : undefined,
    ),
    measure(`push → stored, each of ${size} agents`, 'ms', each),
    measure(`payload per cluster for one field, ${size} agents`, 'B', payload, { max: 400, of: 'median' }),
    measure(`the same on the wire, with TLS, framing and answers, ${size} agents`, 'B', bytes),
  ];
}

async function oneRound(world: World, pool: AgentPool, round: number): Promise<Arrival> {
  await world.git.push(`round ${round}`, { 'settings/config.yaml': configMap('settings', { ROUND: String(round) }) });
  const { all } = await pool.arm();
  const start = performance.timeOrigin + performance.now();
  await world.api.post('/webhooks/fleet');
  const arrival = await all;
  await world.healthy('settings');
  return { ...arrival, times: arrival.times.map((time) => time - start) };
}
