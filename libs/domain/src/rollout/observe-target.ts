import { printDuration } from '../definitions/index.js';
import type { Evidence } from './assess-evidence.js';
import { assessEvidence, isLive } from './assess-evidence.js';
import type { RolloutTarget } from './facts.js';
import { samePart } from './facts.js';
import type { Look, TargetObstacle } from './look.js';
import { isSilent, obstacleOf, targetMemory } from './look.js';
import type { Failure, Soak, TargetMemory, WaveMemory } from './memory.js';
import type { TargetStanding } from './rollout-plan.js';
import { STOPPED, elapsedMs, runWatch } from './stopwatch.js';

/** A target of a started wave as this look finds it. */
export interface Observed {
  readonly target: RolloutTarget;
  readonly standing: TargetStanding;
  /** It was assigned the release's part. */
  readonly moved: boolean;
  readonly obstacle: TargetObstacle | undefined;
  /** Healthy time that counts as soak. */
  readonly soakedMs: number;
  /** Until its deadline, when its clock runs. */
  readonly deadlineInMs: number | undefined;
  /** It failed in this look. */
  readonly failure: Failure | undefined;
  /** It is seen healthy in this look and was not before, or not any more. */
  readonly becameHealthy: boolean;
  readonly memory: TargetMemory;
}

/** A target on its way through `observeTarget`. */
interface Sight {
  readonly target: RolloutTarget;
  readonly wave: WaveMemory;
  readonly look: Look;
  readonly moved: boolean;
  readonly obstacle: TargetObstacle | undefined;
  readonly evidence: Evidence;
  readonly memory: TargetMemory;
}

/** Judges one target of a started wave by its evidence, its clock and whether its cluster is there. */
export function observeTarget(target: RolloutTarget, wave: WaveMemory, look: Look): Observed {
  const memory = targetMemory(look.memory, target);
  const moved = samePart(target.allowed, target.desired);
  const evidence = moved ? assessEvidence(target, look) : 'none';
  const sight: Sight = { target, wave, look, moved, obstacle: obstacleOf(target, look), evidence, memory };
  if (memory.skipped) return found(sight, 'skipped', { memory });
  if (memory.failed) return found(sight, 'failed', { memory });
  if (isSettled(sight)) return found(sight, evidence === 'healthy' ? 'healthy' : 'unknown', { memory });
  return evidence === 'healthy' ? observeHealthy(sight) : observeOther(sight);
}

interface Found {
  readonly memory: TargetMemory;
  readonly soakedMs?: number;
  readonly deadlineInMs?: number | undefined;
  readonly failure?: Failure;
  readonly becameHealthy?: boolean;
}

/** Ten thousand of these are made per plan: one shape, written out. */
function found({ target, moved, obstacle }: Sight, standing: TargetStanding, what: Found): Observed {
  const { soakedMs = 0, deadlineInMs, failure, becameHealthy = false, memory } = what;
  return { target, standing, moved, obstacle, soakedMs, deadlineInMs, failure, becameHealthy, memory };
}

const NOTHING: TargetMemory = {};

/** Once a wave is done, a target that passed it is judged no more. */
function isSettled({ wave, moved, memory }: Sight): boolean {
  return wave.finishedAt !== undefined && moved && memory.clock === undefined;
}

/**
 * Soak counts the smaller of what the hub has seen and what the agent counts; a loss starts it again, and it stands still
 * while the app is suspended.
 */
function observeHealthy(sight: Sight): Observed {
  const { observedMs } = sight.look;
  const { lossCount = 0, reportedAt = 0, healthyForMs = 0 } = sight.target.observation ?? {};
  const read = readReport(sight.memory.soak, { lossCount, reportedAt, readAt: observedMs });
  const soak = runSoak(read, sight.obstacle !== 'suspended', observedMs);
  const agentMs = healthyForMs + observedMs - soak.readAt;
  const soakedMs = Math.min(elapsedMs(soak, observedMs), agentMs);
  return found(sight, 'healthy', { memory: { soak }, soakedMs, becameHealthy: sight.memory.soak === undefined });
}

/** The soak so far, with the report that counts for it now. */
function readReport(soak: Soak | undefined, report: Pick<Soak, 'lossCount' | 'reportedAt' | 'readAt'>): Soak {
  const { lossCount, reportedAt } = report;
  if (soak === undefined || soak.lossCount !== lossCount) return { ...STOPPED, ...report };
  return soak.reportedAt === reportedAt ? soak : { ...soak, ...report };
}

function runSoak(soak: Soak, runs: boolean, observedMs: number): Soak {
  const watch = runWatch(soak, runs, observedMs);
  const { lossCount, reportedAt, readAt } = soak;
  return watch === soak ? soak : { ...watch, lossCount, reportedAt, readAt };
}

function observeOther(sight: Sight): Observed {
  const { look, target, moved, wave, evidence } = sight;
  const memory = tick(sight);
  const failure = failureOf(sight, memory);
  if (failure) return found(sight, 'failed', { memory: { failed: failure }, failure });
  if (isSilent(target, look)) return found(sight, 'silent', { memory });
  if (!moved) return found(sight, 'waiting', { memory });
  const deadlineInMs = memory.clock?.since === undefined ? undefined : remaining(memory, wave, look);
  const unknown = memory.soak !== undefined && evidence !== 'progressing';
  return found(sight, unknown ? 'unknown' : 'inFlight', { memory, deadlineInMs });
}

/**
 * The deadline's clock runs while the cluster is live, the hub trusts its own view, and nothing else blocks; soak stands
 * still, or is lost.
 */
function tick({ memory, moved, obstacle, evidence, look }: Sight): TargetMemory {
  if (!moved) return NOTHING;
  const runs = obstacle === undefined && look.facts.hub.isolatedSince === undefined;
  const clock = runWatch(memory.clock ?? STOPPED, runs, look.observedMs);
  const lost = evidence === 'progressing' || evidence === 'failed' || evidence === 'failedFast';
  if (memory.soak === undefined || lost) return { clock };
  return { clock, soak: runSoak(memory.soak, false, look.observedMs) };
}

function remaining(memory: TargetMemory, wave: WaveMemory, look: Look): number {
  return wave.rule.deadlineMs - elapsedMs(memory.clock, look.observedMs);
}

function failureOf(sight: Sight, memory: TargetMemory): Failure | undefined {
  const { evidence, target, wave, look } = sight;
  if (!look.mayJudge) return undefined;
  const problem = target.observation?.problem ?? '';
  if (evidence === 'failedFast') return failed('failFast', problem === '' ? 'failed for good' : problem, look);
  if (wave.rule.offline === 'fail' && isSilent(target, look))
    return failed('offline', `${target.name} is silent`, look);
  if (!isOverdueThere(sight, memory)) return undefined;
  const within = printDuration(wave.rule.deadlineMs);
  return failed('deadline', `not healthy within ${within}${problem === '' ? '' : `: ${problem}`}`, look);
}

/** Past its deadline, and its cluster is there to be blamed. */
function isOverdueThere({ moved, target, wave, look }: Sight, memory: TargetMemory): boolean {
  return moved && isLive(target, look) && remaining(memory, wave, look) <= 0;
}

function failed(reason: Failure['reason'], message: string, look: Look): Failure {
  return { reason, message, at: look.now };
}
