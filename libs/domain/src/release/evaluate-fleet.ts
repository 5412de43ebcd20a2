import type { ContentRenderer } from '../content/index.js';
import type { FleetDefinitions } from '../definitions/index.js';
import { placeProblem } from '../definitions/index.js';
import { canonicalJson } from '../json/index.js';
import type { JsonObject } from '../json/index.js';
import type { ClusterFacts } from '../match/index.js';
import { checkClusterNames } from '../match/index.js';
import type { Round } from './app-evaluator.js';
import { AppEvaluator } from './app-evaluator.js';
import { clusterFacts } from './cluster-input.js';
import type { EvaluatedApp, Evaluation, EvaluationInput, FoundProblem } from './evaluation.js';
import { foundProblem } from './evaluation.js';
import { claimsOf, findSharedObjects } from './find-shared-objects.js';
import { FleetReader } from './fleet-reader.js';
import type { SettledFleet } from './settle-definitions.js';

interface Facts {
  readonly input: EvaluationInput['clusters'];
  readonly definitions: FleetDefinitions['clusters'];
  readonly text: string;
  readonly clusters: readonly ClusterFacts[];
}

interface NameCheck {
  readonly effective: FleetDefinitions;
  readonly clusters: readonly ClusterFacts[];
  readonly problems: readonly FoundProblem[];
}

/**
 * Works out what the whole fleet is at one moment: definitions, targets, rendered content, problems. Keeps what it worked out
 * by the identity of what it was made from, so that a change costs what it changes.
 */
export class FleetEvaluator {
  private readonly reader = new FleetReader();
  private readonly apps: AppEvaluator;
  private facts: Facts | undefined;
  private names: NameCheck | undefined;

  /** @param secretSalt lower-case hex, from the hub's id key and the app's name */
  constructor(renderer: ContentRenderer, secretSalt: (app: string) => string) {
    this.apps = new AppEvaluator(renderer, secretSalt);
  }

  async evaluate(input: EvaluationInput): Promise<Evaluation> {
    const { strict, failingSources } = input;
    const settled = await this.reader.read(input.fleet, input.previous, { strict, failingSources });
    const { effective, frozen } = settled;
    const clusters = this.clustersOf(input, effective.clusters);
    const frozenApps = new Map(frozen.filter(({ kind }) => kind === 'App').map((item) => [item.name, item]));
    const round: Round = { input, effective, frozen: frozenApps, clusters };
    const apps = await Promise.all(Object.values(effective.apps).map((app) => this.apps.evaluate(app, round)));
    const { contested, shared } = contest(apps, clusters);
    const later = [...this.checkNames(settled, clusters), ...apps.flatMap((app) => app.problems), ...shared];
    const problems = [
      ...settled.problems.map((problem) => foundProblem('definition', problem)),
      ...later.map((problem) => placeProblem(problem, settled.documents)),
    ];
    return { effective, frozen, clusters, apps: contested, problems };
  }

  private checkNames({ effective }: SettledFleet, clusters: readonly ClusterFacts[]): readonly FoundProblem[] {
    const last = this.names;
    if (last?.effective === effective && last.clusters === clusters) return last.problems;
    const problems = checkClusterNames(effective, clusters).map((problem) => foundProblem('match', problem));
    this.names = { effective, clusters, problems };
    return problems;
  }

  /** Labels and values of clusters; the same array when none differs from the last time. */
  private clustersOf(input: EvaluationInput, definitions: FleetDefinitions['clusters']): readonly ClusterFacts[] {
    const last = this.facts;
    if (last?.input === input.clusters && last.definitions === definitions) return last.clusters;
    const clusters = clusterFacts(input.clusters, definitions, input.usableFacts);
    const text = canonicalJson(clusters as unknown as JsonObject);
    this.facts = { input: input.clusters, definitions, text, clusters: last?.text === text ? last.clusters : clusters };
    return this.facts.clusters;
  }
}

/** An object that two apps want on one cluster freezes both. */
function contest(
  apps: readonly EvaluatedApp[],
  clusters: readonly ClusterFacts[],
): { readonly contested: readonly EvaluatedApp[]; readonly shared: readonly FoundProblem[] } {
  const clusterNames = new Map(clusters.map(({ id, name }) => [id, name]));
  const shared = findSharedObjects({ claims: apps.flatMap(claimsOf), clusterNames });
  const because = new Map(shared.map((problem) => [problem.subject.name, problem.message]));
  return {
    contested: because.size === 0 ? apps : apps.map((app) => freezeContested(app, because)),
    shared: shared.map((problem) => foundProblem('match', problem, problem.clusters)),
  };
}

function freezeContested(app: EvaluatedApp, contested: ReadonlyMap<string, string>): EvaluatedApp {
  const because = contested.get(app.definition.name);
  return because === undefined || app.frozenBecause !== '' ? app : { ...app, frozenBecause: because };
}
