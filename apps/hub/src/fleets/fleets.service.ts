import { createHmac } from 'node:crypto';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type {
  AppDefinition,
  EvaluatedApp,
  Evaluation,
  EvaluationInput,
  FileTree,
  FleetDefinitions,
  FoundProblem,
} from '@flotilla/domain';
import { ContentRenderer, Fault, FleetEvaluator } from '@flotilla/domain';
import type { CommitInfo } from '@flotilla/git';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import { Sealer } from '../sealing/index.js';
import { FLEET_SOURCE, SourcesService } from '../sources/index.js';
import { advanceFleet } from './advance-fleet.js';
import type { KnownCluster } from './cluster-labels.repository.js';
import { ClusterLabelsRepository } from './cluster-labels.repository.js';
import { planAppChanges } from './fleet-change.js';
import type { FleetInForce, StoredApp } from './fleet-in-force.js';
import { FleetInForceRepository } from './fleet-in-force.repository.js';
import type { FleetChange, SavedChange } from './fleet-change.repository.js';
import { FleetChangeRepository } from './fleet-change.repository.js';
import type { LocatedProblem } from './problem.repository.js';
import { restrategisedApps } from './restrategised-apps.js';

const RETRY_MS = 1000;
/** For content that could not be read for no fault in the repository: no renderer, no time. */
const UNREADABLE_RETRY_MS = 30_000;

/**
 * Turns commits and cluster facts into releases with parts: load → evaluate → save → tell. One run at a time; whatever
 * comes meanwhile is one more run, which sees the newest commits only.
 */
