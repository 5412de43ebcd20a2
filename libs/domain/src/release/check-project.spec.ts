import { describe, expect, it } from 'vitest';
import { ContentRenderer, FilesTree } from '../content/index.js';
import { Fault } from '../fault/index.js';
import { doubtRemoval } from './doubt-removal.js';
import { FleetEvaluator } from './evaluate-fleet.js';
import type { Evaluation } from './evaluation.js';

const CLUSTERS = ['shop', 'shop', 'lab'].map((tenant, index) => {
  return { id: index + 1, name: `c${index + 1}`, joinLabels: { tenant }, facts: {} };
});
const project = (more = ''): string => `kind: Project
metadata: {name: shop}
spec:
  paths: [teams/shop/**]
  sources: [shop-*]
  clusters: {selector: tenant=shop}
  namespaces: [shop-*]
  serviceAccounts: [flotilla-shop]
  defaults: {serviceAccount: flotilla-shop}
${more}`;
const app = (more = ''): string =>
  `kind: App\nmetadata: {name: shop-web}\nspec:\n  targets: [{selector: tenant=shop}]\n${more}`;
const object = (type: string, more = ''): string => {
  const [apiVersion, kind] = type.split(' ');
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: shop-x\n${more}`;
};
const CONFIG = object('v1 ConfigMap');

async function evaluate(files: Readonly<Record<string, string>>, evaluator = newEvaluator()): Promise<Evaluation> {
  const given = {
    'fleet/shop.yaml': project(),
    'teams/shop/web/flotilla.yaml': app(),
    'teams/shop/web/x.yaml': CONFIG,
  };
  const tree = new FilesTree(Object.entries({ ...given, ...files }).map(([path, content]) => ({ path, content })));
  return evaluator.evaluate({
    previous: undefined,
    fleet: tree,
    clusters: CLUSTERS,
    usableFacts: [],
    strict: false,
    failingSources: [],
    contentOf: async () => tree,
  });
}

function newEvaluator(): FleetEvaluator {
  const none = new ContentRenderer(() => Promise.reject(new Fault('unavailable', 'there is no kustomize here')));
  return new FleetEvaluator(none, () => '');
}

const printed = ({ problems }: Evaluation): string[] =>
  problems.map(({ severity, code, place, field }) => `${severity} ${code} ${place.file}:${place.line} ${field}`);
const clustersOf = ({ apps }: Evaluation): number[] =>
  apps.flatMap(({ assembled }) => assembled.parts.flatMap(({ clusterIds }) => clusterIds));

describe('an app of a project', () => {
  it('runs within the limits of the project', async () => {
    const evaluation = await evaluate({});
    expect(printed(evaluation)).toEqual([]);
    expect(clustersOf(evaluation)).toEqual([1, 2]);
  });

  const FILE = 'teams/shop/web/flotilla.yaml';
  const CONTENT = 'teams/shop/web/x.yaml';
  it.each([
    ['another namespace', { [FILE]: app('  namespace: web\n') }, `${FILE}:5 spec.namespace`],
    [
      'an object elsewhere',
      { [CONTENT]: object('v1 ConfigMap', '  namespace: kube-system\n') },
      `${CONTENT}:1 metadata.namespace`,
    ],
    ['a cluster-scoped object', { [CONTENT]: object('rbac.authorization.k8s.io/v1 ClusterRole') }, `${CONTENT}:1 kind`],
    ['a namespace of its own', { [CONTENT]: object('v1 Namespace') }, `${CONTENT}:1 kind`],
    ['another account', { [FILE]: app('  serviceAccount: admin\n') }, `${FILE}:5 spec.serviceAccount`],
    [
      "the agent's account",
      { 'fleet/shop.yaml': project().replace(/  defaults.*\n/, '') },
      `${FILE}:3 spec.serviceAccount`,
    ],
    [
      'another source',
      {
        [FILE]: app('  source: {name: web, path: x}\n'),
        'fleet/source.yaml': 'kind: Source\nmetadata: {name: web}\nspec: {url: https://git.example/web}\n',
        'x/x.yaml': CONFIG,
      },
      `${FILE}:5 spec.source.name`,
    ],
    [
      'the name of an app of others',
      {
        [FILE]: app('  formerly: [other]\n'),
        'other/flotilla.yaml': app().replace('shop-web', 'other'),
        'other/x.yaml': CONFIG,
      },
      `${FILE}:5 spec.formerly[0]`,
    ],
    [
      'a namespace by substitution',
      { [FILE]: app('  substitute: {NS: default}\n'), [CONTENT]: object('v1 ConfigMap', '  namespace: ${NS}\n') },
      `${CONTENT}:1 metadata.namespace`,
    ],
    [
      'a namespace by patch',
      {
        [FILE]: app(
          '  overrides:\n    - {name: a, all: true, patches: [{target: {kind: ConfigMap}, patch: {metadata: {namespace: web}}}]}\n',
        ),
      },
      `${CONTENT}:1 metadata.namespace`,
    ],
  ])('cannot have %s', async (_, files, problem) => {
    const evaluation = await evaluate(files);
    expect(printed(evaluation)).toContain(`error notAllowedHere ${problem}`);
    const own = evaluation.apps.find(({ definition }) => definition.name === 'shop-web');
    expect(own?.frozenBecause).toContain('project');
    expect(own?.assembled.parts).toEqual([]);
  });

  it('gets nothing onto clusters of others, and loses nothing there', async () => {
    const evaluation = await evaluate({ [FILE]: app().replace('selector: tenant=shop', 'all: true') });
    expect(printed(evaluation)).toEqual([`warning notAllowedHere ${FILE}:4 spec.targets`]);
    expect(evaluation.problems[0]?.clusters).toEqual(['c3']);
    expect(clustersOf(evaluation)).toEqual([1, 2]);
    const [own] = evaluation.apps;
    expect(own && doubtRemoval(own.definition, evaluation.problems, [])).toContain('the project "shop" does not have');
  });

  it('may hold what the project allows', async () => {
    const files = {
      'fleet/shop.yaml': project('  clusterScoped: [Namespace, ClusterRole]\n'),
      [CONTENT]: `${object('v1 Namespace')}---\n${object('rbac.authorization.k8s.io/v1 ClusterRole')}`,
    };
    expect(printed(await evaluate(files))).toEqual([]);
    const foreign = { ...files, [CONTENT]: object('v1 Namespace').replace('shop-x', 'web') };
    expect(printed(await evaluate(foreign))).toEqual([`error notAllowedHere ${CONTENT}:1 metadata.name`]);
  });

  it('is judged again when the project changes', async () => {
    const evaluator = newEvaluator();
    expect(printed(await evaluate({}, evaluator))).toEqual([]);
    const narrowed = { 'fleet/shop.yaml': project().replace('namespaces: [shop-*]', 'namespaces: [shop-api]') };
    expect(printed(await evaluate(narrowed, evaluator))[0]).toBe(`error notAllowedHere ${FILE}:3 spec.namespace`);
    expect(printed(await evaluate({}, evaluator))).toEqual([]);
  });

  it('is limited by the project called default outside of all others', async () => {
    const limits = project().replace('name: shop', 'name: default').replace('teams/shop/**', 'none/**');
    const files = {
      'fleet/shop.yaml': limits,
      'web/flotilla.yaml': app('  namespace: web\n').replace('shop-web', 'web'),
      'web/x.yaml': CONFIG,
    };
    expect(printed(await evaluate(files))).toEqual(['error notAllowedHere web/flotilla.yaml:5 spec.namespace']);
  });
});
