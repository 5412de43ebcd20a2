import type { ContentRenderer, FileTree, RenderedContent, TreeFile } from '../content/index.js';
import { RecentMap } from '../content/index.js';
import type { AppDefinition, FleetDefinitions, FrozenItem, GroupDefinition, ParsedFleet } from '../definitions/index.js';
import { PARSE_LIMITS, isDefinitionFile, parseFleet, referencesOf } from '../definitions/index.js';
import type { YamlStream } from '../definitions/read-yaml.js';
import { readYaml } from '../definitions/read-yaml.js';
import { Fault } from '../fault/index.js';
import type { Digest, JsonObject } from '../json/index.js';
import { digestJson } from '../json/index.js';
import type { ClusterFacts } from '../match/index.js';
import { checkClusterNames } from '../match/index.js';
import type { Problem } from '../problem/index.js';
import type { AssembledApp } from './assemble-app.js';
import { assembleApp } from './assemble-app.js';
import type { ClusterInput } from './cluster-input.js';
import { clusterFacts } from './cluster-input.js';
import { claimsOf, findSharedObjects } from './find-shared-objects.js';
import type { ClusterProblem, ResolvedTargets } from './resolve-targets.js';
import { resolveTargets } from './resolve-targets.js';
import { settleDefinitions } from './settle-definitions.js';

export interface EvaluationInput {
  /** Definitions that were in force before; undefined at the very first. */
  readonly previous: FleetDefinitions | undefined;
  /** The fleet source at the commit. */
  readonly fleet: FileTree;
  readonly clusters: readonly ClusterInput[];
  readonly usableFacts: readonly string[];
  readonly strict: boolean;
  readonly failingSources: readonly string[];
  /** Where an app's content is; a frozen app's is that of its last good commit. @throws Fault when it cannot be read */
  contentOf(app: AppDefinition, frozen: boolean): Promise<FileTree>;
}

/** An app as the fleet is now. */
export interface EvaluatedApp {
  readonly definition: AppDefinition;
  /** Digest over definition, groups and content, not over cluster facts. */
  readonly inputs: Digest;
  readonly assembled: AssembledApp;
  /** Why each target is selected, by cluster. */
  readonly reasons: ReadonlyMap<number, string>;
  /** Why nothing of it moves; empty when it moves. */
  readonly frozenBecause: string;
  /** Whether its definition stayed at the last good form. */
  readonly definitionFrozen: boolean;
}

export type ProblemOrigin = 'definition' | 'match' | 'render';

export interface FoundProblem extends ClusterProblem {
  readonly origin: ProblemOrigin;
}

export interface Evaluation {
  readonly effective: FleetDefinitions;
  readonly frozen: readonly FrozenItem[];
  readonly removedApps: readonly string[];
  readonly clusters: readonly ClusterFacts[];
  readonly apps: readonly EvaluatedApp[];
  readonly problems: readonly FoundProblem[];
}

interface Parsed {
  readonly key: string;
  readonly fleet: ParsedFleet;
}

/**
 * Works out what the whole fleet is at one moment: definitions, targets, rendered content, problems. Keeps what it worked out
 * by the ids of what it was made from, so that a change costs what it changes.
 */
export class FleetEvaluator {
  private parsed: Parsed | undefined;
  private readonly streams = new RecentMap<YamlStream>(10_000);
  private readonly known = new RecentMap<EvaluatedApp & { readonly problems: readonly FoundProblem[] }>(20_000);

  constructor(
    private readonly renderer: ContentRenderer,
    /** Lower-case hex, from the hub's id key and the app's name. */
    private readonly secretSalt: (app: string) => string,
  ) {}

  async evaluate(input: EvaluationInput): Promise<Evaluation> {
    const parsed = await this.parse(input.fleet);
    const { strict, failingSources } = input;
    const settled = settleDefinitions(input.previous, parsed, { strict, failingSources });
    const clusters = clusterFacts(input.clusters, settled.effective.clusters, input.usableFacts);
    const round = new Round(input, { settled, clusters, factsKey: digestJson(clusters as unknown as JsonObject) });
    const apps = await Promise.all(Object.values(settled.effective.apps).map((app) => this.evaluateApp(app, round)));
    const shared = findSharedObjects({ claims: apps.flatMap(claimsOf), clusterNames: round.names });
    const problems: FoundProblem[] = [
      ...settled.problems.map((problem) => found('definition', problem)),
      ...checkClusterNames(settled.effective, clusters).map((problem) => found('match', problem)),
      ...apps.flatMap((app) => app.problems),
      ...shared.map((problem): FoundProblem => ({ ...problem, origin: 'match' })),
    ];
    const contested = new Map(shared.map((problem) => [problem.subject.name, problem.message]));
    return {
      ...settled,
      clusters,
      apps: apps.map((app) => freezeContested(app, contested)),
      problems,
    };
  }

  /** Parses the definition files, unless they are the very ones of the last time. */
  private async parse(fleet: FileTree): Promise<ParsedFleet> {
    const files = (await fleet.list('')).filter((file) => isDefinitionFile(file.path) && file.type === 'file');
    const key = files.map((file) => `${file.path}@${file.id}`).join(' ');
    if (this.parsed?.key === key) return this.parsed.fleet;
    const contents = await Promise.all(files.map((file) => readText(fleet, file)));
    this.parsed = { key, fleet: parseFleet(contents, PARSE_LIMITS, (content) => this.readOnce(content)) };
    return this.parsed.fleet;
  }

