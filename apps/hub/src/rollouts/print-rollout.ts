import type { Json, RolloutPlan } from '@flotilla/domain';
import { printJson } from '@flotilla/domain';
import type { Cause } from '../fleets/index.js';
import type {
  ApprovalView,
  HistoryLine,
  PlannedDeletions,
  RemovalView,
  RolloutSummary,
  RolloutView,
  WhyApp,
} from './rollout-view.js';
import type {
  ApprovalDto,
  CauseDto,
  HistoryLineDto,
  PlanDto,
  RemovalDto,
  RolloutDto,
  RolloutHeadDto,
  WaveDto,
  WhyAppDto,
} from './rollouts.dto.js';

/** Views as the API prints them: times in RFC 3339, what is absent as null, clusters by name. */

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function timeOrNone(ms: number | undefined): string | null {
  return ms === undefined ? null : time(ms);
}

export function printHead(view: RolloutSummary): RolloutHeadDto {
  const { app, state, targets, healthy, failed } = view;
  return {
    app,
    state,
    targets,
    healthy,
    failed,
    release: { ...view.release, committedAt: time(view.release.committedAt) },
    startedAt: time(view.startedAt),
    changedAt: time(view.changedAt),
    endedAt: timeOrNone(view.endedAt),
    replacedBy: view.replacedBy ?? null,
    wave: view.wave ?? null,
  };
}

function printWaves(waves: RolloutPlan['waves'], names: Readonly<Record<number, string>>): WaveDto[] {
  return waves.map(({ clusterIds, startedAt, finishedAt, minHealthy: _, ...wave }) => ({
    ...wave,
    startedAt: timeOrNone(startedAt),
    finishedAt: timeOrNone(finishedAt),
    clusters: clusterIds.map((id) => names[id] ?? `#${id}`),
  }));
}

/** The plan of this moment: what would be done now, and why the rest waits. */
export function printPlan(
  plan: RolloutPlan,
  names: Readonly<Record<number, string>>,
  deletions: PlannedDeletions,
): PlanDto {
  const named = (ids: readonly { readonly clusterId: number }[]): string[] =>
    ids.map(({ clusterId }) => names[clusterId] ?? `#${clusterId}`);
  return {
    state: plan.rolloutState,
    nextLookAt: timeOrNone(plan.nextLookAt),
    assign: named(plan.assignments),
    return: named(plan.rollbacks),
    waves: printWaves(plan.waves, names),
    blockedBy: plan.blockedBy.map((block) => ({ ...block, since: time(block.since) })),
    deletions: { ...deletions },
  };
}

export function printRollout(view: RolloutView): RolloutDto {
  return {
    ...printHead(view),
    strategy: view.strategy,
    nextLookAt: timeOrNone(view.nextLookAt),
    waves: printWaves(view.waves, view.clusters),
    blockedBy: view.blockedBy.map((block) => ({ ...block, since: time(block.since) })),
    allowed: [...view.allowed],
  };
}

export function printHistory(line: HistoryLine): HistoryLineDto {
  const { kind, message, clusters } = line;
  return {
    release: line.release,
    at: time(line.at),
    kind,
    wave: line.wave ?? null,
    cluster: line.cluster ?? null,
    message,
    clusters: [...clusters],
    evidence: line.evidence.map((each) => ({ ...each, reportedAt: time(each.reportedAt) })),
  };
}

export function printRemoval(view: RemovalView): RemovalDto {
  return { ...view, since: time(view.since) };
}

export function printApproval(view: ApprovalView): ApprovalDto {
  return { ...view, since: time(view.since) };
}

function printCause({ ref, change, field, before, after, release, place }: Cause): CauseDto {
  const json = (value: Json | undefined): string | null => (value === undefined ? null : printJson(value));
  const { file = null, line = null } = place ?? {};
  return { ref, change, field, before: json(before), after: json(after), release, file, line };
}

/** @param causes what changed, by cluster */
export function printWhy(view: WhyApp, causes: ReadonlyMap<number, readonly Cause[]>): WhyAppDto {
  return {
    rollout: view.rollout === undefined ? null : printRollout(view.rollout),
    failed: view.failed.map(({ clusterId, ...target }) => ({
      ...target,
      wave: target.wave ?? null,
      failedAt: time(target.failedAt),
      health: target.health ?? null,
      reportedAt: timeOrNone(target.reportedAt),
      observedAt: timeOrNone(target.observedAt),
      bundle: target.bundle ?? null,
      proven: target.proven ?? null,
      causes: (causes.get(clusterId) ?? []).map(printCause),
    })),
    unhealthy: view.unhealthy.map(({ cluster, wave, allowed, applied, health, problem, reportedAt, observedAt }) => ({
      cluster,
      wave: wave ?? null,
      allowed: allowed ?? null,
      applied: applied ?? null,
      health: health ?? null,
      problem: problem ?? null,
      reportedAt: timeOrNone(reportedAt),
      observedAt: timeOrNone(observedAt),
    })),
    removals: view.removals.map(printRemoval),
    frozenBecause: view.frozenBecause ?? null,
    next: [...view.next],
  };
}
