import { Inject, Injectable } from '@nestjs/common';
import type { Evaluation, Part } from '@flotilla/domain';
import type { CommitInfo } from '@flotilla/git';
import type { EntityManager } from 'typeorm';
import { LeaderService } from '../database/index.js';
import type { KnownCluster } from './cluster-labels.repository.js';
import { ClusterLabelsRepository } from './cluster-labels.repository.js';
import { ContentRepository } from './content.repository.js';
import { DefinitionRepository } from './definition.repository.js';
import type { AppChange } from './fleet-change.js';
import type { FleetInForce } from './fleet-in-force.js';
import type { LocatedProblem } from './problem.repository.js';
import { ProblemRepository } from './problem.repository.js';
import type { NewRelease, TargetChange } from './release.repository.js';
import { ReleaseRepository } from './release.repository.js';

/** Everything that one evaluation changes. */
export interface FleetChange {
  readonly before: FleetInForce;
  readonly evaluation: Evaluation;
  readonly commits: Readonly<Record<string, string>>;
  readonly apps: readonly AppChange[];
  readonly clusters: readonly KnownCluster[];
  /** Undefined when they are the same as before. */
  readonly problems: readonly LocatedProblem[] | undefined;
  readonly definitionsChanged: boolean;
  /** Source and commit that made an app's release. */
  releaseCommit(app: AppChange): { readonly source: string; readonly commit: CommitInfo };
}

/** A release that was made. */
export interface SavedRelease {
  readonly app: string;
  readonly number: number;
  readonly commit: CommitInfo;
}

export interface SavedChange {
  readonly revision: number;
  readonly snapshot: number;
  readonly releases: readonly SavedRelease[];
  /** Ids of the apps that changed, by name. */
  readonly appIds: ReadonlyMap<string, number>;
  /** New releases by app id. */
  readonly releaseIds: ReadonlyMap<number, number>;
  /** Names of clusters whose labels or values changed. */
  readonly relabelled: readonly string[];
}

/** Writes what an evaluation changes in one transaction that holds only while this hub leads. */
@Injectable()
export class FleetChangeRepository {
  constructor(
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(DefinitionRepository) private readonly definitions: DefinitionRepository,
    @Inject(ProblemRepository) private readonly problems: ProblemRepository,
    @Inject(ClusterLabelsRepository) private readonly labels: ClusterLabelsRepository,
    @Inject(ContentRepository) private readonly content: ContentRepository,
    @Inject(ReleaseRepository) private readonly releases: ReleaseRepository,
  ) {}

  async save(change: FleetChange): Promise<SavedChange> {
    const saved = await this.leader.decide(async (tx) => {
      const at = await this.saveDefinitions(tx, change);
      const relabelled = await this.labels.save(tx, change.clusters, change.evaluation.clusters);
      return { ...at, relabelled, ...(await this.saveApps(tx, at.snapshot, change)) };
    });
    for (const { now } of change.apps)
      if (now) this.content.remember([...now.assembled.bundles.keys(), ...now.assembled.policies.keys()]);
    return saved;
  }

  /** Revision, snapshot, definitions and problems. A snapshot is new when any source moved. */
  private async saveDefinitions(
    tx: EntityManager,
    change: FleetChange,
  ): Promise<Pick<SavedChange, 'revision' | 'snapshot'>> {
    const { before, evaluation, commits, problems } = change;
    if (problems) await this.problems.replace(tx, problems);
    const revision = await this.saveRevision(tx, change);
    if (change.definitionsChanged) {
      const { effective, frozen } = evaluation;
      await this.definitions.save(tx, revision, { before: before.definitions, after: effective, frozen });
    }
    if (before.snapshot > 0 && sameCommits(before.commits, commits)) return { revision, snapshot: before.snapshot };
    await this.releases.saveSnapshot(tx, { number: before.snapshot + 1, revision, sources: commits });
    return { revision, snapshot: before.snapshot + 1 };
  }

  private async saveRevision(tx: EntityManager, { before, evaluation, commits }: FleetChange): Promise<number> {
    const commit = commits['fleet'] ?? '';
    if (before.revision !== undefined && before.commits['fleet'] === commit) return before.revision;
    const errors = evaluation.problems.filter(({ severity }) => severity === 'error').length;
    const whole = evaluation.frozen.find(({ reason }) => reason === 'revision');
    return this.releases.saveRevision(tx, { commit, problems: errors, frozenBecause: whole?.because ?? '' });
  }

  private async saveApps(
    tx: EntityManager,
    snapshot: number,
    change: FleetChange,
  ): Promise<Pick<SavedChange, 'releases' | 'appIds' | 'releaseIds'>> {
    const { apps } = change;
    const moving = apps.filter(({ plan }) => plan !== undefined && plan.release.kind !== 'none');
    const assembled = moving.flatMap(({ now }) => (now ? [now.assembled] : []));
    await this.content.save(
      tx,
      assembled.flatMap(({ bundles }) => [...bundles.values()]),
      assembled.flatMap(({ policies }) => [...policies]),
    );
    const fresh = await this.releases.saveApps(
      tx,
      apps.filter(({ columnsChanged }) => columnsChanged).map(({ columns }) => columns),
    );
    const idOf = ({ name, before }: AppChange): number => before?.id ?? fresh.get(name) ?? 0;
    const made = moving.filter(({ plan }) => plan?.release.kind === 'release');
    const releases = made.map((app): NewRelease => {
      return { app: idOf(app), number: (app.before?.lastNumber ?? 0) + 1, ...change.releaseCommit(app) };
    });
    const releaseIds = await this.releases.saveReleases(tx, snapshot, releases);
    const releaseOf = (app: AppChange): number | undefined => releaseIds.get(idOf(app)) ?? app.before?.newestRelease;
    await this.releases.saveParts(tx, partsByRelease(moving, releaseOf));
    await this.releases.saveTargets(
      tx,
      apps.flatMap((app) => targetChange(app, idOf(app), releaseOf(app))),
    );
    await this.releases.saveLeaving(tx, new Map(apps.map((app) => [idOf(app), app.leaving])));
    return {
      releases: made.map((app, index) => {
        const { number = 0, commit } = releases[index] ?? {};
        return { app: app.name, number, commit: commit ?? change.releaseCommit(app).commit };
      }),
      appIds: new Map(apps.map((app) => [app.name, idOf(app)])),
      releaseIds,
    };
  }
}

function sameCommits(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

function partsByRelease(
  apps: readonly AppChange[],
  releaseOf: (app: AppChange) => number | undefined,
): Map<number, readonly Part[]> {
  return new Map(
    apps.flatMap((app) => {
      const release = releaseOf(app);
      return release === undefined || !app.plan ? [] : [[release, app.plan.parts] as const];
    }),
  );
}

/** A release writes all its targets, changed parts those that changed; a target that is wanted again is written anyhow. */
function targetChange({ plan }: AppChange, app: number, release: number | undefined): TargetChange[] {
  if (!plan || release === undefined) return [];
  const { wanted } = plan;
  const changed = plan.release.kind === 'parts' ? new Set(plan.release.clusterIds) : new Set<number>();
  const all = plan.release.kind === 'release';
  const parts = plan.parts.map((part) => {
    return { ...part, clusterIds: part.clusterIds.filter((id) => all || changed.has(id) || wanted.has(id)) };
  });
  return [{ app, release, parts, wanted }];
}
