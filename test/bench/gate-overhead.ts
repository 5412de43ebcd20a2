import { read } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import { AgentPool } from './agent-pool.js';
import type { Bench } from './harness.js';
import { measure } from './harness.js';

const PER_WAVE = 5;
const WARM_UP = 3;
const RUNS = 30;
const FIRST = Array.from({ length: PER_WAVE }, (_, i) => `first-${i}`);
const SECOND = Array.from({ length: PER_WAVE }, (_, i) => `second-${i}`);
const WAVES = `kind: RolloutStrategy
metadata: {name: waves}
spec:
  waves:
    - {name: first, clusters: [${FIRST.join(', ')}], maxConcurrent: 100%}
    - {name: second, maxConcurrent: 100%}
`;
const APP = '{targets: [{all: true}], createNamespace: true, strategy: waves}';

/** Last healthy report of a wave stored → the first agent of the next wave has its desired state. No soak, no approval. */
export const gateOverhead: Bench = async () => {
  await using world = await World.start({
    files: { 'fleet/waves.yaml': WAVES, ...configApp('settings', { ROUND: '0' }, APP) },
  });
  await using pool = await AgentPool.start(world, world.joinAddress, [...FIRST, ...SECOND]);
  await world.healthy('settings');
  const samples: number[] = [];
  for (let round = 1; round <= WARM_UP + RUNS; round++) {
    const overhead = await oneRound(world, pool, round);
    if (round > WARM_UP) samples.push(overhead);
  }
  const metric = `last of ${PER_WAVE} reports stored → next wave's first message`;
  return [measure(metric, 'ms', samples, { max: 200, of: 'median' })];
};

async function oneRound(world: World, pool: AgentPool, round: number): Promise<number> {
  const { all } = await pool.arm();
  await world.push(`round ${round}`, { 'settings/config.yaml': configMap('settings', { ROUND: String(round) }) });
  const { times } = await all;
  const reported = await lastReportOf(world, FIRST);
  await world.healthy('settings');
  const next = [...times].sort((a, b) => a - b)[PER_WAVE];
  if (next === undefined) throw new Error(`${times.length} agents got round ${round}`);
  return next - reported;
}

/** Unix ms; the database and the agents share this machine's clock. */
async function lastReportOf(world: World, names: readonly string[]): Promise<number> {
  const [row] = await read<{ at: number }>(
    world.databaseUrl,
    `SELECT (extract(epoch FROM max(t.reported_at)) * 1000)::float8 AS at
     FROM target t JOIN cluster c ON c.id = t.cluster WHERE c.name IN (${names.map((name) => `'${name}'`).join(', ')})`,
  );
  return row?.at ?? Number.NaN;
}
