import { describe, expect, it } from 'vitest';
import type { GivenFile } from '../content/index.js';
import { ContentRenderer, FilesTree } from '../content/index.js';
import { Fault } from '../fault/index.js';
import { doubtRemoval } from './doubt-removal.js';
import { FleetEvaluator } from './evaluate-fleet.js';
import type { EvaluatedApp, Evaluation } from './evaluation.js';
import { planApp } from './plan-app.js';

type Content = string | Uint8Array | GivenFile | undefined;
type Files = Readonly<Record<string, Content>>;

const app = (name: string, more = ''): string =>
  `kind: App\nmetadata: {name: ${name}}\nspec:\n  targets: [{all: true}]\n${more}`;
const config = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;

/** `api` waits for `web`; `shop` is a tenant's; `web` has a strategy, `api` a group. */
const GOOD = {
  'web/flotilla.yaml': app('web', '  strategy: rings\n  overrides:\n    - name: one\n      clusters: [c1]\n'),
  'web/web.yaml': config('web', 'data: {a: "1"}\n'),
  'web/more/more.yml': config('more'),
  'web/README.md': '# Web\n',
  'api/flotilla.yaml': app('api', '  dependsOn: [web]\n').replace('{all: true}', '{group: every}'),
  'api/api.yaml': config('api'),
  'cache/flotilla.yaml': app('cache', '  source: {path: cache/eu}\n'),
  'cache/base/kustomization.yaml': 'resources: [cache.yaml]\n',
  'cache/base/cache.yaml': config('cache'),
  'cache/eu/kustomization.yaml': 'resources:\n  - ../base\n',
  'fleet/clusters.yaml': 'kind: Cluster\nmetadata: {name: c1, labels: {ring: "0"}}\n',
  'fleet/rings.yaml': 'kind: RolloutStrategy\nmetadata: {name: rings}\nspec:\n  waves:\n    - {name: all}\n',
  'fleet/groups.yaml': 'kind: ClusterGroup\nmetadata: {name: every}\nspec:\n  selector: ring in (0,1)\n',
};
const APPS = ['api', 'cache', 'web'];
const CLUSTERS = [0, 1].map((ring) => ({
  id: ring + 1,
  name: `c${ring + 1}`,
  joinLabels: { ring: `${ring}` },
  facts: {},
}));

function treeOf(files: Files): FilesTree {
  return new FilesTree(
    Object.entries(files).flatMap(([path, content]): GivenFile[] => {
      if (content === undefined) return [];
      return typeof content === 'string' || content instanceof Uint8Array ? [{ path, content }] : [content];
    }),
  );
}

/** Stands for Kustomize: every manifest it was given. What Kustomize itself refuses is tested with the real one. */
const everything = async (
  files: readonly { path: string; content: Uint8Array }[],
): Promise<{ ok: true; text: string }> => {
  const manifests = files.filter(({ path }) => !path.includes('kustomization') && path.endsWith('.yaml'));
  return { ok: true, text: manifests.map(({ content }) => new TextDecoder().decode(content)).join('---\n') };
};

interface Outcome {
  readonly before: Evaluation;
  readonly after: Evaluation;
}

async function commit(change: Files): Promise<Outcome> {
  const evaluator = new FleetEvaluator(new ContentRenderer(everything), (name) => name);
  const evaluate = (files: Files, previous?: Evaluation): Promise<Evaluation> => {
    const tree = treeOf(files);
    return evaluator.evaluate({
      previous: previous?.effective,
      fleet: tree,
      clusters: CLUSTERS,
      usableFacts: [],
      strict: false,
      failingSources: [],
      contentOf: async (_, frozen) => (frozen ? treeOf(GOOD) : tree),
    });
  };
  const before = await evaluate(GOOD);
  expect(before.problems).toEqual([]);
  return { before, after: await evaluate({ ...GOOD, ...change }, before) };
}

/** Names of the apps that do not move. */
function frozenApps({ apps }: Evaluation): string[] {
  return apps.filter(({ frozenBecause }) => frozenBecause !== '').map(({ definition }) => definition.name);
}

