import { join } from 'node:path';
import { startControlPlane, until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { Changes } from '../support/git-repository.js';
import type { AppItem } from '../support/hub-api.js';
import { World } from '../support/world.js';
import type { Bench } from './harness.js';
import { measure } from './harness.js';

const APPS = 500;
const WARM_UP = 'warm-up';
const ROUNDS = 4;
const NAMES = Array.from({ length: APPS }, (_, i) => `app-${i}`);
const SPEC = '{targets: [{all: true}], createNamespace: true, namespace: many}';
const PATIENCE = { withinMs: 600_000 };

/** Many apps of one ConfigMap on one real API server: the first deploy of all, then commits that touch each of them. */
export const deployMany: Bench = async (say) => {
  const [first, all]: [number[], number[]] = [[], []];
  for (let run = 0; run < 2; run++) {
    await using plane = await startControlPlane();
    await using world = await World.start({
      files: configApp(WARM_UP, { A: '1' }),
      hub: { FLOTILLA_HEARTBEAT: '10s' },
    });
    await plane.writeKubeconfig(join(world.folder, 'real.kubeconfig'));
    await world.joinExternal('real');
    await world.healthy(WARM_UP);
    first.push(await push(world, 1));
    say(`first deploy: ${Math.round(first.at(-1) ?? 0)} ms`);
    for (let round = 2; round <= 1 + ROUNDS; round++) {
      all.push(await push(world, round));
      say(`one commit over ${APPS} apps: ${Math.round(all.at(-1) ?? 0)} ms`);
    }
  }
  return [
    measure(`first deploy of ${APPS} apps → healthy in the API`, 'ms', first, { max: 10_000, of: 'median' }),
    measure(`one commit over ${APPS} apps → healthy in the API`, 'ms', all, { max: 10_000, of: 'median' }),
  ];
};

/** One commit that writes every app anew; ms from the webhook until each is healthy on that release. */
async function push(world: World, round: number): Promise<number> {
  await world.git.push(`round ${round}`, filesOf(round));
  const start = performance.now();
  await world.api.post('/webhooks/fleet');
  await until(() => isDeployed(world, round), `round ${round} is healthy everywhere`, PATIENCE);
  return performance.now() - start;
}

const LOOK_EVERY_MS = 100;

/** Cheap looks first: the hub that is measured answers them. */
async function isDeployed(world: World, round: number): Promise<true | undefined> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  const last = await world.api.fetch('GET', `/apps/${NAMES.at(-1) ?? ''}`);
  if (!last.ok || ((await last.json()) as AppItem).release?.number !== round) return undefined;
  const { targets } = await world.api.get<{ targets: Record<string, number> }>('/summary');
  if (targets['healthy'] !== APPS + 1) return undefined;
  const apps = await world.api.items<AppItem>(`/apps?limit=${APPS + 1}`);
  const done = apps.filter(({ name, release, rollout, targets: states }) => {
    return name !== WARM_UP && release?.number === round && rollout?.state === 'done' && states['healthy'] === 1;
  });
  return done.length === APPS ? true : undefined;
}

function filesOf(round: number): Changes {
  if (round === 1) return Object.assign({}, ...NAMES.map((name) => configApp(name, { ROUND: '1' }, SPEC))) as Changes;
  return Object.fromEntries(NAMES.map((name) => [`${name}/config.yaml`, configMap(name, { ROUND: String(round) })]));
}
