import { rename } from 'node:fs/promises';
import { objectId } from '@flotilla/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import { ContentRepository } from './content.repository.js';
import { HubEvents } from '../events/index.js';
import { SourcesService } from '../sources/index.js';
import { PinsService } from './pins.service.js';
import { FleetWorld } from './fleet-world.fixture.js';

const app = (name: string, more = ''): string =>
  `kind: App\nmetadata: {name: ${name}}\nspec:\n  targets: [{selector: env=prod}]\n${more}`;
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: ${JSON.stringify(value)}}\n`;

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
    expect(await world.targets()).toEqual([
      'api@eu-1 active #1',
      'api@us-1 active #1',
      'web@eu-1 active #1',
      'web@us-1 active #1',
    ]);
  });
});

describe('a commit', () => {
  it('makes a release of the app that it changes, and of no other', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    const commit = await world.push({ 'apps/web/web.yaml': configMap('web', 'two') }, 'web two');
    expect(await world.targets()).toEqual([
      'api@eu-1 active #1',
      'api@us-1 active #1',
      'web@eu-1 active #2',
      'web@us-1 active #2',
    ]);
    const [release] = await world.query(
      `SELECT r.author, r.subject, r.commit, r.source FROM release r WHERE r.number = 2`,
    );
    expect(release).toEqual({ author: 'ana', subject: 'web two', commit, source: 'fleet' });
  });

  it('that changes no part makes no release, and writes as many rows whatever the size of the fleet', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    const tables = [
      'release',
      'release_part',
      'bundle',
      'object_content',
      'policy',
      'definition',
      'target',
      'app',
      'problem',
    ];
    const before = await Promise.all(tables.map((table) => world.written(table)));
    await world.push({ 'README.md': 'hello' });
    expect(await Promise.all(tables.map((table) => world.written(table)))).toEqual(before);
    expect([await world.count('snapshot'), await world.count('fleet_revision')]).toEqual([2, 2]);
  });

  it('that is reverted gives a newer release with the parts of the older one, and stores nothing again', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    const [, first] = await world.parts();
    await world.push({ 'apps/web/web.yaml': configMap('web', 'two') });
    const stored = await world.count('bundle');
    await world.repository.git('revert', '--no-edit', 'HEAD');
    await world.refresh();
    expect((await world.parts())[1]).toBe(first?.replace('#1', '#3'));
    expect(await world.count('bundle')).toBe(stored);
  });

  it('that a force-push replaces is followed like any other', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({ 'apps/web/web.yaml': configMap('web', 'two') });
    await world.repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    await world.push({ 'apps/web/web.yaml': configMap('web', 'three') }, 'other');
    expect(await world.targets()).toContain('web@eu-1 active #3');
    expect(await world.problems()).toEqual([]);
  });

  it('that removes an app makes its targets leave, and its return makes them active again', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({ 'apps/web': undefined });
    expect(await world.targets()).toEqual([
      'api@eu-1 active #1',
      'api@us-1 active #1',
      'web@eu-1 leaving appGone #1',
      'web@us-1 leaving appGone #1',
    ]);
    expect(await world.query(`SELECT name, life FROM app ORDER BY name`)).toEqual([
      { name: 'api', life: 'active' },
      { name: 'web', life: 'leaving' },
    ]);
    await world.repository.git('revert', '--no-edit', 'HEAD');
    await world.refresh();
    expect(await world.targets()).toContain('web@eu-1 active #1');
    expect(await world.count('release')).toBe(2);
  });

  it('that narrows the targets makes the others leave', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({ 'apps/web/flotilla.yaml': app('web').replace('env=prod', 'region=eu') });
    expect(await world.targets()).toEqual(
      expect.arrayContaining(['web@eu-1 active #2', 'web@us-1 leaving targetGone #1']),
    );
  });
});

it('tells whose rollouts to look at: apps with other parts, and apps whose strategy or its windows are others', async () => {
  const strategy = (soak: string): string =>
    `kind: RolloutStrategy\nmetadata: {name: careful}\nspec: {waves: [{name: all, soak: ${soak}, windows: [day]}]}\n`;
  const day = (hours: string): string =>
    `kind: Window\nmetadata: {name: day}\nspec: {allow: [{cron: "0 9 * * *", duration: ${hours}, timeZone: UTC}]}\n`;
  await using world = await FleetWorld.make(CLUSTERS, {
    ...TWO_APPS,
    'apps/web/flotilla.yaml': app('web', '  strategy: careful\n'),
    'fleet/careful.yaml': strategy('1m'),
    'fleet/day.yaml': day('8h'),
  });
  expect(await world.problems()).toEqual([]);
  const told: string[][] = [];
  const names = new Map(
    (await world.query<{ id: number; name: string }>('SELECT id, name FROM app')).map((row) => [row.id, row.name]),
  );
  world.get(HubEvents).on('partsChanged', ({ appIds }) => told.push(appIds.map((id) => names.get(id) ?? '')));
  await world.push({ 'fleet/careful.yaml': strategy('2m') });
  await world.push({ 'fleet/day.yaml': day('9h') });
  await world.push({ 'apps/api/api.yaml': configMap('api', 'two') });
  await world.push({ 'README.md': 'hello' });
  expect(told).toEqual([['web'], ['web'], ['api']]);
});

it('keeps the commits of kept releases after a force-push, and lets go of the others', async () => {
  await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
  const kept = await world.push({ 'apps/web/web.yaml': configMap('web', 'two') });
  const idle = await world.push({ 'README.md': 'hello' });
  await world.repository.git('reset', '--quiet', '--hard', 'HEAD~2');
  await world.push({ 'apps/web/web.yaml': configMap('web', 'three') }, 'other');
  await world.get(PinsService).tidy();
  const sources = world.get(SourcesService);
  expect((await sources.commitInfo('fleet', kept)).id).toBe(kept);
  expect(await world.pins()).not.toContain(idle);
  expect(await world.pins()).toContain(kept);
});

describe('a bad commit', () => {
  const broken: readonly (readonly [string, Record<string, string | undefined>, string])[] = [
    [
      'a broken manifest',
      { 'apps/web/web.yaml': 'kind: ConfigMap\ndata: "open\n' },
      'error yamlSyntax App web apps/web/web.yaml:3',
    ],
    [
      'a broken definition',
      { 'apps/web/flotilla.yaml': 'kind: App\nmetadata: {name: web\n' },
      'error yamlSyntax File apps/web/flotilla.yaml apps/web/flotilla.yaml:3',
    ],
    [
      'an unknown field',
      { 'apps/web/flotilla.yaml': app('web', '  sourc: {path: x}\n') },
      'error unknownField App web apps/web/flotilla.yaml:5',
    ],
    [
      'a wrong path',
      { 'apps/web/flotilla.yaml': app('web', '  source: {path: apps/wbe}\n') },
      'error pathNotFound App web apps/web/flotilla.yaml:5',
    ],
    ['an empty folder', { 'apps/web/web.yaml': undefined }, 'error noObjects App web apps/web/flotilla.yaml:3'],
    [
      'a kustomization without resources',
      { 'apps/web/kustomization.yaml': 'namePrefix: x-\n' },
      'error noObjects App web apps/web/kustomization.yaml:1',
    ],
    [
      'a kustomization with a wrong path',
      { 'apps/web/kustomization.yaml': 'resources:\n- web.yaml\n- wbe.yaml\n' },
      'error pathNotFound App web apps/web/kustomization.yaml:3',
    ],
    [
      'a manifest without a name',
      { 'apps/web/web.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {}\n' },
      'error manifestInvalid App web apps/web/web.yaml:4',
    ],
    [
      'an object twice',
      { 'apps/web/more.yaml': configMap('web', 'two') },
      'error manifestInvalid App web apps/web/web.yaml:1',
    ],
    [
      'another app’s object',
      { 'apps/web/flotilla.yaml': app('web', '  namespace: api\n'), 'apps/web/web.yaml': configMap('api', 'two') },
      'error sharedObject App api apps/api/flotilla.yaml:1',
    ],
    [
      'the same name twice',
      { 'apps/x/flotilla.yaml': app('web') },
      'error duplicateName App web apps/x/flotilla.yaml:2',
    ],
    [
      'an emptied repository',
      Object.fromEntries(Object.keys(TWO_APPS).map((path) => [path, undefined])),
      'error noObjects Fleet  :0',
    ],
  ];

  let world: FleetWorld;
  beforeAll(async () => {
    world = await FleetWorld.make(CLUSTERS, TWO_APPS);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(broken)(
    '(%s) freezes what it concerns, shows file and line, and removes nothing',
    async (_what, files, problem) => {
      const [parts, targets] = [await world.parts(), await world.targets()];
      await world.push(files);
      expect(await world.problems()).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
      expect([await world.parts(), await world.targets()]).toEqual([parts, targets]);
      const [web] = await world.query<{ frozen_because: string }>(`SELECT frozen_because FROM app WHERE name = 'web'`);
      expect(web?.frozen_because).not.toBe('');
      await world.repository.git('revert', '--no-edit', 'HEAD');
      await world.refresh();
      expect(await world.problems()).toEqual([]);
      expect([await world.parts(), await world.targets()]).toEqual([parts, targets]);
      expect(await world.query(`SELECT name FROM app WHERE frozen_because <> ''`)).toEqual([]);
    },
  );

  it('may be of another history, or the branch may be gone', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    const before = [await world.parts(), await world.targets()];
    await world.repository.git('checkout', '--quiet', '--orphan', 'other');
    await world.repository.commit({ 'apps/web/flotilla.yaml': 'kind: [' }, 'unrelated');
    await world.repository.git('branch', '--force', 'main', 'other');
    await world.refresh();
    expect(await world.problems()).toEqual([expect.stringContaining('yamlSyntax File apps/web/flotilla.yaml')]);
    expect([await world.parts(), await world.targets()]).toEqual(before);
    await world.repository.git('branch', '--delete', '--force', 'main');
    await world.refresh();
    expect(await world.problems()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('error sourceUnavailable Source fleet :0 the ref does not exist'),
      ]),
    );
    expect([await world.parts(), await world.targets()]).toEqual(before);
  });

  it('lets other apps move on', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({ 'apps/web/web.yaml': '[', 'apps/api/api.yaml': configMap('api', 'two') });
    expect(await world.targets()).toEqual([
      'api@eu-1 active #2',
      'api@us-1 active #2',
      'web@eu-1 active #1',
      'web@us-1 active #1',
    ]);
  });

  it('removes no target of an app while its file, kind or source has a problem', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'apps/web/flotilla.yaml': app('web').replace('env=prod', 'region=eu'),
      'apps/api/flotilla.yaml': app('api', '  unknown: 1\n'),
    });
    expect(await world.targets()).toEqual(expect.arrayContaining(['web@us-1 active #1', 'api@eu-1 active #1']));
    await world.push({ 'apps/api/flotilla.yaml': app('api') });
    expect(await world.targets()).toEqual(expect.arrayContaining(['web@us-1 leaving targetGone #1']));
  });

  it('removes no app while another definition has a problem', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({ 'apps/web': undefined, 'apps/api/flotilla.yaml': app('api', '  unknown: 1\n') });
    expect(await world.targets()).toContain('web@eu-1 active #1');
    await world.push({ 'apps/api/flotilla.yaml': app('api') });
    expect(await world.targets()).toContain('web@eu-1 leaving appGone #1');
  });

  it('keeps since when a problem is there', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({ 'apps/web/flotilla.yaml': app('web', '  sourc: {path: x}\n') });
    const [before] = await world.query<{ since: Date; line: number }>('SELECT since, line FROM problem');
    await world.push({ 'apps/web/flotilla.yaml': `# moved\n${app('web', '  sourc: {path: x}\n')}` });
    const [after] = await world.query<{ since: Date; line: number }>('SELECT since, line FROM problem');
    expect(after).toEqual({ since: before?.since, line: (before?.line ?? 0) + 1 });
  });
});

