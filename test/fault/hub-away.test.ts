import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiCall } from '@flotilla/testing';
import { until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import { appWrites, takenWrites } from './app-writes.js';

const RINGS = `kind: RolloutStrategy
metadata: {name: rings}
spec:
  waves:
    - {name: canary, selector: ring=0}
    - {name: early, selector: ring=1, maxConcurrent: 50%}
    - {name: rest, approval: required}
`;
const RING = { 'a-1': '0', 'b-1': '1', 'b-2': '1', 'c-1': '2' } as const;
type Name = keyof typeof RING;
const NAMES = Object.keys(RING) as Name[];

interface Rollout {
  readonly state: string;
  readonly blockedBy: { kind: string; wave?: string }[];
  readonly release: { number: number };
}

let world: World;

beforeAll(async () => {
  const spec = '{targets: [{all: true}], createNamespace: true, strategy: rings}';
  world = await World.start({
    files: { 'fleet/strategies.yaml': RINGS, ...configApp('settings', { MODE: '1' }, spec) },
  });
  await Promise.all(NAMES.map((name) => world.join(name, { ring: RING[name] })));
  await approveLastWave(1);
  await world.healthy('settings', 1, { targets: NAMES.length });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function mode(name: Name): unknown {
  const found = world.member(name).api.store.get('configmaps', 'settings/settings') as { data?: object } | undefined;
  return found?.data;
}

/** Commits the next release; resolves when the hub has accepted the push. */
async function push(release: number): Promise<void> {
  for (const name of NAMES) world.member(name).api.calls.clear();
  await world.push(`mode ${release}`, { 'settings/config.yaml': configMap('settings', { MODE: String(release) }) });
}

async function waitsForApproval(release: number): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const rollout = await world.api.get<Rollout>('/apps/settings/rollout').catch(() => undefined);
    const waits = rollout?.blockedBy.some(({ kind }) => kind === 'approval');
    return rollout?.release.number === release && waits ? true : undefined;
  };
  await until(look, `#${release} waits for approval`, () => world.hub.log.slice(-5_000));
}

async function approveLastWave(release: number): Promise<void> {
  await waitsForApproval(release);
  await world.api.post('/apps/settings/rollout/acts/approve', { wave: 'rest', reason: 'looks good' });
}

async function restartHub(): Promise<void> {
  await world.hub.kill('SIGKILL');
  await world.startHub();
  for (const name of NAMES) await world.connected(name);
}

const written = (name: Name): ApiCall[] =>
  appWrites(world.member(name).api).filter(({ status }) => status >= 200 && status < 300);

/** Each cluster got the release by one write, in the order of the waves, and nothing was deleted anywhere. */
async function expectOneWalk(release: number): Promise<void> {
  await approveLastWave(release);
  await world.healthy('settings', release);
  await world.settled();
  const first = (name: Name): number => written(name)[0]?.at ?? NaN;
  for (const name of NAMES) {
    expect(takenWrites(world.member(name).api), name).toEqual(['patch configmaps/settings/settings']);
    expect(mode(name), name).toEqual({ MODE: String(release) });
  }
  expect(first('a-1')).toBeLessThanOrEqual(Math.min(first('b-1'), first('b-2')));
  expect(Math.max(first('b-1'), first('b-2'))).toBeLessThanOrEqual(first('c-1'));
}

describe('a hub that is killed and started again', () => {
  it('right after it has accepted a push: the release goes its way', async () => {
    await push(2);
    await restartHub();
    await expectOneWalk(2);
  });

  it('in the middle of a wave: the wave goes on where it was', async () => {
    const slow = world
      .member('b-1')
      .api.faults.inject(
        ({ verb, namespace, dryRun }) => verb === 'patch' && namespace === 'settings' && !dryRun,
        { kind: 'delay', delayMs: 3_000 },
        1,
      );
    await push(3);
    await until(
      async () => (slow.met > 0 ? true : undefined),
      'b-1 writes',
      () => world.hub.log.slice(-5_000),
    );
    await restartHub();
    await expectOneWalk(3);
  });

  it('between two waves: what waited for a person still waits, and is asked once', async () => {
    await push(4);
    await waitsForApproval(4);
    await restartHub();
    await waitsForApproval(4);
    await world.settled();
    expect(takenWrites(world.member('c-1').api)).toEqual([]);
    await expectOneWalk(4);
  });

  it('while reports arrive: they arrive again', async () => {
    await push(5);
    const { api } = world.member('a-1');
    await until(async () => (takenWrites(api).length > 0 ? true : undefined), 'the canary is written');
    await restartHub();
    await expectOneWalk(5);
  });

  it('again and again while nothing changes: no cluster is written to', async () => {
    for (const name of NAMES) world.member(name).api.calls.clear();
    await restartHub();
    await restartHub();
    await world.healthy('settings', 5);
    await world.settled();
    for (const name of NAMES) expect(appWrites(world.member(name).api), name).toEqual([]);
  });
});

describe('an agent whose hub is away', () => {
  const remove = (): void => {
    const { store } = world.member('a-1').api;
    store.remove('configmaps', store.get('configmaps', 'settings/settings') as never);
  };
  const back = (): Promise<unknown> =>
    until(
      async () => mode('a-1'),
      'the ConfigMap is back',
      () => world.member('a-1').agent.log,
    );

  it('heals, also after it was killed itself, and the hub finds everything in order', async () => {
    await world.hub.kill('SIGKILL');
    const { api, agent } = world.member('a-1');
    remove();
    expect(await back()).toEqual({ MODE: '5' });

    await agent.kill('SIGKILL');
    remove();
    world.restartAgent('a-1');
    expect(await back()).toEqual({ MODE: '5' });

    api.calls.clear();
    await world.startHub();
    await world.connected('a-1');
    await world.healthy('settings', 5);
    await world.settled();
    expect(appWrites(api)).toEqual([]);
  });
});