@Injectable()
export class FleetsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly evaluator: FleetEvaluator;
  private readonly stops: (() => void)[] = [];
  private inForce: FleetInForce | undefined;
  private clusters: readonly KnownCluster[] = [];
  private clustersChanged = true;
  private problemsText: string | undefined;
  private frozen: Evaluation['frozen'] | undefined;
  private readonly done = new WeakMap<EvaluatedApp, StoredApp>();
  private wanted = false;
  private running: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Sealer) sealer: Sealer,
    @Inject(ContentRenderer) renderer: ContentRenderer,
    @Inject(SourcesService) private readonly sources: SourcesService,
    @Inject(FleetInForceRepository) private readonly stored: FleetInForceRepository,
    @Inject(ClusterLabelsRepository) private readonly labels: ClusterLabelsRepository,
    @Inject(FleetChangeRepository) private readonly saver: FleetChangeRepository,
  ) {
    const key = sealer.derive('ids of secrets');
    const salt = (app: string): string => createHmac('sha256', key).update(app).digest('hex').slice(0, 32);
    this.evaluator = new FleetEvaluator(renderer, salt);
  }

  onApplicationBootstrap(): void {
    this.stops.push(
      this.leader.onChange((leading) => {
        this.forget();
        if (leading) this.look();
      }),
      this.events.on('sourceMoved', () => this.look()),
      this.events.on('sourceRecovered', () => this.look()),
      this.events.on('clusterFactsChanged', () => {
        this.clustersChanged = true;
        this.look();
      }),
    );
  }

  async onModuleDestroy(): Promise<void> {
    for (const stop of this.stops) stop();
    this.wanted = false;
    clearTimeout(this.retry);
    await this.running;
  }

  /** Definitions in force. */
  async definitions(): Promise<FleetDefinitions> {
    return this.inForce?.definitions ?? this.stored.loadDefinitions();
  }

  /** Resolves when everything that is known now has been worked out. */
  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  private forget(): void {
    this.inForce = undefined;
    this.clustersChanged = true;
    this.problemsText = undefined;
    this.frozen = undefined;
  }

  private look(): void {
    this.wanted = true;
    this.running ??= this.runAll().finally(() => {
      this.running = undefined;
      if (this.wanted && this.leader.leading) this.look();
    });
  }

  private async runAll(): Promise<void> {
    while (this.wanted && this.leader.leading) {
      this.wanted = false;
      try {
        await this.run();
      } catch (error) {
        this.again(error as Error);
      }
    }
  }

  private again(error: Error): void {
    this.forget();
    if (!this.leader.leading) return;
    this.logger.error(`the fleet could not be worked out, trying again: ${error.message}`);
    this.lookLater(RETRY_MS);
  }

  private lookLater(delayMs: number): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.look(), delayMs);
  }

  private async run(): Promise<void> {
    const before = (this.inForce ??= await this.stored.load());
    const clusters = await this.loadClusters();
    const commits = Object.fromEntries(this.sources.commits());
    const fleetCommit = commits[FLEET_SOURCE];
    if (fleetCommit === undefined) return;
    const failingSources = this.sources.failing().filter((name) => name !== FLEET_SOURCE);
    const evaluation = await this.evaluator.evaluate({
      previous: before.definitions,
      fleet: await this.sources.tree(FLEET_SOURCE, fleetCommit),
      clusters,
      usableFacts: this.config.settings.selectorFacts,
      strict: this.config.settings.fleetStrict,
      failingSources,
      contentOf: this.contentReader(before),
    });
    await this.sources.follow(Object.values(evaluation.effective.sources));
    const apps = planAppChanges({
      before,
      evaluation,
      failingSources,
      done: this.done,
      commitOf: ({ definition }) => commits[sourceOf(definition)] ?? '',
    });
    await this.finish(await this.describe({ before, evaluation, apps, commits, clusters }));
  }

  /** Clusters as they were loaded last, unless something was told of them since. */
  private async loadClusters(): Promise<readonly KnownCluster[]> {
    if (!this.clustersChanged) return this.clusters;
    this.clustersChanged = false;
    this.clusters = await this.labels.load();
    return this.clusters;
  }

  /** Reads content at the newest commits, that of frozen apps at their last good one. */
  private contentReader(before: FleetInForce): EvaluationInput['contentOf'] {
    const commits = this.sources.commits();
    const trees = new Map<string, Promise<FileTree>>();
    return (app, frozen) => {
      const source = sourceOf(app);
      const commit = (frozen ? before.apps.get(app.name)?.goodCommit : undefined) || commits.get(source);
      if (commit === undefined) throw new Fault('unavailable', `source "${source}" has not been fetched yet`);
      const tree = trees.get(`${source}@${commit}`) ?? this.sources.tree(source, commit);
      trees.set(`${source}@${commit}`, tree);
      return tree;
    };
  }

  private async describe(
    made: Omit<FleetChange, 'problems' | 'definitionsChanged' | 'releaseCommit'>,
  ): Promise<FleetChange> {
    const { before, evaluation, commits } = made;
    const infos = new Map<string, CommitInfo>();
    for (const [source, commit] of Object.entries(commits)) {
      if (made.apps.length > 0) infos.set(source, await this.sources.commitInfo(source, commit));
    }
    const problems = evaluation.problems.map((problem) => locate(problem, evaluation, commits));
    const problemsText = JSON.stringify(problems.map(({ commit: _commit, ...problem }) => problem));
    return {
      ...made,
      problems: problemsText === this.problemsText ? undefined : problems,
      definitionsChanged: evaluation.effective !== before.definitions || evaluation.frozen !== this.frozen,
      releaseCommit: (app) => {
        const own = app.now ? sourceOf(app.now.definition) : FLEET_SOURCE;
        const source = before.commits[own] === commits[own] ? FLEET_SOURCE : own;
        const commit = infos.get(source);
        if (!commit) throw new Fault('internal', `no commit of ${source} is known`);
        return { source, commit };
      },
    };
  }

  private async finish(change: FleetChange): Promise<void> {
    const saved = await this.saver.save(change);
    this.inForce = advanceFleet(change, saved);
    if (saved.relabelled.length > 0) this.clustersChanged = true;
    if (change.evaluation.apps.some(({ unreadable }) => unreadable)) this.lookLater(UNREADABLE_RETRY_MS);
    this.remember(change);
    this.tell(change, saved);
  }

  private remember(change: FleetChange): void {
    if (change.problems)
      this.problemsText = JSON.stringify(change.problems.map(({ commit: _commit, ...problem }) => problem));
    this.frozen = change.evaluation.frozen;
  }

  /** Apps that changed, and those that go by another strategy now. */
  private concernedApps({ before, evaluation }: FleetChange, saved: SavedChange): number[] {
    const names = restrategisedApps(before.definitions, evaluation.effective);
    const ids = names.flatMap((name) => this.inForce?.apps.get(name)?.id ?? []);
    return [...new Set([...saved.appIds.values(), ...ids])];
  }

  private tell(change: FleetChange, saved: SavedChange): void {
    if (change.definitionsChanged || saved.relabelled.length > 0) this.events.emit('definitionsChanged', {});
    const appIds = this.concernedApps(change, saved);
    if (appIds.length > 0) this.events.emit('partsChanged', { appIds });
    for (const { app, number, commit } of saved.releases) {
      const message = `${app} #${number} ${commit.id.slice(0, 7)} "${commit.subject}" (${commit.author})`;
      this.logger.info(message);
      this.events.emit('changed', { kind: 'release', app, message });
    }
    if (change.problems) {
      const errors = change.problems.filter(({ severity }) => severity === 'error').length;
      this.events.emit('changed', { kind: 'problem', message: `${errors} problems in the fleet` });
    }
  }
}

function sourceOf(app: AppDefinition): string {
  return app.source ?? FLEET_SOURCE;
}

/** Problems of content are in the app's source, all others in the fleet source. */
function locate(
  problem: FoundProblem,
  evaluation: Evaluation,
  commits: Readonly<Record<string, string>>,
): LocatedProblem {
  const app = problem.subject.kind === 'App' ? evaluation.effective.apps[problem.subject.name] : undefined;
  const own =
    problem.origin === 'render' && app && problem.place.file !== app.place.file ? sourceOf(app) : FLEET_SOURCE;
  return { ...problem, source: own, commit: commits[own] ?? '' };
}
