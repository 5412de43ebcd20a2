import { describe, expect, it } from 'vitest';
import type { GivenFile } from '../content/index.js';
import { ContentRenderer, FilesTree } from '../content/index.js';
import type { FleetDefinitions } from '../definitions/index.js';
import { Fault } from '../fault/index.js';
import type { Evaluation } from './evaluation.js';
import { FleetEvaluator } from './evaluate-fleet.js';
import { renderFleet } from './render-fleet.js';

const app = (name: string, more = ''): string =>
  `kind: App\nmetadata: {name: ${name}}\nspec:\n  targets: [{all: true}]\n${more}`;
const config = (name: string, data = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${data}`;

const CLUSTERS = [1, 2, 3].map((id) => ({ id, name: `c${id}`, joinLabels: { ring: String(id) }, facts: {} }));

function renderer(): ContentRenderer {
  return new ContentRenderer(async () => {
    throw new Fault('unavailable', 'there is no kustomize here');
  });
}

/** A fleet that changes file by file. */
class Fleet {
  clusters = CLUSTERS;
  private previous: FleetDefinitions | undefined;
  private readonly evaluator = new FleetEvaluator(renderer(), (name) => name);

  constructor(private files: Readonly<Record<string, string>>) {}

  async change(files: Readonly<Record<string, string>> = {}): Promise<Evaluation> {
    this.files = { ...this.files, ...files };
    const tree = treeOf(this.files);
    const evaluation = await this.evaluator.evaluate({
      previous: this.previous,
      fleet: tree,
      clusters: this.clusters,
      usableFacts: [],
      strict: false,
      failingSources: [],
      contentOf: async () => tree,
    });
    this.previous = evaluation.effective;
    return evaluation;
  }
}

function treeOf(files: Readonly<Record<string, string>>): FilesTree {
  return new FilesTree(Object.entries(files).map(([path, content]): GivenFile => ({ path, content })));
}

const FILES = {
  'a/flotilla.yaml': app('a'),
  'a/a.yaml': config('a'),
  'b/flotilla.yaml': app('b'),
  'b/b.yaml': config('b'),
};

describe('FleetEvaluator', () => {
  it('gives clusters with equal output one part', async () => {
    const { apps, problems } = await new Fleet(FILES).change();
    expect(problems).toEqual([]);
    expect(apps.map(({ assembled }) => assembled.parts.map(({ clusterIds }) => clusterIds))).toEqual([
      [[1, 2, 3]],
      [[1, 2, 3]],
    ]);
  });

  it('works out again only what changed', async () => {
    const fleet = new Fleet(FILES);
    const first = await fleet.change();
    const second = await fleet.change({ 'a/a.yaml': config('a', 'data: {x: "1"}\n') });
    expect(second.effective).toBe(first.effective);
    expect(second.apps[1]).toBe(first.apps[1]);
    expect(second.apps[0]?.inputs).not.toBe(first.apps[0]?.inputs);
    const third = await fleet.change({ 'b/flotilla.yaml': app('b', '  namespace: other\n') });
    expect(third.apps[0]).toBe(second.apps[0]);
    expect(third.apps[1]?.assembled.parts[0]?.policy).not.toBe(second.apps[1]?.assembled.parts[0]?.policy);
  });

  it('keeps the inputs of an app when only clusters change', async () => {
    const fleet = new Fleet(FILES);
    const before = await fleet.change();
    fleet.clusters = CLUSTERS.slice(1);
    const after = await fleet.change();
    expect(after.apps.map(({ inputs }) => inputs)).toEqual(before.apps.map(({ inputs }) => inputs));
    expect(after.apps[0]?.assembled.parts[0]?.clusterIds).toEqual([2, 3]);
  });

  it('freezes both apps that want one object on one cluster, whatever their namespaces when it has none', async () => {
    const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\n';
    const { apps, problems } = await new Fleet({ ...FILES, 'a/role.yaml': role, 'b/role.yaml': role }).change();
    expect(problems.map(({ code, subject }) => `${code} ${subject.name}`)).toEqual([
      'sharedObject a',
      'sharedObject b',
    ]);
    expect(apps.every(({ frozenBecause }) => frozenBecause.includes('ClusterRole reader'))).toBe(true);
    const apart = {
      'b/flotilla.yaml': app('b').replace('{all: true}', '{clusters: [c1]}'),
      'a/flotilla.yaml': app('a').replace('{all: true}', '{clusters: [c2]}'),
    };
    expect(
      (await new Fleet({ ...FILES, 'a/role.yaml': role, 'b/role.yaml': role, ...apart }).change()).problems,
    ).toEqual([]);
  });

  it('takes from CRDs, also of other apps, which kinds live outside namespaces', async () => {
    const crd =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.x.io}\nspec: {group: x.io, scope: Cluster, names: {kind: Thing}}\n';
    const thing = 'apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t}\n';
    const fleet = new Fleet({ ...FILES, 'a/t.yaml': thing, 'b/t.yaml': thing });
    expect((await fleet.change()).problems).toEqual([]);
    const { problems } = await fleet.change({ 'c/flotilla.yaml': app('c'), 'c/crd.yaml': crd });
    expect(problems.map(({ code, subject }) => `${code} ${subject.name}`)).toEqual([
      'sharedObject a',
      'sharedObject b',
    ]);
  });

  it('names the clusters of a missing value once', async () => {
    const { problems, apps } = await new Fleet({
      ...FILES,
      'a/flotilla.yaml': app('a', '  namespace: "${cluster.labels.team}"\n'),
    }).change();
    expect(problems).toMatchObject([
      { code: 'substituteMissing', clusters: ['c1', 'c2', 'c3'], subject: { name: 'a' } },
    ]);
    expect(apps[0]?.assembled.parts).toEqual([]);
  });

  it('does not remember what it could not read', async () => {
    const fleet = new Fleet({ ...FILES, 'a/kustomization.yaml': 'resources: [a.yaml]\n' });
    const first = await fleet.change();
    expect(first.apps.map(({ unreadable }) => unreadable)).toEqual([true, false]);
    expect(first.problems).toMatchObject([{ code: 'sourceUnavailable', message: 'there is no kustomize here' }]);
    expect((await fleet.change()).apps[0]).not.toBe(first.apps[0]);
  });
});

describe('renderFleet', () => {
  it('renders for the clusters that the repository declares', async () => {
    const files = { ...FILES, 'fleet/clusters.yaml': 'kind: Cluster\nmetadata: {name: eu-1, labels: {env: prod}}\n' };
    const { targets, problems } = await renderFleet({ tree: treeOf(files), renderer: renderer() });
    expect(problems).toEqual([]);
    expect(targets.map(({ app: name, cluster, objects }) => `${name}@${cluster} ${objects.length}`)).toEqual([
      'a@eu-1 1',
      'b@eu-1 1',
    ]);
  });

  it('shows problems of content also without any cluster', async () => {
    const { targets, problems } = await renderFleet({
      tree: treeOf({ ...FILES, 'a/a.yaml': '[' }),
      renderer: renderer(),
    });
    expect(targets).toEqual([]);
    expect(problems).toMatchObject([{ code: 'yamlSyntax', place: { file: 'a/a.yaml', line: 1 } }]);
  });
});
