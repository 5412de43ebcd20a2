import type { RolloutTarget } from './facts.js';
import type { FailureReason } from './memory.js';
import type { PlannedWave } from './plan-wave.js';
import type { EvidenceNote, PlannedFailure, SeenHealthy } from './rollout-plan.js';

/** Targets that failed in this look, with the report that shows it. */
export function noteFailures(waves: readonly PlannedWave[]): PlannedFailure[] {
  return waves.flatMap((wave) =>
    wave.observed.flatMap(({ failure, target }) =>
      failure
        ? [{ ...failure, clusterId: target.clusterId, wave: wave.name, evidence: evidenceOf(target, failure.reason) }]
        : [],
    ),
  );
}

/** What shows a failure of the part that is being applied; silence and time are shown by no report. */
function evidenceOf(target: RolloutTarget, reason: FailureReason): EvidenceNote | undefined {
  return reason === 'failFast' ? noteEvidence(target) : undefined;
}

function noteEvidence({ observation, allowed }: RolloutTarget): EvidenceNote | undefined {
  if (observation === undefined || allowed === undefined) return undefined;
  const { evaluated, sessionId, reportedAt } = observation;
  return { evaluated, bundle: allowed.bundle, policy: allowed.policy, sessionId, reportedAt };
}

/** Targets whose soak begins with this look. */
export function noteHealthy(waves: readonly PlannedWave[]): SeenHealthy[] {
  return waves.flatMap((wave) =>
    wave.observed.flatMap(({ target, becameHealthy }) => {
      const evidence = becameHealthy ? noteEvidence(target) : undefined;
      return evidence ? [{ ...evidence, clusterId: target.clusterId, wave: wave.name }] : [];
    }),
  );
}
