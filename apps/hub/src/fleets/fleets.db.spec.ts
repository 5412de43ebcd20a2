import { describe, expect, it } from 'vitest';
import { FleetWorld } from './fleet-world.fixture.js';

const app = (name: string, more = ''): string =>
  `kind: App\nmetadata: {name: ${name}}\nspec:\n  targets: [{selector: env=prod}]\n${more}`;
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: ${value}}\n`;

const PROD = { env: 'prod' };
const CLUSTERS = { 'eu-1': { ...PROD, region: 'eu' }, 'us-1': { ...PROD, region: 'us' }, lab: { env: 'lab' } };
const TWO_APPS = {
  'apps/web/flotilla.yaml': app('web'),
  'apps/web/web.yaml': configMap('web', 'one'),
  'apps/api/flotilla.yaml': app('api'),
  'apps/api/api.yaml': configMap('api', 'one'),
};

describe('a push', () => {
  it('makes releases with parts and says what targets should run', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    expect(await world.problems()).toEqual([]);
    expect(await world.parts()).toEqual([
      expect.stringMatching(/^api #1 eu-1=(\w+) us-1=\1$/),
      expect.stringMatching(/^web #1 eu-1=(\w+) us-1=\1$/),
    ]);
    expect(await world.targets()).toEqual(['api@eu-1 active #1', 'api@us-1 active #1', 'web@eu-1 active #1', 'web@us-1 active #1']);
  });
});
