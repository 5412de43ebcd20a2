import { until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { Changes } from '../support/git-repository.js';
import { World } from '../support/world.js';
import { AgentPool } from './agent-pool.js';
import type { Bench } from './harness.js';
import { measure } from './harness.js';

const AGENTS = 200;
const APPS = 5;
const OBJECTS = 20;
const ROUNDS = 3;
const WARM_UP = 5;
const LISTS = 50;
const LOOK_EVERY_MS = 50;
const PATIENCE = { withinMs: 300_000 };
const STRATEGY =
  'kind: RolloutStrategy\nmetadata: {name: at-once}\nspec: {waves: [{name: all, maxConcurrent: 100%}]}\n';
const SPEC = '{targets: [{all: true}], createNamespace: true, strategy: at-once}';

/** First deploys of 20,000 objects over 200 simulated agents, then a list of 1,000 targets. */
export const manyTargets: Bench = async (say) => {
  await using world = await World.start({
    files: { 'fleet/at-once.yaml': STRATEGY, ...configApp('warm-up', { A: '1' }, SPEC) },
    hub: { FLOTILLA_HEARTBEAT: '10s' },
  });
  const names = Array.from({ length: AGENTS }, (_, i) => `c-${i}`);
  await using pool = await AgentPool.start(world, world.joinAddress, names);
  await world.healthy('warm-up', undefined, { withinMs: 180_000, targets: AGENTS });
  const rates: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    rates.push(await firstDeploy(world, round));
    say(`round ${round}: ${Math.round(rates.at(-1) ?? 0)} objects/s`);
  }
  const lists: number[] = [];
  for (let run = 0; run < WARM_UP + LISTS; run++) {
    const start = performance.now();
    const { items } = await world.api.get<{ items: unknown[] }>('/targets?limit=1000');
    if (items.length !== 1_000) throw new Error(`${items.length} targets listed`);
    if (run >= WARM_UP) lists.push(performance.now() - start);
  }
  void pool;
  return [
    measure('first deploy over the fleet', 'objects/s', rates, { min: 1_000, of: 'median' }),
    measure('list of 1,000 targets', 'ms', lists, { max: 50, of: 'median' }),
  ];
};

/** New apps on all clusters with one commit. @returns objects per second, from the webhook until all is healthy in the API. */
async function firstDeploy(world: World, round: number): Promise<number> {
  await world.git.push(`round ${round}`, filesOf(round));
  const targets = AGENTS * (1 + APPS * round);
  const start = performance.now();
  await world.api.post('/webhooks/fleet');
  const healthy = async (): Promise<true | undefined> => {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const summary = await world.api.get<{ targets: Record<string, number> }>('/summary');
    return summary.targets['healthy'] === targets ? true : undefined;
  };
  await until(healthy, `${targets} targets are healthy`, PATIENCE);
  return (AGENTS * APPS * OBJECTS * 1_000) / (performance.now() - start);
}

function filesOf(round: number): Changes {
  const files: Record<string, string> = {};
  for (let app = 0; app < APPS; app++) {
    const name = `app-${round}-${app}`;
    Object.assign(files, configApp(name, { A: '1' }, SPEC));
    for (let object = 1; object < OBJECTS; object++)
      files[`${name}/object-${object}.yaml`] = configMap(`object-${object}`, { N: String(object) });
  }
  return files;
}
