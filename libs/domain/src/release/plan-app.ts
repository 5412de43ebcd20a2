import type { Digest } from '../json/index.js';
import type { EvaluatedApp } from './evaluation.js';
import type { Part } from './part.js';
import { assignmentsOf, joinParts } from './part.js';
import type { ReleasePlan } from './plan-release.js';
import { planRelease } from './plan-release.js';

export type TargetLife = 'active' | 'leaving' | 'asked' | 'orphaned' | 'pruned';
export type LeavingBecause = 'appGone' | 'targetGone' | 'empty';

/** An app as it was last saved. */
export interface AppInForce {
  readonly inputs: Digest | undefined;
  /** Of the newest release; undefined when there is none. */
  readonly parts: readonly Part[] | undefined;
  readonly targets: ReadonlyMap<number, TargetInForce>;
}

export interface TargetInForce {
  readonly life: TargetLife;
  readonly reason: string;
}

/** What becomes of an app. */
export interface AppPlan {
  readonly release: ReleasePlan;
  /** Parts of its newest release from now on. */
  readonly parts: readonly Part[];
  /** Targets that are (again) wanted or wanted for another reason, by cluster. */
  readonly wanted: ReadonlyMap<number, string>;
  /** Clusters that its targets leave. Nothing is removed by that alone. */
  readonly leaving: ReadonlyMap<number, LeavingBecause>;
}

export interface AppPlanInput {
  readonly before: AppInForce | undefined;
  readonly now: EvaluatedApp;
  /** Clusters that are there: the others' targets are nobody's business here. */
  readonly clusterIds: ReadonlySet<number>;
  /** Why no removal is derived from this revision for this app; undefined when it may. */
  readonly doubt: string | undefined;
}

/**
 * What an app's evaluation changes. A frozen app keeps everything that it has; in doubt nothing leaves: what a target had
 * it keeps, and the rest moves on (design: what a bad commit does).
 */
export function planApp({ before, now, clusterIds, doubt }: AppPlanInput): AppPlan {
  const held = assignmentsOf(before?.parts ?? []);
  const next = assignmentsOf(now.assembled.parts);
  const away = [...held.keys()].filter((id) => !clusterIds.has(id));
  const gone = [...held.keys()].filter((id) => clusterIds.has(id) && !next.has(id));
  const kept = doubt === undefined ? away : [...away, ...gone];
  const keptParts = kept.flatMap((id): Part[] => {
    const part = held.get(id);
    return part ? [{ ...part, clusterIds: [id] }] : [];
  });
  const parts = joinParts([...now.assembled.parts, ...keptParts]);
  return {
    release: planRelease({ previousInputs: before?.inputs, previous: before?.parts, inputs: now.inputs, parts }),
    parts,
    wanted: wantedTargets(before, now, next.keys()),
    leaving: doubt === undefined ? leavingTargets(before, now, { next, clusterIds }) : new Map(),
  };
}

function wantedTargets(before: AppInForce | undefined, now: EvaluatedApp, ids: Iterable<number>): Map<number, string> {
  const wanted = new Map<number, string>();
  for (const id of ids) {
    const target = before?.targets.get(id);
    const reason = now.reasons.get(id) ?? '';
    if (target?.life !== 'active' || target.reason !== reason) wanted.set(id, reason);
  }
  return wanted;
}

interface Present {
  readonly next: ReadonlyMap<number, unknown>;
  readonly clusterIds: ReadonlySet<number>;
}

function leavingTargets(
  before: AppInForce | undefined,
  now: EvaluatedApp,
  { next, clusterIds }: Present,
): Map<number, LeavingBecause> {
  const leaving = new Map<number, LeavingBecause>();
  for (const [id, target] of before?.targets ?? []) {
    if (target.life !== 'active' || next.has(id) || !clusterIds.has(id)) continue;
    leaving.set(id, now.reasons.has(id) ? 'empty' : 'targetGone');
  }
  return leaving;
}
