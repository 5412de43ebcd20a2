import type { ContentRenderer, RenderedContent } from '../content/index.js';
import type { AppDefinition, FleetDefinitions, FrozenItem, ProjectDefinition } from '../definitions/index.js';
import { referencesOf } from '../definitions/index.js';
import { Fault } from '../fault/index.js';
import type { JsonObject } from '../json/index.js';
import { digestJson } from '../json/index.js';
import type { ClusterFacts } from '../match/index.js';
import { assembleApp } from './assemble-app.js';
import { projectOfApp } from './check-project.js';
import type { EvaluatedApp, EvaluationInput } from './evaluation.js';
import { foundProblem, printProblem } from './evaluation.js';
import type { ResolvedTargets } from './resolve-targets.js';
import { resolveTargets } from './resolve-targets.js';

/** What holds for every app of one evaluation. */
export interface Round {
  readonly input: Pick<EvaluationInput, 'contentOf'>;
  readonly effective: FleetDefinitions;
  /** Why definitions of apps are frozen, by name. */
  readonly frozen: ReadonlyMap<string, FrozenItem>;
  /** The same array for the same clusters with the same labels and values. */
  readonly clusters: readonly ClusterFacts[];
}

interface Known {
  readonly project: ProjectDefinition | undefined;
  /** Projects of the apps that it names as its former ones. */
  readonly formerly: string;
  readonly clusters: readonly ClusterFacts[];
  readonly groups: string;
  readonly targets: ResolvedTargets;
  frozenBecause?: string | undefined;
  contents?: string;
  evaluated?: EvaluatedApp;
}

/** Works out single apps. An app whose definition, groups, clusters and content are as they were costs a few look-ups. */
export class AppEvaluator {
  private readonly known = new WeakMap<AppDefinition, Known>();
  private readonly groupNames = new WeakMap<AppDefinition, readonly string[]>();

  constructor(
    private readonly renderer: ContentRenderer,
    private readonly secretSalt: (app: string) => string,
  ) {}

  async evaluate(app: AppDefinition, round: Round): Promise<EvaluatedApp> {
    const known = this.resolve(app, round);
    const frozenBecause = round.frozen.get(app.name)?.because;
    const rendered = await this.renderAll(app, known.targets, round);
    const idle = await this.renderIdle(app, rendered, round);
    const contents = [...rendered, ...idle].map(([path, { key }]) => `${path}=${key}`).sort();
    const key = contents.join('\n');
    if (known.evaluated && known.contents === key && known.frozenBecause === frozenBecause) return known.evaluated;
    const { place: _place, labels: _labels, ...inputs } = app;
    const digest = digestJson({ inputs, groups: known.groups, contents } as unknown as JsonObject);
    const lasting = ![...rendered.values()].some(isUnreadable);
    const evaluated = {
      ...this.assemble(app, { ...known, apps: round.effective.apps }, rendered),
      inputs: digest,
      unreadable: !lasting,
    };
    const settled = frozenBecause === undefined ? evaluated : { ...evaluated, frozenBecause, definitionFrozen: true };
    if (lasting) Object.assign(known, { frozenBecause, contents: key, evaluated: settled });
    return settled;
  }

  /** Targets, worked out anew only when definition, groups or clusters are others. */
  private resolve(app: AppDefinition, { effective, clusters }: Round): Known {
    const project = projectOfApp(app, effective.projects);
    const groups = [...this.groupsOf(app), ...(project?.clusters?.by === 'group' ? [project.clusters.group] : [])]
      .map((name) => `${name}=${effective.groups[name]?.selector.text ?? ''}`)
      .join('\n');
    const last = this.known.get(app);
    const formerly = app.formerly.map((name) => effective.apps[name]?.project ?? '').join();
    const same = last?.groups === groups && last.formerly === formerly && equalProjects(last.project, project);
    if (same && last.clusters === clusters) return last;
    const targets = resolveTargets(app, clusters, { groups: effective.groups, project });
    const known = { clusters, groups, project, formerly, targets };
    this.known.set(app, known);
    return known;
  }