  private readOnce(content: string): YamlStream {
    return this.streams.get(content) ?? this.streams.set(content, readYaml(content));
  }

  private async evaluateApp(app: AppDefinition, round: Round): Promise<EvaluatedApp & { readonly problems: readonly FoundProblem[] }> {
    const frozen = round.frozenBecause(app.name);
    const groups = round.groupsOf(app);
    const targets = round.targets(app);
    const content = await this.renderAll(app, targets, { input: round.input, frozen: frozen !== undefined });
    const contentKeys = [...content].map(([path, { key }]) => `${path}=${key}`).sort();
    const key = JSON.stringify([app, groups, contentKeys, round.factsKey, frozen ?? '']);
    const known = this.known.get(key);
    if (known) return known;
    const { place: _place, labels: _labels, ...inputs } = app;
    const assembled = assembleApp({ app, targets, contents: content, secretSalt: this.secretSalt(app.name) });
    const problems = assembled.problems.map((problem) => found(originOf(problem, targets), problem, problem.clusters));
    const error = assembled.problems.find((problem) => problem.severity === 'error');
    const evaluated = {
      definition: app,
      inputs: digestJson({ inputs, groups, contentKeys } as unknown as JsonObject),
      assembled,
      reasons: targets.reasons,
      frozenBecause: frozen ?? (error ? printProblem(error) : ''),
      definitionFrozen: frozen !== undefined,
      problems,
    };
    const lasting = [...content.values()].every((part) => !part.key.startsWith(UNREADABLE));
    return lasting ? this.known.set(key, evaluated) : evaluated;
  }

  private async renderAll(app: AppDefinition, targets: ResolvedTargets, where: Where): Promise<Map<string, RenderedContent>> {
    const paths = new Set(targets.variants.map(({ resolved }) => resolved.path));
    if (paths.size === 0 && targets.problems.length === 0) paths.add(app.path);
    const rendered = new Map<string, RenderedContent>();
    for (const path of paths) rendered.set(path, await this.renderOne(app, path, where));
    return rendered;
  }

  private async renderOne(app: AppDefinition, path: string, { input, frozen }: Where): Promise<RenderedContent> {
    try {
      return await this.renderer.render(await input.contentOf(app, frozen), path);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return unreadable(app, error);
    }
  }
}

interface Where {
  readonly input: EvaluationInput;
  readonly frozen: boolean;
}

interface RoundFacts {
  readonly settled: { readonly effective: FleetDefinitions; readonly frozen: readonly FrozenItem[] };
  readonly clusters: readonly ClusterFacts[];
  readonly factsKey: Digest;
}

/** What holds for every app of one evaluation. */
class Round {
  readonly names: ReadonlyMap<number, string>;
  readonly factsKey: Digest;
  private readonly frozen: ReadonlyMap<string, string>;

  constructor(
    readonly input: EvaluationInput,
    private readonly facts: RoundFacts,
  ) {
    this.names = new Map(facts.clusters.map(({ id, name }) => [id, name]));
    this.factsKey = facts.factsKey;
    const apps = facts.settled.frozen.filter(({ kind }) => kind === 'App');
    this.frozen = new Map(apps.map(({ name, because }) => [name, because]));
  }

  frozenBecause(app: string): string | undefined {
    return this.frozen.get(app);
  }

  targets(app: AppDefinition): ResolvedTargets {
    return resolveTargets(app, this.facts.clusters, this.facts.settled.effective.groups);
  }

  /** Groups that decide about the app's targets. */
  groupsOf(app: AppDefinition): readonly GroupDefinition['selector'][] {
    const { groups } = this.facts.settled.effective;
    const names = referencesOf(app).filter(({ kind }) => kind === 'ClusterGroup');
    return names.flatMap(({ name }) => groups[name]?.selector ?? []);
  }
}

const UNREADABLE = 'unreadable:';

/** The content cannot be read now: nobody's fault in the repository, so it is tried again and remembered by no one. */
function unreadable(app: AppDefinition, fault: Fault): RenderedContent {
  const code = fault.code === 'timeout' ? 'limitExceeded' : 'sourceUnavailable';
  const hint = fault.hint ?? 'It is tried again.';
  const problem = { code, severity: 'error', place: app.place, field: 'spec.source', message: fault.message, hint } as const;
  return { key: `${UNREADABLE}${fault.message}`, objects: [], problems: [problem] };
}

async function readText(fleet: FileTree, file: TreeFile): Promise<{ path: string; content: string }> {
  return { path: file.path, content: new TextDecoder().decode(await fleet.read(file)) };
}

function found(origin: ProblemOrigin, problem: Problem, clusters: readonly string[] = []): FoundProblem {
  return { ...problem, origin, clusters };
}

function originOf(problem: ClusterProblem, targets: ResolvedTargets): ProblemOrigin {
  return targets.problems.includes(problem) ? 'match' : 'render';
}

/** For people: `apps/web/flotilla.yaml:7: …`. */
function printProblem({ place, message }: Problem): string {
  return place.file === '' ? message : `${place.file}:${place.line}: ${message}`;
}

function freezeContested<T extends EvaluatedApp>(app: T, contested: ReadonlyMap<string, string>): EvaluatedApp {
  const because = contested.get(app.definition.name);
  return because === undefined || app.frozenBecause !== '' ? app : { ...app, frozenBecause: because };
}