describe('clusters', () => {
  it('that join get the newest release, and make none', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.join('ap-1', PROD);
    expect(await world.targets()).toEqual(expect.arrayContaining(['web@ap-1 active #1', 'api@ap-1 active #1']));
    expect(await world.count('release')).toBe(2);
  });

  it('that join and take a path of their own make no release either', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'apps/web/flotilla.yaml': app('web', '  overrides: [{name: ap, selector: region=ap, path: apps/web-ap}]\n'),
      'apps/web-ap/web.yaml': configMap('web', 'of ap'),
    });
    const before = await world.count('release');
    await world.join('ap-1', { ...PROD, region: 'ap' });
    expect((await world.targets()).filter((target) => target.startsWith('web@ap-1 active'))).toHaveLength(1);
    expect(await world.count('release')).toBe(before);
  });

  it('that are relabelled change parts, and make no release', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.relabel('lab', PROD);
    expect(await world.targets()).toContain('web@lab active #1');
    await world.query(`UPDATE target SET allowed_bundle = desired_bundle, allowed_policy = desired_policy`);
    await world.relabel('lab', { env: 'lab' });
    expect(await world.targets()).toContain('web@lab leaving targetGone #1');
    const departures = `SELECT a.name || '@' || c.name AS who,
        d.at > now() - interval '1 minute' AND d.observed_ms > (SELECT observed_ms FROM leader) - 60000 AS fresh
      FROM departure d JOIN app a ON a.id = d.app JOIN cluster c ON c.id = d.cluster WHERE a.name = 'web'`;
    expect(await world.query(departures)).toEqual([{ who: 'web@lab', fresh: true }]);
    await world.query(`UPDATE departure SET at = now() - interval '1 day'`);
    await world.query(`UPDATE leader SET observed_ms = observed_ms + 86400000`);
    await world.relabel('lab', PROD);
    await world.relabel('lab', { env: 'lab' });
    expect(await world.query(departures)).toEqual([{ who: 'web@lab', fresh: true }]);
    expect(await world.count('release')).toBe(2);
  });

  it('get labels from their documents, and keep the last ones when the document vanishes', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'fleet/clusters.yaml': 'kind: Cluster\nmetadata: {name: lab, labels: {env: prod}}\nspec: {values: {a: 1}}\n',
    });
    expect(await world.query(`SELECT labels, "values" FROM cluster WHERE name = 'lab'`)).toEqual([
      { labels: { env: 'prod' }, values: { a: 1 } },
    ]);
    expect(await world.targets()).toContain('web@lab active #1');
    await world.push({ 'fleet/clusters.yaml': undefined });
    expect(await world.targets()).toContain('web@lab active #1');
    expect(await world.problems()).toEqual([
      expect.stringMatching(/^warning unknownReference Cluster lab .*last labels and values stay/),
    ]);
  });

  it('that join while an app is frozen by its definition get its last good form', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'apps/web/flotilla.yaml': app('web', '  unknown: 1\n'),
      'apps/web/web.yaml': configMap('web', 'two'),
    });
    const [, before] = await world.parts();
    await world.join('ap-1', PROD);
    const [, after] = await world.parts();
    expect(after).toBe(before?.replace('#1 ', `#1 ap-1=${before.slice(-6)} `));
  });

  it('differ by overrides, patches and substitutions', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'apps/web/web.yaml': configMap('web', '${TIER} $HOME ${OTHER}'),
      'apps/web/flotilla.yaml': app(
        'web',
        [
          '  substitute: {TIER: "tier of ${cluster.labels.region}"}',
          '  overrides:',
          '  - {name: eu, selector: region=eu, patches: [{target: {kind: ConfigMap}, patch: {data: {extra: "1"}}}]}',
          '',
        ].join('\n'),
      ),
    });
    expect(await world.problems()).toEqual([]);
    const rows = await world.query<{ body: string }>(
      `SELECT convert_from(o.body, 'UTF8') AS body FROM target t JOIN app a ON a.id = t.app JOIN bundle b ON b.digest = t.desired_bundle
       JOIN object_content o ON encode(o.id, 'hex') = b.entries->0->>'objectId' WHERE a.name = 'web' ORDER BY t.cluster`,
    );
    expect(rows.map(({ body }) => (JSON.parse(body) as { data: unknown }).data)).toEqual([
      { extra: '1', value: 'tier of eu $HOME ${OTHER}' },
      { value: 'tier of us $HOME ${OTHER}' },
    ]);
  });
});