  private groupsOf(app: AppDefinition): readonly string[] {
    const known = this.groupNames.get(app);
    if (known) return known;
    const names = referencesOf(app).filter(({ kind }) => kind === 'ClusterGroup');
    const groups = [...new Set(names.map(({ name }) => name))].sort();
    this.groupNames.set(app, groups);
    return groups;
  }

  private assemble(
    app: AppDefinition,
    { targets, project, apps }: Pick<Known, 'targets' | 'project'> & Pick<FleetDefinitions, 'apps'>,
    contents: ReadonlyMap<string, RenderedContent>,
  ): Omit<EvaluatedApp, 'inputs' | 'unreadable'> {
    const secretSalt = this.secretSalt(app.name);
    const assembled = assembleApp({ app, targets, contents, secretSalt, project, apps });
    const error = assembled.problems.find((problem) => problem.severity === 'error');
    const problems = assembled.problems.map((problem) => {
      return foundProblem(targets.problems.includes(problem) ? 'match' : 'render', problem, problem.clusters);
    });
    return {
      definition: app,
      assembled,
      problems,
      reasons: targets.reasons,
      frozenBecause: error ? printProblem(error) : '',
      definitionFrozen: false,
    };
  }

  /** Content of every path that targets have; without targets the app's own, so that its problems show all the same. */
  private async renderAll(
    app: AppDefinition,
    targets: ResolvedTargets,
    round: Round,
  ): Promise<Map<string, RenderedContent>> {
    const paths = new Set(targets.variants.map(({ resolved }) => resolved.path));
    if (paths.size === 0 && !app.path.includes('${')) paths.add(app.path);
    const rendered = new Map<string, RenderedContent>();
    for (const path of paths) rendered.set(path, await this.renderOne(app, path, round));
    return rendered;
  }

  /**
   * Content of the paths that the definition names and no target has yet. It belongs to the inputs all the same: a cluster
   * that joins and takes such a path changes parts, and makes no release.
   */
  private async renderIdle(
    app: AppDefinition,
    rendered: ReadonlyMap<string, RenderedContent>,
    round: Round,
  ): Promise<Map<string, RenderedContent>> {
    const named = [app.path, ...app.overrides.flatMap(({ path }) => path ?? [])];
    const idle = new Map<string, RenderedContent>();
    for (const path of new Set(named)) {
      if (!rendered.has(path) && !path.includes('${')) idle.set(path, await this.renderOne(app, path, round));
    }
    return idle;
  }

  private async renderOne(app: AppDefinition, path: string, { input, frozen }: Round): Promise<RenderedContent> {
    try {
      return await this.renderer.render(await input.contentOf(app, frozen.has(app.name)), path);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return unreadable(app, error);
    }
  }
}

/** A project that is not there is made anew each time. */
function equalProjects(a: ProjectDefinition | undefined, b: ProjectDefinition | undefined): boolean {
  return a === b || (a?.place.file === '' && b?.place.file === '' && a.name === b.name);
}

const UNREADABLE = 'unreadable:';

function isUnreadable({ key }: RenderedContent): boolean {
  return key.startsWith(UNREADABLE);
}

/** The content cannot be read now: nobody's fault in the repository, so it is tried again and remembered by no one. */
function unreadable(app: AppDefinition, fault: Fault): RenderedContent {
  const code = fault.code === 'timeout' ? 'limitExceeded' : 'sourceUnavailable';
  const hint = fault.hint ?? 'It is tried again.';
  const problem = {
    code,
    severity: 'error',
    place: app.place,
    field: 'spec.source',
    message: fault.message,
    hint,
  } as const;
  return { key: `${UNREADABLE}${fault.message}`, objects: [], problems: [problem] };
}
