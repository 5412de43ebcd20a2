import { Inject, Injectable } from '@nestjs/common';
import type { Failure, WavePlan } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import { nextCommands } from './next-commands.js';
import type {
  ApprovalView,
  EvidenceView,
  HistoryLine,
  PlannedDeletions,
  RemovalView,
  RolloutSummary,
  RolloutTargetView,
  RolloutView,
  WhyApp,
} from './rollout-view.js';
import type {
  FailedRow,
  HistoryFilter,
  HistoryRow,
  RolloutFilter,
  RolloutReadRow,
} from './rollouts-read.repository.js';
import { RolloutsReadRepository } from './rollouts-read.repository.js';

/** Everything people read about rollouts. */
@Injectable()
export class RolloutsQuery {
  constructor(@Inject(RolloutsReadRepository) private readonly rows: RolloutsReadRepository) {}

  /** Newest first; with `app` its history of rollouts, else the newest of each app. */
  async list(filter: Omit<RolloutFilter, 'release'> = {}): Promise<RolloutSummary[]> {
    const rows = await this.rows.loadRollouts(filter);
    return rows.map((row) => toSummary(row));
  }

  /** The newest rollout of an app, or that of a release. @throws Fault notFound */
  async current(app: string, release?: number): Promise<RolloutView> {
    const [row] = await this.rows.loadRollouts({ app, limit: 1, ...(release !== undefined && { release }) });
    if (!row) throw new Fault('notFound', `no rollout of ${app}${release === undefined ? '' : ` #${release}`}`);
    return this.toView(row);
  }

  /** Oldest first, and whether there are more lines than these. */
  async history(filter: HistoryFilter): Promise<{ lines: HistoryLine[]; more: boolean }> {
    const { rows, more } = await this.rows.loadHistory(filter);
    return { lines: rows.map((row) => toHistory(row)), more };
  }

  async targets(app: string): Promise<RolloutTargetView[]> {
    const [[row], targets] = await Promise.all([this.rows.loadRollouts({ app, limit: 1 }), this.rows.loadTargets(app)]);
    const waves = wavesByCluster(row?.waves ?? []);
    return targets.map((target) => ({
      clusterId: target.clusterId,
      cluster: target.cluster,
      wave: waves.get(target.clusterId),
      life: target.life,
      allowed: target.allowed ?? undefined,
      applied: target.applied ?? undefined,
      health: target.health ?? undefined,
      allowedAt: target.allowedAt ?? undefined,
      reportedAt: target.reportedAt ?? undefined,
      observedAt: target.observedAt ?? undefined,
      problem: target.problem ?? undefined,
      failed: row?.memory.targets[target.clusterId]?.failed !== undefined,
    }));
  }

  removals(app?: string): Promise<RemovalView[]> {
    return this.rows.loadRemovals(app);
  }

  /** What waits for a person to allow it, longest first. */
  approvals(app?: string): Promise<ApprovalView[]> {
    return this.rows.loadApprovals(app);
  }

  plannedDeletions(app: string): Promise<PlannedDeletions> {
    return this.rows.loadPlannedDeletions(app);
  }

  /** What blocks an app, with evidence and what to do. @throws Fault notFound */
  async whyApp(app: string): Promise<WhyApp> {
    const frozenBecause = await this.rows.loadFrozen(app);
    if (frozenBecause === undefined) throw new Fault('notFound', `no app ${app}`);
    const [[row], targets, removals] = await Promise.all([
      this.rows.loadRollouts({ app, limit: 1 }),
      this.targets(app),
      this.removals(app),
    ]);
    const rollout = row && (await this.toView(row));
    const failedIds = Object.keys(row?.memory.targets ?? {}).filter((id) => row?.memory.targets[Number(id)]?.failed);
    const failed = await this.rows.loadFailed(app, failedIds.map(Number));
    const unhealthy = targets.filter(
      (target) => !target.failed && target.health !== 'healthy' && target.life === 'active',
    );
    const waves = wavesByCluster(row?.waves ?? []);
    return {
      rollout,
      failed: failed.map((each) =>
        toFailed(each, row?.memory.targets[each.clusterId]?.failed, waves.get(each.clusterId)),
      ),
      unhealthy,
      removals,
      frozenBecause: frozenBecause === '' ? undefined : frozenBecause,
      next: nextCommands(app, rollout, failed[0]?.cluster),
    };
  }

  private async toView(row: RolloutReadRow): Promise<RolloutView> {
    const targets = await this.rows.loadTargets(row.app);
    const allowed = new Map<number, number>();
    for (const { life, allowed: number } of targets) {
      if (life === 'active' && number !== null) allowed.set(number, (allowed.get(number) ?? 0) + 1);
    }
    return {
      ...toSummary(row),
      strategy: row.strategy,
      nextLookAt: row.nextLookAt ?? undefined,
      waves: row.waves,
      blockedBy: row.blockedBy,
      allowed: [...allowed].sort((a, b) => b[0] - a[0]).map(([release, count]) => ({ release, targets: count })),
      clusters: Object.fromEntries(targets.map(({ clusterId, cluster }) => [clusterId, cluster])),
    };
  }
}

function toSummary(row: RolloutReadRow): RolloutSummary {
  const sum = (pick: (wave: WavePlan) => number): number => row.waves.reduce((total, wave) => total + pick(wave), 0);
  return {
    id: row.id,
    app: row.app,
    release: row.release,
    state: row.state,
    startedAt: row.startedAt,
    changedAt: row.changedAt,
    endedAt: row.endedAt ?? undefined,
    replacedBy: row.replacedBy ?? undefined,
    wave: row.waves.find(({ phase }) => phase !== 'done' && phase !== 'empty')?.name,
    targets: sum((wave) => wave.targets),
    healthy: sum((wave) => wave.counts.healthy),
    failed: sum((wave) => wave.counts.failed),
  };
}

function wavesByCluster(waves: readonly WavePlan[]): Map<number, string> {
  return new Map(waves.flatMap((wave) => wave.clusterIds.map((id): [number, string] => [id, wave.name])));
}

function toHistory(row: HistoryRow): HistoryLine {
  return {
    id: row.id,
    release: row.release,
    at: row.at,
    kind: row.kind,
    wave: row.wave ?? undefined,
    cluster: row.cluster ?? undefined,
    message: row.message ?? printEvidence(row.evidence),
    clusters: row.clusters,
    evidence: row.evidence,
  };
}

/** `version 1.5, bundle b7f3a91`; of several targets only what they run. */
function printEvidence(evidence: readonly EvidenceView[]): string {
  const [first, ...more] = evidence;
  if (first === undefined) return '';
  const bundles = [...new Set(evidence.map(({ bundle }) => bundle.slice(0, 7)))];
  const shown = bundles.length > 2 ? `${bundles.length} bundles` : `bundle ${bundles.join(', ')}`;
  return more.length === 0 ? `version ${first.version}, ${shown}` : shown;
}

function toFailed(row: FailedRow, failed: Failure | undefined, wave: string | undefined): WhyApp['failed'][number] {
  const { health, reportedAt, observedAt, bundle, proven, ...shown } = row;
  const { reason = '', message = '', at: failedAt = 0 } = failed ?? {};
  return {
    ...shown,
    wave,
    reason,
    message,
    failedAt,
    health: health ?? undefined,
    reportedAt: reportedAt ?? undefined,
    observedAt: observedAt ?? undefined,
    bundle: bundle ?? undefined,
    proven: proven ?? undefined,
  };
}
