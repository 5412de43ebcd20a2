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

it('keeps the history of rollouts and acts as long as is set, and of what runs for ever', async () => {
  await using world = await FleetWorld.make(
    { 'eu-1': {} },
    {
      'web/flotilla.yaml': app,
      'web/web.yaml': secret(0),
      'api/flotilla.yaml': app.replace('web', 'api'),
      'api/web.yaml': secret(0),
    },
  );
  for (const n of [1, 2]) await world.push({ 'web/web.yaml': secret(n) });
  // Of each release a rollout that ended 500 days ago, but the second of web ended lately and the newest of web is open.
  await world.query(`INSERT INTO rollout (app, release, state, strategy, started_at, ended_at)
    SELECT a.id, r.id, CASE WHEN open THEN 'halted' ELSE 'done' END, '{}', at, CASE WHEN open THEN NULL ELSE at END
    FROM release r JOIN app a ON a.id = r.app,
      LATERAL (SELECT a.name = 'web' AND r.number = 3 AS open,
        now() - CASE WHEN a.name = 'web' AND r.number = 2 THEN interval '300 days' ELSE interval '500 days' END AS at) x
    ORDER BY r.id`);
  await world.query(
    `INSERT INTO rollout_event (rollout, at, kind) SELECT id, started_at, 'started' FROM rollout, generate_series(1, 3)`,
  );
  await world.query(`INSERT INTO act (app, release, kind, actor, request_id, at)
    SELECT app, release, 'approve', 'ana', 'r' || id, started_at FROM rollout
    UNION ALL SELECT app, NULL, 'suspend', 'ana', 's' || id, started_at FROM rollout`);
  await world.query(`INSERT INTO audit (at, actor, action, subject, outcome)
    SELECT now() - n * interval '365 days', 'ana', 'app.suspend', 'web', 'done' FROM generate_series(0, 3) n`);
  // The window of the guard is of observed time, whatever clocks on the wall say.
  await world.query(`UPDATE leader SET observed_ms = 90000000`);
  await world.query(`INSERT INTO departure (app, cluster, at, observed_ms)
    SELECT a.id, c.id, CASE WHEN a.name = 'web' THEN now() - interval '3 days' ELSE now() END,
      CASE WHEN a.name = 'web' THEN 80000000 ELSE 0 END FROM app a, cluster c`);

  await world.get(GarbageService).tidy();
  const departed = `SELECT a.name FROM departure d JOIN app a ON a.id = d.app`;
  expect(await world.query(departed)).toEqual([{ name: 'web' }]);
  const left = `JOIN release r ON r.id = x.release JOIN app a ON a.id = r.app GROUP BY 1 ORDER BY 1`;
  const name = `a.name || ' #' || r.number AS of, count(*)::int AS n`;
  const kept = ['api #1', 'web #2', 'web #3'];
  expect(await world.query(`SELECT ${name} FROM rollout x ${left}`)).toEqual(kept.map((of) => ({ of, n: 1 })));
  expect(await world.query(`SELECT ${name} FROM rollout_event e JOIN rollout x ON x.id = e.rollout ${left}`)).toEqual(
    kept.map((of) => ({ of, n: 3 })),
  );
  expect(await world.query(`SELECT ${name} FROM act x ${left}`)).toEqual(kept.map((of) => ({ of, n: 1 })));
  expect(await world.query(`SELECT count(*)::int AS n FROM act WHERE kind = 'suspend'`)).toEqual([{ n: 1 }]);
  expect(await world.query(`SELECT count(*)::int AS n FROM audit WHERE action = 'app.suspend'`)).toEqual([{ n: 2 }]);
});
