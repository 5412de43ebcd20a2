import { isOverBudget, leastSoak } from './plan-wave.js';
import type { PlannedWave } from './plan-wave.js';
import type { WavePhase, WavePlan } from './rollout-plan.js';

/** What people see of a wave: after this plan's assignments. */
export function summarizeWave(wave: PlannedWave): WavePlan {
  const { counts, assignments, name, lone, maxConcurrent, maxFailures, minHealthy, startedAt, finishedAt } = wave;
  const begun = assignments.length;
  return {
    name,
    phase: phaseOf(wave),
    noCanary: lone,
    targets: wave.members.length,
    counts: { ...counts, waiting: counts.waiting - begun, inFlight: counts.inFlight + begun },
    maxConcurrent,
    maxFailures,
    minHealthy,
    soakMs: wave.rule.soakMs,
    soakedMs: wave.memory?.soakedMs ?? leastSoak(wave.observed),
    startedAt,
    finishedAt,
    clusterIds: wave.members.map(({ clusterId }) => clusterId),
  };
}

export function phaseOf(wave: PlannedWave): WavePhase {
  if (wave.members.length === 0) return 'empty';
  if (isOverBudget(wave)) return 'failed';
  if (wave.finishedAt !== undefined) return 'done';
  if (wave.memory === undefined) return 'waiting';
  return wave.soaking ? 'soaking' : 'running';
}
