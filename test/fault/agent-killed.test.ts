import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterApi } from '@flotilla/testing';
import { until } from '@flotilla/testing';
import { configMap } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import { appWrites, count, takenWrites } from './app-writes.js';

const LASTING = 50;
const PASSING = 10;
const KILLS = 10;
/** Writes of a release: all objects of it, and what was in the one before only. */
const WRITES = LASTING + 2 * PASSING;

const APP = `kind: App
metadata: {name: bulk}
spec: {targets: [{all: true}], createNamespace: true, budget: {maxDeletes: {objects: 1000}}}
`;

const passing = (release: number): string[] =>
  Array.from({ length: PASSING }, (_, index) => `passing-${release}-${index}`);
const namesOf = (release: number): string[] =>
  [...Array.from({ length: LASTING }, (_, index) => `lasting-${index}`), ...passing(release)].sort();
const filesOf = (release: number): Record<string, string> => ({
  'bulk/objects.yaml': namesOf(release)
    .map((name) => configMap(name, { RELEASE: String(release) }))
    .join('---\n'),
});

/** Numbers from 0 to below 1 that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Inventory {
  readonly complete: boolean;
  readonly entries: { readonly name: string; readonly uid: string }[];
}

let world: World;
let api: ClusterApi;

beforeAll(async () => {
  world = await World.start({ files: { 'bulk/flotilla.yaml': APP, ...filesOf(1) } });
  ({ api } = await world.join('eu-1'));
  await world.healthy('bulk', 1);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** What the agent would start from: its records as they lie in the cluster. */
function storedInventory(): Inventory {
  const secrets = api.store.list('secrets', 'flotilla-system') as { data?: Record<string, string> }[];
  const record = secrets.map(({ data }) => data?.['inventory__bulk']).find((found) => found !== undefined);
  if (record === undefined) throw new Error('the inventory of bulk is not stored');
  return JSON.parse(inflateRawSync(Buffer.from(record, 'base64')).toString('utf8')) as Inventory;
}

function live(): { name: string; uid: string; release: unknown }[] {
  const found = api.store.list('configmaps', 'bulk') as {
    metadata: { name: string; uid: string; labels?: Record<string, string> };
    data?: Record<string, string>;
  }[];
  return found
    .filter(({ metadata }) => metadata.labels?.['flotilla.dev/app'] === 'bulk')
    .map(({ metadata: { name, uid }, data }) => ({ name, uid, release: data?.['RELEASE'] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function expectRightEnd(release: number): void {
  expect(live().map(({ name }) => name)).toEqual(namesOf(release));
  expect(live().every((object) => object.release === String(release))).toBe(true);
  const inventory = storedInventory();
  const entries = inventory.entries.map(({ name, uid }) => `${name} ${uid}`).sort();
  expect(entries).toEqual(live().map(({ name, uid }) => `${name} ${uid}`));
  expect(inventory.complete).toBe(true);
}

/** Everything was written exactly once, before or after the kill, and only what had left Git was deleted. */
function expectFewWrites(release: number): void {
  const writes = count(takenWrites(api));
  const times = namesOf(release).map((name) => writes[`patch configmaps/bulk/${name}`] ?? 0);
  expect(times).toEqual(times.map(() => 1));
  const deleted = Object.entries(writes).filter(([word]) => word.startsWith('delete'));
  expect(deleted.map(([word]) => word).sort()).toEqual(
    passing(release - 1).map((name) => `delete configmaps/bulk/${name}`),
  );
  expect(deleted.every(([, times]) => times === 1)).toBe(true);
}

async function releaseAndKill(release: number, after: number): Promise<void> {
  api.calls.clear();
  await world.push(`release ${release}`, filesOf(release));
  await until(
    async () => (appWrites(api).length >= after ? true : undefined),
    `${after} writes of #${release}`,
    () => world.member('eu-1').agent.log,
  );
  await world.member('eu-1').agent.kill('SIGKILL');
}

async function settled(release: number): Promise<void> {
  await world.healthy('bulk', release);
  await world.settled();
}

describe('an agent that is killed while it applies or prunes', () => {
  const random = seeded(20_261_125);
  const moments = Array.from({ length: KILLS }, (_, kill) => ({
    release: kill + 2,
    after: kill === 0 ? WRITES - PASSING + 3 : 1 + Math.floor(random() * (WRITES - 1)),
  }));

  it.each(moments)('in release $release after write $after: ends where it would have ended', async (moment) => {
    const { release, after } = moment;
    const slow = api.faults.inject(
      ({ method, dryRun, namespace }) => method !== 'GET' && !dryRun && namespace === 'bulk',
      {
        kind: 'delay',
        delayMs: 15,
      },
    );
    await releaseAndKill(release, after);
    slow.remove();
    world.restartAgent('eu-1');
    await settled(release);
    expectRightEnd(release);
    expectFewWrites(release);
  });

  it('while a call hangs: nothing is lost, and another pass writes nothing', async () => {
    const release = KILLS + 2;
    const hanging = api.faults.inject(
      ({ method, dryRun, name }) => method === 'PATCH' && !dryRun && name === 'lasting-25',
      { kind: 'hang' },
    );
    api.calls.clear();
    await world.push(`release ${release}`, filesOf(release));
    await until(async () => (hanging.met > 0 ? true : undefined), 'a call hangs');
    await world.member('eu-1').agent.kill('SIGKILL');
    hanging.remove();
    world.restartAgent('eu-1');
    await settled(release);
    expectRightEnd(release);
    expectFewWrites(release);

    api.calls.clear();
    await world.member('eu-1').agent.kill('SIGKILL');
    world.restartAgent('eu-1');
    await world.connected('eu-1');
    await settled(release);
    expect(appWrites(api)).toEqual([]);
    expectRightEnd(release);
  });
});
