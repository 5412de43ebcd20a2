import type { ContentRenderer, FileTree } from '../content/index.js';
import type { FleetDefinitions } from '../definitions/index.js';
import { Fault } from '../fault/index.js';
import type { KubeObject } from '../json/index.js';
import type { Policy } from '../policy/index.js';
import type { Place } from '../problem/index.js';
import type { ClusterInput } from './cluster-input.js';
import { doubtRemoval } from './doubt-removal.js';
import { FleetEvaluator } from './evaluate-fleet.js';
import type { EvaluatedApp, Evaluation, FoundProblem } from './evaluation.js';

/** What one cluster would get of an app. */
export interface RenderedTarget {
  readonly app: string;
  readonly cluster: string;
  /** Why the cluster is selected. */
  readonly reason: string;
  readonly policy: Policy;
  /** In canonical form, in the order of a bundle. */
  readonly objects: readonly KubeObject[];
}

/** What stands of an app beside its targets. */
export interface RenderedApp {
  readonly name: string;
  readonly place: Place;
  /** Why nothing of it moves; empty when it moves. */
  readonly frozenBecause: string;
  /** Why no removal is derived for it; undefined when it may. */
  readonly doubt: string | undefined;
}

export interface RenderedFleet {
  readonly definitions: FleetDefinitions;
  readonly apps: readonly RenderedApp[];
  readonly targets: readonly RenderedTarget[];
  readonly problems: readonly FoundProblem[];
}

export interface RenderFleetInput {
  readonly tree: FileTree;
  readonly renderer: ContentRenderer;
  /** Clusters to render for; absent: those that the repository has `Cluster` documents of. */
  readonly clusters?: readonly ClusterInput[];
  /** Trees of other sources by name, as far as they are at hand. */
  readonly sources?: Readonly<Record<string, FileTree>>;
  /** Definitions that are in force: those of what is frozen stay. */
  readonly previous?: FleetDefinitions;
}

/** Renders a fleet repository without a hub: the same parsing, matching and rendering, and no cluster that only the hub knows. */
export async function renderFleet(input: RenderFleetInput): Promise<RenderedFleet> {
  const { tree, renderer, sources = {}, previous } = input;
  const evaluator = new FleetEvaluator(renderer, () => '');
  const evaluate = (clusters: readonly ClusterInput[]): Promise<Evaluation> =>
    evaluator.evaluate({
      previous,
      fleet: tree,
      clusters,
      usableFacts: [],
      strict: false,
      failingSources: [],
      contentOf: async ({ source }) => (source === undefined ? tree : sourceTree(source, sources)),
    });
  const clusters = input.clusters ?? declaredClusters((await evaluate([])).effective);
  const evaluation = await evaluate(clusters);
  const names = new Map(clusters.map(({ id, name }) => [id, name]));
  return {
    definitions: evaluation.effective,
    apps: evaluation.apps.map(({ definition, frozenBecause }) => {
      const { name, place } = definition;
      return { name, place, frozenBecause, doubt: doubtRemoval(definition, evaluation.problems, []) };
    }),
    targets: evaluation.apps.flatMap((app) => renderedTargets(app, names)),
    problems: evaluation.problems,
  };
}

function sourceTree(name: string, sources: Readonly<Record<string, FileTree>>): FileTree {
  const tree = sources[name];
  if (!tree)
    throw new Fault('unavailable', `the content of source "${name}" is not at hand`, 'Render its app where it is.');
  return tree;
}

function declaredClusters({ clusters }: FleetDefinitions): ClusterInput[] {
  return Object.keys(clusters)
    .sort()
    .map((name, index) => ({ id: index + 1, name, joinLabels: {}, facts: {} }));
}

function renderedTargets(
  { definition, assembled, reasons }: EvaluatedApp,
  names: ReadonlyMap<number, string>,
): RenderedTarget[] {
  return assembled.parts.flatMap(({ bundle, policy, clusterIds }) => {
    const [made, rules] = [assembled.bundles.get(bundle), assembled.policies.get(policy)];
    if (!made || !rules) return [];
    const texts = new Map(made.contents.map(({ id, text }) => [id, text]));
    const objects = made.entries.map(({ objectId }) => JSON.parse(texts.get(objectId) ?? '{}') as KubeObject);
    return clusterIds.map((id): RenderedTarget => {
      return {
        app: definition.name,
        cluster: names.get(id) ?? '',
        reason: reasons.get(id) ?? '',
        policy: rules,
        objects,
      };
    });
  });
}
