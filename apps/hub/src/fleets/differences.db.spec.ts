import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CausesService } from './causes.service.js';
import { DifferencesService } from './differences.service.js';
import { FleetWorld } from './fleet-world.fixture.js';

const APP = `kind: App
metadata: {name: web}
spec:
  targets: [{selector: env=prod}]
  overrides:
    - {name: us, selector: region=us, substitute: {GREETING: howdy}}
  substitute: {GREETING: hello}
`;
const LAB = `kind: App\nmetadata: {name: lab}\nspec: {targets: [{clusters: [lab-1]}]}\n`;

function manifests(image: string, password: string): Record<string, string> {
  return {
    'apps/web/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: ${image}
`,
    'apps/web/secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {password: ${password}}\n`,
    'apps/web/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {greeting: "${GREETING}"}\n',
  };
}

const DEPLOYMENT = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' };

let world: FleetWorld;
let commits: string[];

beforeAll(async () => {
  world = await FleetWorld.make(
    { 'eu-1': { env: 'prod', region: 'eu' }, 'us-1': { env: 'prod', region: 'us' }, 'lab-1': { env: 'lab' } },
    {
      'apps/web/flotilla.yaml': APP,
      'apps/lab/flotilla.yaml': LAB,
      'apps/lab/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lab}\n',
      ...manifests('web:1.4.0', 'first-secret'),
    },
  );
  commits = [
    await world.push(manifests('web:1.5.0', 'other-secret'), 'web 1.5.0'),
    await world.push({ 'apps/web/flotilla.yaml': APP.replace('howdy', 'hi') }, 'greet'),
    await world.push({ ...manifests('web:1.5.0', 'other-secret'), 'apps/web/secret.yaml': undefined }, 'no secret'),
  ];
});

afterAll(() => world[Symbol.asyncDispose]());

describe('the difference of two releases', () => {
  it('is told by object and field, for clusters with the same one together, with keys of Secrets only', async () => {
    const found = await world.get(DifferencesService).betweenReleases({ app: 'web', from: 1, to: 2 }, {});
    expect(found.items).toMatchObject([
      {
        clusters: ['eu-1', 'us-1'],
        objects: [
          { ref: { kind: 'Secret' }, change: 'changed', fields: [{ field: 'data.password', change: 'changed' }] },
          {
            ref: { kind: 'Deployment' },
            fields: [{ field: 'spec.template.spec.containers[web].image', before: 'web:1.4.0', after: 'web:1.5.0' }],
          },
        ],
        policy: [],
      },
    ]);
    const said = JSON.stringify(found.items);
    for (const word of ['first-secret', 'other-secret']) {
      expect(said).not.toContain(word);
      expect(said).not.toContain(Buffer.from(word).toString('base64'));
    }
    expect(found.releases.map(({ number, author, subject }) => [number, author, subject])).toEqual([
      [1, 'ana', 'first'],
      [2, 'ana', 'web 1.5.0'],
    ]);
  });

  it('of clusters that differ is told for each, and can be narrowed', async () => {
    const differences = world.get(DifferencesService);
    const { items } = await differences.betweenReleases({ app: 'web', from: 2, to: 4 }, {});
    expect(
      items.map(({ clusters, objects }) => [clusters, objects.map(({ ref, change }) => [ref.kind, change])]),
    ).toEqual([
      [['eu-1'], [['Secret', 'removed']]],
      [
        ['us-1'],
        [
          ['ConfigMap', 'changed'],
          ['Secret', 'removed'],
        ],
      ],
    ]);
    const back = await differences.betweenReleases({ app: 'web', from: 4, to: 2 }, { cluster: 'eu-1' });
    expect(back.items).toMatchObject([{ clusters: ['eu-1'], objects: [{ change: 'added' }] }]);
    expect((await differences.betweenReleases({ app: 'web', from: 2, to: 3 }, { cluster: 'eu-1' })).items).toEqual([]);
    expect((await differences.betweenReleases({ app: 'web', from: 4, to: 4 }, {})).items).toEqual([]);
  });

  it('that are not there is refused', async () => {
    const differences = world.get(DifferencesService);
    await expect(differences.betweenReleases({ app: 'web', from: 1, to: 9 }, {})).rejects.toThrow(
      'web has no release 9',
    );
    await expect(differences.betweenReleases({ app: 'nope', from: 1, to: 2 }, {})).rejects.toThrow(
      'there is no app nope',
    );
    const nowhere = differences.betweenReleases({ app: 'web', from: 1, to: 2 }, { cluster: 'nope' });
    await expect(nowhere).rejects.toThrow('there is no cluster nope');
  });
});

