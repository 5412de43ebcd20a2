import { configApp } from '../support/fleet-files.js';
import type { TargetItem } from '../support/hub-api.js';
import { World } from '../support/world.js';
import { AgentPool } from './agent-pool.js';
import type { Bench } from './harness.js';
import { measure } from './harness.js';

const AGENTS = 1_000;
const OVER_MS = 1_000;
const WARM_UP = 1;
const RUNS = 5;
const STRATEGY =
  'kind: RolloutStrategy\nmetadata: {name: at-once}\nspec: {waves: [{name: all, maxConcurrent: 100%}]}\n';
const SPEC = '{targets: [{all: true}], createNamespace: true, strategy: at-once}';

/** Every one of 1,000 clusters reports another health within a second → it is stored, served, and told on the live stream. */
export const reportToVisible: Bench = async (say) => {
  await using world = await World.start({
    files: { 'fleet/at-once.yaml': STRATEGY, ...configApp('settings', { A: '1' }, SPEC) },
    hub: { FLOTILLA_HEARTBEAT: '10s' },
  });
  const names = Array.from({ length: AGENTS }, (_, i) => `c-${i}`);
  await using pool = await AgentPool.start(world, world.joinAddress, names);
  await world.healthy('settings', undefined, { withinMs: 180_000, targets: AGENTS });
  const samples: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const { all } = await eachSeen(world, names);
    const told = await pool.flip(OVER_MS);
    const visible = await all;
    const targets = await world.api.items<TargetItem>('/targets?limit=1000');
    const wanted = run % 2 === 0 ? 'failed' : 'healthy';
    if (targets.some(({ health }) => health !== wanted)) throw new Error(`not every target is ${wanted}`);
    if (run >= WARM_UP) samples.push(...names.map((name, i) => (visible.get(name) ?? NaN) - (told[i] ?? NaN)));
    say(`run ${run + 1}: done`);
  }
  return [measure(`report → visible in the API, ${AGENTS} agents`, 'ms', samples, { max: 1_000, of: 'p99' })];
};

/** Follows the live stream; resolves when it has been opened, with the promise of the Unix ms at which each cluster was told of. */
async function eachSeen(
  world: World,
  names: readonly string[],
): Promise<{ readonly all: Promise<Map<string, number>> }> {
  const stream = await world.api.fetch('GET', '/stream?app=settings');
  const times = new Map<string, number>();
  const follow = async (): Promise<Map<string, number>> => {
    let rest = '';
    for await (const chunk of (stream.body ?? []) as AsyncIterable<Uint8Array>) {
      const at = performance.timeOrigin + performance.now();
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const cluster of lines.flatMap(clusterOf)) times.set(cluster, times.get(cluster) ?? at);
      if (names.every((name) => times.has(name))) return times;
    }
    throw new Error('the stream ended');
  };
  return { all: follow() };
}

/** Of a line `data: {"kind":"target","cluster":…}`. */
function clusterOf(line: string): string[] {
  if (!line.startsWith('data: ')) return [];
  const { kind, cluster } = JSON.parse(line.slice(6)) as { kind?: string; cluster?: string };
  return kind === 'target' && cluster !== undefined ? [cluster] : [];
}