describe('Secrets', () => {
  it('rest sealed under an id that does not tell their content', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'apps/web/secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: geheim}\n',
    });
    const rows = await world.query<{ id: string; body: string }>(
      `SELECT encode(id, 'hex') AS id, encode(body, 'escape') AS body FROM object_content WHERE secret`,
    );
    const { id, body } = rows[0] ?? { id: '', body: 'geheim' };
    expect(body).not.toMatch(/geheim|Z2VoZWlt/);
    const [content] = await world.get(ContentRepository).loadContents([id]);
    const { text, salt } = content ?? { text: '', salt: '' };
    expect(text).toBe('{"apiVersion":"v1","data":{"password":"Z2VoZWlt"},"kind":"Secret","metadata":{"name":"s"}}');
    expect(objectId(text, salt)).toBe(id);
    expect(objectId(text, '')).not.toBe(id);
  });
});

describe('the hub', () => {
  it('started again changes nothing', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    const tables = [
      'release',
      'release_part',
      'bundle',
      'object_content',
      'policy',
      'definition',
      'target',
      'app',
      'snapshot',
      'fleet_revision',
    ];
    const before = await Promise.all(tables.map((table) => world.written(table)));
    await world.restart();
    expect(await Promise.all(tables.map((table) => world.written(table)))).toEqual(before);
  });

  it('works out on start what was pushed while it was away', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.repository.commit({ 'apps/web/web.yaml': configMap('web', 'two') });
    await world.restart();
    expect(await world.targets()).toContain('web@eu-1 active #2');
  });

  it('goes on with the last good commit while the source is away, and says since when', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await rename(world.repository.folder, `${world.repository.folder}-away`);
    await expect(world.get(SourcesService).refresh('fleet')).rejects.toThrow('there is no repository at this URL');
    await world.join('ap-1', PROD);
    expect(await world.targets()).toContain('web@ap-1 active #1');
    expect(
      await world.query(`SELECT failing_since IS NOT NULL AS failing, commit IS NOT NULL AS good FROM source`),
    ).toEqual([{ failing: true, good: true }]);
    expect(await world.problems()).toEqual([expect.stringContaining('error sourceUnavailable Source fleet')]);
    await rename(`${world.repository.folder}-away`, world.repository.folder);
    await world.refresh();
    expect(await world.problems()).toEqual([]);
  });
});

