import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@flotilla/testing';
import { configApp, deployment } from '../support/fleet-files.js';
import type { ProblemItem } from '../support/hub-api.js';
import { RolloutWatch, endGrace, phasesOf } from '../support/rollout-watch.js';
import { World } from '../support/world.js';

const GOOD = '{name: all}';
const strategy = (waves: string): string =>
  `kind: RolloutStrategy\nmetadata: {name: rings}\nspec: {waves: [${waves}]}\n`;
const app = (name: string, more = ''): Record<string, string> =>
  configApp(name, { A: '1' }, `{targets: [{all: true}], strategy: rings, createNamespace: true${more}}`) as Record<
    string,
    string
  >;
const PATIENT = `kind: RolloutStrategy
metadata: {name: patient}
spec:
  waves: [{name: canary, selector: ring=0}, {name: rest}]
  onFailure: {do: rollback}
`;
const SHOP =
  'kind: App\nmetadata: {name: shop}\nspec: {targets: [{all: true}], strategy: patient, createNamespace: true}\n';
const image = (tag: string): string => `registry.example/shop:${tag}`;
const shop = (tag: string): Record<string, string> => ({ 'shop/deployment.yaml': deployment('shop', image(tag)) });

const GOOD_FILES = {
  'fleet/rings.yaml': strategy(GOOD),
  ...app('settings'),
  ...app('other'),
  'fleet/patient.yaml': PATIENT,
  'shop/flotilla.yaml': SHOP,
  ...shop('1.4.0'),
};
/** A bad image is under way while bad strategies come and go: what becomes of it is looked at in the end. */
const FILES = { ...GOOD_FILES, ...shop('1.5.O') };

const BAD: readonly (readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  problem: { readonly code: string; readonly file: string; readonly line: number; readonly field: string },
])[] = [
  [
    'zero waves',
    { 'fleet/rings.yaml': strategy('') },
    { code: 'invalidValue', file: 'fleet/rings.yaml', line: 3, field: 'spec.waves' },
  ],
  [
    '101 %',
    { 'fleet/rings.yaml': strategy('{name: all, maxConcurrent: 101%}') },
    { code: 'invalidValue', file: 'fleet/rings.yaml', line: 3, field: 'spec.waves[0].maxConcurrent' },
  ],
  [
    'an unknown group',
    { 'fleet/rings.yaml': strategy('{name: canary, group: nowhere}, {name: rest}') },
    { code: 'unknownReference', file: 'fleet/rings.yaml', line: 3, field: 'spec.waves[0].group' },
  ],
  [
    'a ring of dependsOn',
    { ...app('settings', ', dependsOn: [other]'), ...app('other', ', dependsOn: [settings]') },
    { code: 'cyclicDependency', file: 'settings/flotilla.yaml', line: 3, field: 'spec.dependsOn[0]' },
  ],
  [
    'two waves of one name',
    { 'fleet/rings.yaml': strategy('{name: all, selector: ring=0}, {name: all}') },
    { code: 'invalidValue', file: 'fleet/rings.yaml', line: 3, field: 'spec.waves[1]' },
  ],
  [
    'a soak of −1',
    { 'fleet/rings.yaml': strategy('{name: all, soak: -1}') },
    { code: 'invalidValue', file: 'fleet/rings.yaml', line: 3, field: 'spec.waves[0].soak' },
  ],
];

let world: World;

beforeAll(async () => {
  world = await World.start({ files: GOOD_FILES });
  await endGrace(world);
  await Promise.all([world.join('eu-1', { ring: '0' }), world.join('eu-2', { ring: '1' })]);
  await Promise.all(['settings', 'other', 'shop'].map((name) => world.healthy(name, 1, { targets: 2 })));
  await world.push('shop 1.5.O', FILES);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

const errors = (): Promise<ProblemItem[]> => world.api.items<ProblemItem>('/problems?severity=error');

describe('a bad strategy', () => {
  it.each(BAD)('with %s is a problem with its place, and changes nothing', async (_, files, problem) => {
    const rollout = await new RolloutWatch(world, 'settings').get();
    const { api } = world.member('eu-1');
    api.calls.clear();
    const commit = await world.push('a bad strategy', { ...FILES, ...files });
    const found = await until(async () => {
      const all = await errors();
      return all.some((each) => each.commit === commit) ? all : undefined;
    }, 'the hub has seen the commit');
    expect(found).toContainEqual(expect.objectContaining({ ...problem, commit }) as ProblemItem);
    expect(found.every(({ message, hint }) => message !== '' && hint !== '')).toBe(true);
    expect((await world.app('settings')).frozenBecause).not.toBe('');

    await world.push('as it was', FILES);
    await until(async () => ((await errors()).length === 0 ? true : undefined), 'the problems are gone');
    await world.healthy('settings', 1, { targets: 2 });
    expect(await new RolloutWatch(world, 'settings').get()).toEqual(rollout);
    expect(api.calls.all.filter(({ method, namespace }) => method !== 'GET' && namespace === 'settings')).toEqual([]);
  });
});

describe('a bad image under a patient deadline', () => {
  const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1_000;

  it('stops at the canary by its fail-fast health within 90 s, returns, and is held; the fix replaces it', async () => {
    const watch = new RolloutWatch(world, 'shop');
    const back = await watch.is(2, ({ state, allowed }) => state === 'rolledBack' && allowed.length === 1, 150_000);
    expect(back.allowed).toEqual([{ release: 1, targets: 2 }]);
    expect(phasesOf(back)).toEqual({ canary: 'failed', rest: 'waiting' });
    const history = await watch.history(2);
    const at = (kind: string): string => history.find((line) => line.kind === kind)?.at ?? '';
    expect(seconds(at('started'), at('failed'))).toBeLessThanOrEqual(90);
    expect(seconds(at('failed'), at('returned'))).toBeLessThanOrEqual(1);
    expect(history.find(({ kind }) => kind === 'failed')).toMatchObject({
      cluster: 'eu-1',
      evidence: [{ cluster: 'eu-1' }],
    });
    expect(history.find(({ kind }) => kind === 'failed')?.message).toMatch(/ImagePullBackOff/);
    expect(history.map(({ kind }) => kind)).toContain('held');
    const { failed, next } = await watch.why();
    expect(failed).toMatchObject([{ cluster: 'eu-1', wave: 'canary', reason: 'failFast' }]);
    expect(next).toEqual(['push a fix (replaces #2 at once)', 'flotilla rollout clear shop']);
    await world.targetIs('shop', 'eu-1', ({ appliedRelease, health }) => appliedRelease === 1 && health === 'healthy');

    await world.push('shop 1.5.1', { ...FILES, ...shop('1.5.1') });
    await world.healthy('shop', 3, { targets: 2 });
    expect((await watch.get()).state).toBe('done');
  });
});
