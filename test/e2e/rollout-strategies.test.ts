import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configApp } from '../support/fleet-files.js';
import type { ProblemItem } from '../support/hub-api.js';
import { RolloutWatch } from '../support/rollout-watch.js';
import { until } from '../support/until.js';
import { World } from '../support/world.js';

const GOOD = '{name: all}';
const strategy = (waves: string): string =>
  `kind: RolloutStrategy\nmetadata: {name: rings}\nspec: {waves: [${waves}]}\n`;
const app = (name: string, more = ''): Record<string, string> =>
  configApp(name, { A: '1' }, `{targets: [{all: true}], strategy: rings, createNamespace: true${more}}`) as Record<
    string,
    string
  >;
const FILES = { 'fleet/rings.yaml': strategy(GOOD), ...app('settings'), ...app('other') };

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
  world = await World.start({ files: FILES });
  await world.join('eu-1');
  await Promise.all([world.healthy('settings', 1), world.healthy('other', 1)]);
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
    await world.healthy('settings', 1);
    expect(await new RolloutWatch(world, 'settings').get()).toEqual(rollout);
    expect(api.calls.all.filter(({ method, namespace }) => method !== 'GET' && namespace === 'settings')).toEqual([]);
  });
});