describe('a content source', () => {
  const source = (url: string): string =>
    `kind: Source\nmetadata: {name: shop}\nspec: {url: "${url}", ref: {branch: main}, interval: 1h}\n`;

  it('is followed, makes releases with its own commits, and freezes its apps when it has none', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    const shop = await world.otherRepository('shop', { 'shop/shop.yaml': configMap('shop', 'one') });
    await world.push({
      'fleet/shop.yaml': source(`file://${shop.folder}`),
      'apps/shop/flotilla.yaml': app('shop', '  source: {name: shop, path: shop}\n'),
    });
    await eventually(async () => expect(await world.targets()).toContain('shop@eu-1 active #1'));
    expect(await world.problems()).toEqual([]);
    const commit = await shop.commit({ 'shop/shop.yaml': configMap('shop', 'two') }, 'shop two');
    await world.refresh();
    expect(
      await world.query(`SELECT number, source, commit, subject FROM release WHERE source = 'shop' AND number = 2`),
    ).toEqual([{ number: 2, source: 'shop', commit, subject: 'shop two' }]);
    expect(await world.query(`SELECT sources FROM snapshot ORDER BY number DESC LIMIT 1`)).toMatchObject([
      { sources: { shop: commit } },
    ]);
    await shop.commit({ 'shop/shop.yaml': '[' });
    await world.refresh();
    expect(await world.problems()).toEqual([expect.stringContaining('error yamlSyntax App shop shop/shop.yaml:1')]);
    expect(await world.targets()).toContain('shop@eu-1 active #2');
  });

  it('that cannot be fetched freezes what needs it, and nothing else', async () => {
    await using world = await FleetWorld.make(CLUSTERS, TWO_APPS);
    await world.push({
      'fleet/shop.yaml': source('file:///nowhere/shop'),
      'apps/shop/flotilla.yaml': app('shop', '  source: {name: shop, path: shop}\n'),
      'apps/web/web.yaml': configMap('web', 'two'),
    });
    expect(await world.targets()).toContain('web@eu-1 active #2');
    await eventually(async () =>
      expect((await world.problems()).join()).toContain('error sourceUnavailable Source shop'),
    );
    expect((await world.problems()).join()).toContain('error sourceUnavailable App shop apps/shop/flotilla.yaml:5');
  });
});
