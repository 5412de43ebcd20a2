import { expect, it } from 'vitest';
import { FleetWorld } from './fleet-world.fixture.js';
import { GarbageService } from './garbage.service.js';

const app = 'kind: App\nmetadata: {name: web}\nspec:\n  targets: [{all: true}]\n';
const secret = (value: number): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {a: "${value}"}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n`;

it('forgets what nothing needs, and nothing else', async () => {
  await using world = await FleetWorld.make(
    { 'eu-1': {}, 'us-1': {} },
    { 'web/flotilla.yaml': app, 'web/web.yaml': secret(0) },
  );
  // One cluster stays behind at the first release.
  await world.query(`UPDATE target SET allowed_release = desired_release, allowed_bundle = desired_bundle,
    allowed_policy = desired_policy WHERE cluster = (SELECT id FROM cluster WHERE name = 'us-1')`);
  for (let n = 1; n <= 24; n += 1) await world.push({ 'web/web.yaml': secret(n) });
  await world.push({ 'README.md': 'idle' });
  await world.push({ 'README.md': 'idle again' });
  await world.query(`INSERT INTO target_event (at, app, cluster, kind) SELECT now() - n * interval '20 days', app, cluster, 'applied'
    FROM target, unnest(ARRAY[0, 1, 2]) n`);
  await world.query(
    `CREATE TABLE target_event_20200101 PARTITION OF target_event FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')`,
  );
  const [parts, targets] = [await world.parts(), await world.targets()];
  expect(await world.count('bundle')).toBe(25);

  const garbage = world.get(GarbageService);
  await garbage.tidy();
  expect(await world.count('bundle')).toBe(25);
  await garbage.tidy(0);
  await garbage.tidy(0);
  // Twenty releases, and the one that a cluster still has; each with a Secret of its own, and one ConfigMap.
  expect([await world.count('release'), await world.count('release_part')]).toEqual([25, 21]);
  expect([await world.count('bundle'), await world.count('object_content')]).toEqual([21, 22]);
  expect([await world.parts(), await world.targets()]).toEqual([parts, targets]);
  expect([await world.count('snapshot'), await world.count('fleet_revision')]).toEqual([26, 26]);
  expect(await world.count('target_event')).toBe(4);
  expect(await world.query(`SELECT to_regclass('target_event_20200101') AS name`)).toEqual([{ name: null }]);

  // What was forgotten may come again.
  await world.push({ 'web/web.yaml': secret(2) });
  expect(await world.targets()).toEqual(['web@eu-1 active #26', 'web@us-1 active #26']);
  await world.restart();
  expect(await world.targets()).toEqual(['web@eu-1 active #26', 'web@us-1 active #26']);
});