describe('live against allowed', () => {
  it('shows drift as agents tell it, what is not applied yet, and who has not said anything', async () => {
    const differences = world.get(DifferencesService);
    await world.query(
      `UPDATE target SET allowed_release = desired_release, allowed_bundle = desired_bundle, allowed_policy = desired_policy`,
    );
    expect(await differences.liveOf('web', {})).toMatchObject({ items: [], unobserved: ['eu-1', 'us-1'] });

    const drift = {
      ref: DEPLOYMENT,
      kind: 'edited',
      field: '/spec/replicas',
      wanted: '3',
      live: '1',
      manager: 'kubectl',
      at: 0,
    };
    await world.query(
      `UPDATE target t SET reported_at = now(), applied_release = p.release, applied_bundle = p.bundle, applied_policy = p.policy, drifts = $1
       FROM release_part p JOIN release r ON r.id = p.release JOIN app a ON a.id = r.app
       WHERE a.name = 'web' AND t.app = a.id AND t.cluster = ANY (p.cluster_ids) AND r.number = 3`,
      [
        JSON.stringify([
          { ...drift, healed: false },
          { ...drift, field: '/spec/paused', healed: true },
        ]),
      ],
    );
    const { items, unobserved } = await differences.liveOf('web', { cluster: 'eu-1' });
    expect(unobserved).toEqual([]);
    expect(items).toMatchObject([
      { kind: 'notApplied', clusters: ['eu-1'], objects: [{ ref: { kind: 'Secret' }, change: 'removed' }] },
      { kind: 'drift', objects: [{ fields: [{ field: '/spec/replicas', change: 'changed', before: 1, after: 3 }] }] },
    ]);
    await expect(differences.liveOf('web', { cluster: 'lab-1' })).rejects.toThrow('web has no target on lab-1');
  });
});

describe('the cause of a failure', () => {
  const find = async (from: number, to: number, refs = [DEPLOYMENT]) => {
    const [cluster] = await world.query<{ id: number }>(`SELECT id FROM cluster WHERE name = 'us-1'`);
    return world.get(CausesService).find('web', { clusterId: cluster?.id ?? 0, from, to, refs });
  };

  it('is the field that changed since the last healthy release, with its line and the release that brought it', async () => {
    expect(await find(1, 4)).toEqual([
      {
        ref: { ...DEPLOYMENT, namespace: '' },
        field: 'spec.template.spec.containers[web].image',
        change: 'changed',
        before: 'web:1.4.0',
        after: 'web:1.5.0',
        release: 2,
        place: { file: 'apps/web/deployment.yaml', line: 9 },
      },
    ]);
  });

  it('of an object that did not change itself is looked for in the others', async () => {
    expect(await find(2, 3)).toMatchObject([
      {
        ref: { kind: 'ConfigMap' },
        field: 'data.greeting',
        after: 'hi',
        release: 3,
        place: { file: 'apps/web/flotilla.yaml', line: 6 },
      },
    ]);
    expect(await find(3, 3)).toEqual([]);
  });

  it('is found without its line when the commits are gone', async () => {
    await world.query(`UPDATE snapshot SET sources = jsonb_build_object('fleet', md5(number::text))`);
    expect(await find(1, 2)).toMatchObject([{ after: 'web:1.5.0', place: undefined }]);
    expect(commits).toHaveLength(3);
  });
});

it('what is not kept any more does not pass for empty', async () => {
  await world.query('DELETE FROM object_content');
  const asked = world.get(DifferencesService).betweenReleases({ app: 'web', from: 2, to: 4 }, {});
  await expect(asked).rejects.toThrow('not kept any more');
});
