import { orderVersions } from '../desired-state/index.js';
import type { Assignment, Observation, RolloutTarget } from './facts.js';
import { samePart } from './facts.js';

/** What a target's newest report says about its assignment; `none` when it says nothing about it. */
export type Evidence = 'healthy' | 'progressing' | 'failed' | 'failedFast' | 'unknown' | 'none';

export interface LivenessRule {
  readonly silentAfterMs: number;
}

type Heard = Pick<RolloutTarget, 'sessionId' | 'silentForMs'>;

/** Whether the cluster is connected and was heard within three heartbeats. */
export function isLive(target: Heard, rule: LivenessRule): boolean {
  return target.sessionId !== undefined && !isOverdue(target, rule);
}

/** Whether the cluster has not been heard for three heartbeats, or never. */
export function isOverdue({ silentForMs }: Pick<Heard, 'silentForMs'>, rule: LivenessRule): boolean {
  return silentForMs === undefined || silentForMs > rule.silentAfterMs;
}

/**
 * A report counts for an assignment when the version it evaluated is at least the assignment's, both digests are equal,
 * and it came (or was renewed) on the cluster's present session; of a cluster that is not live, nothing counts.
 * A definite failure counts as soon as the assignment is what is being applied: a bundle that fails may never come to the
 * end of a pass, and old objects are pruned only after the new ones are healthy.
 * An agent that only observes (`mode: observe`) applies nothing: to have evaluated the assignment is all it can show.
 */
export function assessEvidence(
  target: Heard & Pick<RolloutTarget, 'allowed' | 'observation'>,
  rule: LivenessRule,
): Evidence {
  const { allowed, observation, sessionId } = target;
  if (allowed === undefined || observation === undefined || !isLive(target, rule)) return 'none';
  if (observation.sessionId !== sessionId || orderVersions(observation.evaluated, allowed.since) < 0) return 'none';
  return judge(observation, allowed);
}

function judge(observation: Observation, allowed: Assignment): Evidence {
  const { phase, health, failedFast, attempted } = observation;
  if (phase === 'observed') return 'healthy';
  if (isApplied(observation, allowed)) return failedFast ? 'failedFast' : health;
  return failedFast && samePart(attempted, allowed) ? 'failedFast' : 'none';
}

function isApplied({ bundle, policy }: Observation, allowed: Assignment): boolean {
  return bundle !== undefined && policy !== undefined && samePart({ bundle, policy }, allowed);
}