/** Clusters that any app would leave. */
function leaving({ before, after }: Outcome): string[] {
  const clusterIds = new Set(CLUSTERS.map(({ id }) => id));
  const earlier = new Map(before.apps.map((item) => [item.definition.name, item]));
  return after.apps.flatMap((now) => {
    if (now.frozenBecause !== '') return [];
    const doubt = doubtRemoval(now.definition, after.problems, []);
    const plan = planApp({ before: inForce(earlier.get(now.definition.name)), now, clusterIds, doubt });
    return [...plan.leaving.keys()].map((id) => `${now.definition.name}@${id}`);
  });
}

function inForce(app: EvaluatedApp | undefined): Parameters<typeof planApp>[0]['before'] {
  const targets = new Map([...(app?.reasons ?? [])].map(([id, reason]) => [id, { life: 'active' as const, reason }]));
  return { inputs: app?.inputs, parts: app?.assembled.parts, targets };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const laughs = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join('\n');
const webWith = (more: string): Files => ({ 'web/flotilla.yaml': app('web', more) });
const link = (path: string): GivenFile => ({ path, content: '../elsewhere', type: 'link' });

/** What is committed · which apps it freezes · its first problem as `code file:line:column field`. */
const BAD: readonly (readonly [string, Files, string, string])[] = [
  // Definition files.
  ['broken YAML', { 'web/flotilla.yaml': 'kind: App\nspec: [\n' }, 'web api', 'yamlSyntax web/flotilla.yaml:3:1 '],
  [
    'a tab as indentation',
    { 'web/flotilla.yaml': 'kind: App\nmetadata:\n\tname: web\n' },
    'web api',
    'yamlSyntax web/flotilla.yaml:3:1 ',
  ],
  [
    'a key that is there twice',
    webWith('  mode: manage\n  mode: observe\n'),
    'web api',
    'duplicateKey web/flotilla.yaml:6:3 ',
  ],
  ['an unknown field', webWith('  namspace: x\n'), 'web api', 'unknownField web/flotilla.yaml:5:3 spec.namspace'],
  [
    'an unknown kind',
    { 'web/flotilla.yaml': app('web').replace('App', 'Ap') },
    'web api',
    'unknownKind web/flotilla.yaml:1:7 kind',
  ],
  [
    'another apiVersion',
    { 'web/flotilla.yaml': `apiVersion: flotilla.dev/v2\n${app('web')}` },
    'web api',
    'invalidValue web/flotilla.yaml:1:13 apiVersion',
  ],
  [
    'a Kubernetes object in a definition file',
    { 'web/flotilla.yaml': config('web') },
    'web api',
    'unknownKind web/flotilla.yaml:2:7 kind',
  ],
  ['an emptied definition file', { 'web/flotilla.yaml': '# later\n' }, 'web api', 'noObjects web/flotilla.yaml:1:1 '],
  ['a file of zero bytes', { 'fleet/rings.yaml': '' }, 'web api', 'noObjects fleet/rings.yaml:1:1 '],
  [
    'a binary file',
    { 'web/flotilla.yaml': bytes(0x7f, 0x45, 0x4c, 0x46, 0) },
    'web api',
    'yamlSyntax web/flotilla.yaml:1:1 ',
  ],
  [
    'a file that is not UTF-8',
    { 'web/flotilla.yaml': bytes(...new TextEncoder().encode(app('web')), 0xff) },
    'web api',
    'yamlSyntax web/flotilla.yaml:1:1 ',
  ],
  [
    'UTF-16',
    { 'web/flotilla.yaml': bytes(0xff, 0xfe, 0x6b, 0, 0x69, 0) },
    'web api',
    'yamlSyntax web/flotilla.yaml:1:1 ',
  ],
  [
    'a file over the limit',
    { 'web/flotilla.yaml': app('web', `#${'x'.repeat(1_000_001)}\n`) },
    'web api',
    'limitExceeded web/flotilla.yaml:1:1 ',
  ],
  [
    'aliases that multiply',
    { 'web/flotilla.yaml': app('web', `  values:\n    a0: &a0 [x]\n${laughs.replaceAll(/^/gm, '    ')}\n`) },
    'web api',
    'limitExceeded web/flotilla.yaml:',
  ],
  [
    'a definition file that became a link',
    { 'web/flotilla.yaml': link('web/flotilla.yaml') },
    'web api',
    'notSupported web/flotilla.yaml:1:1 ',
  ],
  [
    'a folder with a definition that became a link',
    { 'web/flotilla.yaml': undefined, 'web/web.yaml': undefined, web: link('web') },
    'web api',
    'notSupported web:1:1 ',
  ],
  [
    'a folder with a definition that became a submodule',
    { 'web/flotilla.yaml': undefined, 'web/web.yaml': undefined, web: { ...link('web'), type: 'submodule' } },
    'web api',
    'notSupported web:1:1 ',
  ],
  [
    'a definition file renamed to .yml',
    { 'fleet/rings.yaml': undefined, 'fleet/rings.yml': GOOD['fleet/rings.yaml'] },
    'web api',
    'unknownKind fleet/rings.yml:1:1 ',
  ],
  [
    'a document without a name',
    { 'web/flotilla.yaml': app('web').replace('name', 'nam') },
    'web api',
    'missingField web/flotilla.yaml:2:11 metadata.name',
  ],
  [
    'a number as a name',
    { 'web/flotilla.yaml': app('8') },
    'web api',
    'missingField web/flotilla.yaml:2:18 metadata.name',
  ],
  [
    'one bad document of several',
    { 'web/flotilla.yaml': `${app('web')}---\n${app('extra', '  mode: no\n')}` },
    '',
    'wrongType web/flotilla.yaml:10:9 spec.mode',
  ],
  [
    'a deleted definition beside a broken file',
    { 'web/flotilla.yaml': undefined, 'api/flotilla.yaml': ':' },
    'web api',
    'unknownKind api/flotilla.yaml:1:1 kind',
  ],
  [
    'a bad selector',
    { 'fleet/groups.yaml': GOOD['fleet/groups.yaml'].replace('in (0,1)', 'in 0') },
    'api',
    'invalidValue fleet/groups.yaml:4:13 spec.selector',
  ],
  [
    'an empty selector',
    { 'web/flotilla.yaml': app('web').replace('{all: true}', '{selector: ""}') },
    'web api',
    'emptySelector web/flotilla.yaml:4:24 spec.targets[0].selector',
  ],
  [
    'no targets',
    { 'web/flotilla.yaml': app('web').replace('[{all: true}]', '[]') },
    'web api',
    'emptySelector web/flotilla.yaml:4:12 spec.targets',
  ],
  [
    'an unknown group',
    { 'web/flotilla.yaml': app('web').replace('all: true', 'group: evry') },
    'web api',
    'unknownReference web/flotilla.yaml:4:21 spec.targets[0].group',
  ],
  [
    'an unknown strategy',
    webWith('  strategy: ring\n'),
    'web api',
    'unknownReference web/flotilla.yaml:5:13 spec.strategy',
  ],
  [
    'an unknown dependency',
    webWith('  dependsOn: [gone]\n'),
    'web api',
    'unknownReference web/flotilla.yaml:5:15 spec.dependsOn[0]',
  ],
  [
    'a ring of dependencies',
    webWith('  dependsOn: [api]\n'),
    'web api',
    'cyclicDependency api/flotilla.yaml:5:15 spec.dependsOn[0]',
  ],
  [
    'a strategy that cannot be',
    { 'fleet/rings.yaml': 'kind: RolloutStrategy\nmetadata: {name: rings}\nspec:\n  waves: []\n' },
    'web api',
    'invalidValue fleet/rings.yaml:4:10 spec.waves',
  ],
  [
    'a deleted strategy',
    { 'fleet/rings.yaml': undefined },
    'web api',
    'unknownReference web/flotilla.yaml:5:13 spec.strategy',
  ],
  [
    'two apps of one name',
    { 'b/flotilla.yaml': app('web') },
    'web api cache',
    'duplicateName web/flotilla.yaml:2:18 metadata.name',
  ],
  [
    'an emptied repository',
    Object.fromEntries(Object.keys(GOOD).map((path) => [path, undefined])),
    'web api cache',
    'noObjects :0:0 ',
  ],
  [
    'a chart',
    webWith('  chart: {repo: oci://x, name: web, version: "1"}\n'),
    'web api',
    'notSupported web/flotilla.yaml:5:10 spec.chart',
  ],
  ['Helm values', webWith('  values: {a: 1}\n'), 'web', 'notSupported web/flotilla.yaml:5:3 spec.values'],
  ['decryption', webWith('  decrypt: {sops: {}}\n'), 'web api', 'notSupported web/flotilla.yaml:5:12 spec.decrypt'],
  // Paths.
  ['a wrong path', webWith('  source: {path: wbe}\n'), 'web', 'pathNotFound web/flotilla.yaml:5:18 spec.source.path'],
  [
    'a path outside the repository',
    webWith('  source: {path: ../web}\n'),
    'web api',
    'invalidValue web/flotilla.yaml:5:18 spec.source.path',
  ],
  [
    'an absolute path',
    webWith('  source: {path: /etc}\n'),
    'web api',
    'invalidValue web/flotilla.yaml:5:18 spec.source.path',
  ],
  [
    'a path through a link',
    { x: link('x'), ...webWith('  source: {path: x}\n') },
    'web',
    'pathNotFound web/flotilla.yaml:5:18 spec.source.path',
  ],
  [
    'an emptied folder',
    { 'web/web.yaml': undefined, 'web/more/more.yml': undefined },
    'web',
    'noObjects web/flotilla.yaml:3:1 spec.source.path',
  ],
  [
    'a wrong path for some clusters',
    webWith('  overrides:\n    - {name: one, clusters: [c1], path: nowhere}\n'),
    'web',
    'pathNotFound web/flotilla.yaml:6:41 spec.overrides[0].path',
  ],
  // Content.
  ['broken manifests', { 'web/web.yaml': 'kind: ConfigMap\nmetadata: {\n' }, 'web', 'yamlSyntax web/web.yaml:3:1 '],
  [
    'manifests of which one is broken',
    { 'web/web.yaml': `${config('web')}---\nkind: [\n` },
    'web',
    'yamlSyntax web/web.yaml:7:1 ',
  ],
  ['binary manifests', { 'web/web.yaml': bytes(0, 1, 2) }, 'web', 'yamlSyntax web/web.yaml:1:1 '],
  ['a folder of content that is a link', { 'web/more': link('web/more') }, 'web', 'notSupported web/more:1:1 '],
  [
    'a folder of content that is a submodule',
    { 'web/more': { ...link('web/more'), type: 'submodule' } },
    'web',
    'notSupported web/more:1:1 ',
  ],
  ['a manifest that is a link', { 'web/web.yaml': link('web/web.yaml') }, 'web', 'notSupported web/web.yaml:1:1 '],
  [
    'a generated name',
    { 'web/web.yaml': config('web').replace('name:', 'generateName:') },
    'web',
    'manifestInvalid web/web.yaml:4:3 metadata.generateName',
  ],
  [
    'a name that is a number',
    { 'web/web.yaml': config('12') },
    'web',
    'manifestInvalid web/web.yaml:4:3 metadata.name',
  ],
  [
    'a namespace without a value',
    { 'web/web.yaml': config('web', '  namespace:\n') },
    'web',
    'manifestInvalid web/web.yaml:5:3 metadata.namespace',
  ],
  [
    'a label that is no text',
    { 'web/web.yaml': config('web', '  labels: {a: 1}\n') },
    'web',
    'manifestInvalid web/web.yaml:5:12 metadata.labels.a',
  ],
  [
    'a number that cannot be held',
    { 'web/web.yaml': config('web', 'x: 1e999\n') },
    'web',
    'invalidValue web/web.yaml:5:4 ',
  ],
  ['one object twice', { 'web/again.yaml': config('web') }, 'web', 'manifestInvalid web/web.yaml:1:1 metadata.name'],
  [
    'one object twice, once with its namespace',
    { 'web/again.yaml': config('web', '  namespace: web\n') },
    'web',
    'manifestInvalid web/web.yaml:1:1 metadata.name',
  ],
  [
    'one object in a List twice',
    {
      'web/web.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${config('x').replaceAll('\n', '\n  ')}\n- ${config('x').replaceAll('\n', '\n  ')}`,
    },
    'web',
    'manifestInvalid web/web.yaml:9:3 metadata.name',
  ],
  [
    'one object for two apps',
    { 'web/api.yaml': config('api', '  namespace: api\n') },
    'web api',
    'sharedObject api/flotilla.yaml:1:1 ',
  ],
  [
    'a definition among manifests',
    { 'web/app.yaml': `apiVersion: flotilla.dev/v1alpha1\n${app('x')}` },
    'web',
    'manifestInvalid web/app.yaml:1:1 apiVersion',
  ],
  ['a Helm chart', { 'web/Chart.yaml': 'name: web\n' }, 'web', 'notSupported web/Chart.yaml:1:1 '],
  // What differs per cluster.
  [
    'a value that a cluster lacks',
    webWith('  substitute:\n    A: x\n    B: "${cluster.labels.tier}"\n'),
    'web',
    'substituteMissing web/flotilla.yaml:7:8 spec.substitute.B',
  ],
  [
    'a value that a cluster lacks in an override',
    webWith('  overrides:\n    - {name: one, clusters: [c1], substitute: {A: "${cluster.values.x}"}}\n'),
    'web',
    'substituteMissing web/flotilla.yaml:6:51 spec.overrides[0].substitute.A',
  ],
  [
    'a patch that is none',
    webWith(
      '  overrides:\n    - {name: one, all: true, patches: [{target: {kind: ConfigMap}, patch: [{op: add, path: a}]}]}\n',
    ),
    'web api',
    'invalidValue web/flotilla.yaml:6:92 spec.overrides[0].patches[0].patch[0].path',
  ],
  [
    'a patch that does not fit',
    webWith(
      '  overrides:\n    - {name: one, all: true, patches: [{target: {kind: ConfigMap}, patch: [{op: remove, path: /x/y}]}]}\n',
    ),
    'web',
    'patchFailed web/flotilla.yaml:6:40 spec.overrides[0].patches[0]',
  ],
  [
    'a patch that selects nothing',
    webWith('  overrides:\n    - {name: one, all: true, patches: [{target: {kind: Deployment}, patch: {a: 1}}]}\n'),
    'web',
    'patchFailed web/flotilla.yaml:6:40 spec.overrides[0].patches[0]',
  ],
  [
    'an override whose group is unknown',
    webWith('  overrides:\n    - {name: one, group: nope}\n'),
    'web api',
    'unknownReference web/flotilla.yaml:6:26 spec.overrides[0].group',
  ],
  // Kustomize.
  [
    'a kustomization without resources',
    { 'cache/base/kustomization.yaml': 'namePrefix: x-\n' },
    'cache',
    'noObjects cache/base/kustomization.yaml:1:1 ',
  ],
  [
    'an emptied kustomization',
    { 'cache/eu/kustomization.yaml': '' },
    'cache',
    'noObjects cache/eu/kustomization.yaml:1:1 ',
  ],
  [
    'a missing base',
    { 'cache/eu/kustomization.yaml': 'resources:\n  - ../bse\n' },
    'cache',
    'pathNotFound cache/eu/kustomization.yaml:2:5 resources[0]',
  ],
  [
    'a base without a kustomization',
    { 'cache/base/kustomization.yaml': undefined },
    'cache',
    'pathNotFound cache/eu/kustomization.yaml:2:5 resources[0]',
  ],
  [
    'a base outside the repository',
    { 'cache/eu/kustomization.yaml': 'resources:\n  - ../../../base\n' },
    'cache',
    'pathNotFound cache/eu/kustomization.yaml:2:5 resources[0]',
  ],
  [
    'a remote base',
    { 'cache/eu/kustomization.yaml': 'resources:\n  - https://git.example/x?ref=v1\n' },
    'cache',
    'notSupported cache/eu/kustomization.yaml:2:5 resources[0]',
  ],
  [
    'bases in a ring',
    { 'cache/base/kustomization.yaml': 'resources: [cache.yaml, ../eu]\n' },
    'cache',
    'cyclicDependency cache/base/kustomization.yaml:1:25 resources[1]',
  ],
  [
    'a kustomization with its deleted file',
    { 'cache/base/cache.yaml': undefined },
    'cache',
    'pathNotFound cache/base/kustomization.yaml:1:13 resources[0]',
  ],
  [
    'a missing file of a generator',
    {
      'cache/base/kustomization.yaml':
        'resources: [cache.yaml]\nconfigMapGenerator:\n  - name: x\n    files: [a=gone.txt]\n',
    },
    'cache',
    'pathNotFound cache/base/kustomization.yaml:4:13 configMapGenerator[0].files[0]',
  ],
  [
    'a chart in a kustomization',
    { 'cache/base/kustomization.yaml': 'resources: [cache.yaml]\nhelmCharts: [{name: x}]\n' },
    'cache',
    'notSupported cache/base/kustomization.yaml:2:1 helmCharts',
  ],
  [
    'a plugin that runs a program',
    {
      'cache/base/kustomization.yaml': 'resources: [cache.yaml]\ntransformers: [plugin.yaml]\n',
      'cache/base/plugin.yaml':
        'apiVersion: x.io/v1\nkind: Thing\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./x}\n',
    },
    'cache',
    'notSupported cache/base/plugin.yaml:1:13 apiVersion',
  ],
];

describe('a bad commit', () => {
  it.each(BAD)('%s', async (_, change, freezes, problem) => {
    const outcome = await commit(change);
    const { after } = outcome;
    const errors = after.problems.filter(({ severity }) => severity === 'error');
    const printed = errors.map(
      ({ code, place, field }) => `${code} ${place.file}:${place.line}:${place.column} ${field}`,
    );
    expect(printed.join('\n')).toContain(problem);
    for (const { message, hint } of errors) {
      expect(message).not.toBe('');
      expect(hint).not.toBe('');
    }
    expect(frozenApps(after).sort()).toEqual(
      freezes
        .split(' ')
        .filter((name) => name !== '')
        .sort(),
    );
    expect(Object.keys(after.effective.apps).sort()).toEqual(expect.arrayContaining(APPS));
    expect(leaving(outcome)).toEqual([]);
  });

  it('is none when content is written as people write it', async () => {
    const bom = '\uFEFF';
    const { before, after } = await commit({
      'web/flotilla.yaml': bom + GOOD['web/flotilla.yaml'].replaceAll('\n', '\r\n'),
      'web/web.yaml': bom + GOOD['web/web.yaml'].replaceAll('\n', '\r\n'),
      'web/notes.txt': 'kind: [',
      'web/image.png': bytes(0, 1, 2),
      'web/.github/x.yaml.bak': ':',
      'api/api.yaml': undefined,
      'api/api.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'api' } }),
    });
    expect(after.problems).toEqual([]);
    const bundles = ({ apps }: Evaluation): unknown => apps.map(({ assembled }) => assembled.parts);
    expect(bundles(after)).toEqual(bundles(before));
  });

  it('cannot be read at all while its source is away', async () => {
    const evaluator = new FleetEvaluator(new ContentRenderer(everything), () => '');
    const evaluation = await evaluator.evaluate({
      previous: undefined,
      fleet: treeOf(GOOD),
      clusters: CLUSTERS,
      usableFacts: [],
      strict: false,
      failingSources: [],
      contentOf: () => Promise.reject(new Fault('unavailable', 'the Git server cannot be reached')),
    });
    expect(frozenApps(evaluation).sort()).toEqual(APPS);
    expect(evaluation.problems[0]).toMatchObject({ code: 'sourceUnavailable', field: 'spec.source' });
  });
});
