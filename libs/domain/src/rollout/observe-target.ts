import type { Evidence } from './assess-evidence.js';
import { assessEvidence, isLive } from './assess-evidence.js';
import type { RolloutTarget } from './facts.js';
import { samePart } from './facts.js';
import type { Look, TargetObstacle } from './look.js';
import { isSilent, obstacleOf, targetMemory } from './look.js';
import type { Failure, TargetMemory, WaveMemory } from './memory.js';
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
  readonly memory: TargetMemory;
}

/** Judges one target of a started wave by its evidence, its clock and whether its cluster is there. */
export function observeTarget(target: RolloutTarget, wave: WaveMemory, look: Look): Observed {
  const memory = targetMemory(look.memory, target);
  const moved = samePart(target.allowed, target.desired);
  const base = { target, moved, obstacle: obstacleOf(target, look) };
  const still = { ...base, soakedMs: 0, deadlineInMs: undefined, failure: undefined };
  if (memory.skipped) return { ...still, standing: 'skipped', memory };
  if (memory.failed) return { ...still, standing: 'failed', memory };
  const evidence = moved ? assessEvidence(target, look) : 'none';
  if (isSettled(wave, moved, memory)) {
    return { ...still, standing: evidence === 'healthy' ? 'healthy' : 'unknown', memory };
  }
  if (evidence === 'healthy') return observeHealthy({ ...still, memory }, look);
  return observeOther({ ...still, memory, evidence, wave, standing: 'inFlight' }, look);
}

/** Once a wave is done, a target that passed it is judged no more. */
function isSettled(wave: WaveMemory, moved: boolean, memory: TargetMemory): boolean {
  return wave.finishedAt !== undefined && moved && memory.clock === undefined;
}

/** Soak counts the smaller of what the hub has seen and what the agent counts; a loss starts it again. */
function observeHealthy(still: Omit<Observed, 'standing'>, look: Look): Observed {
  const { observation } = still.target;
  const lossCount = observation?.lossCount ?? 0;
  const soak = still.memory.soak;
  const watch = soak?.lossCount === lossCount ? soak : STOPPED;
  const running = runWatch(watch, true, look.observedMs);
  const memory: TargetMemory = { soak: running === soak ? soak : { ...running, lossCount } };
  const agentMs = (observation?.healthyForMs ?? 0) + Math.max(0, look.now - (observation?.reportedAt ?? look.now));
  const soakedMs = Math.min(elapsedMs(running, look.observedMs), agentMs);
  return { ...still, standing: 'healthy', soakedMs, memory };
}

type Pending = Observed & { readonly evidence: Evidence; readonly wave: WaveMemory };

function observeOther(pending: Pending, look: Look): Observed {
  const { evidence, wave, ...observed } = pending;
  const { target, moved } = observed;
  const memory = tick(pending, look);
  const failure = failureOf({ ...pending, memory }, look);
  if (failure) return { ...observed, standing: 'failed', failure, memory: { failed: failure } };
  if (isSilent(target, look)) return { ...observed, standing: 'silent', memory };
  if (!moved) return { ...observed, standing: 'waiting', memory };
  const left = memory.clock?.since === undefined ? undefined : remaining(memory, wave, look);
  const unknown = memory.soak !== undefined && evidence !== 'progressing';
  return { ...observed, standing: unknown ? 'unknown' : 'inFlight', deadlineInMs: left, memory };
}

/** The deadline's clock runs while the cluster is live and nothing else blocks; soak stands still, or is lost. */
function tick({ memory, moved, obstacle, evidence }: Pending, look: Look): TargetMemory {
  const clock = moved ? runWatch(memory.clock ?? STOPPED, obstacle === undefined, look.observedMs) : undefined;
  const lost = evidence === 'progressing' || evidence === 'failed' || evidence === 'failedFast' || !moved;
  const soak = memory.soak === undefined || lost ? undefined : memory.soak;
  const stopped = soak && { ...runWatch(soak, false, look.observedMs), lossCount: soak.lossCount };
  return { ...(clock && { clock }), ...(stopped && { soak: stopped }) };
}

function remaining(memory: TargetMemory, wave: WaveMemory, look: Look): number {
  return wave.rule.deadlineMs - elapsedMs(memory.clock, look.observedMs);
}

function failureOf(pending: Pending, look: Look): Failure | undefined {
  const { evidence, target, wave, memory, moved } = pending;
  if (!look.mayJudge) return undefined;
  if (evidence === 'failedFast') return failure('failFast', target.observation?.problem ?? '', look);
  if (wave.rule.offline === 'fail' && isSilent(target, look)) {
    return failure('offline', `${target.name} is silent`, look);
  }
  if (!moved || !isLive(target, look) || remaining(memory, wave, look) > 0) return undefined;
  const minutes = Math.round(wave.rule.deadlineMs / 60_000);
  const problem = target.observation?.problem ?? '';
  return failure('deadline', `not healthy within ${minutes}m${problem === '' ? '' : `: ${problem}`}`, look);
}

function failure(reason: Failure['reason'], message: string, look: Look): Failure {
  return { reason, message: message === '' ? 'failed for good' : message, at: look.now };
}
