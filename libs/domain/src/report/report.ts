import type { Digest, ObjectRef } from '../json/index.js';
import type { Version } from '../desired-state/index.js';

/** What an agent is doing about an app. `applied` only after a complete pass of one bundle and policy. */
export type AppPhase = 'applying' | 'partial' | 'applied' | 'blocked' | 'suspended' | 'removing' | 'observed';

/** Health of an app or object. `unknown` (a read or watch failed) never counts as healthy. */
export type Health = 'healthy' | 'progressing' | 'failed' | 'unknown';

/** Why one object is not as it should be. */
export interface ObjectProblem {
  readonly ref: ObjectRef;
  /** Reason of the field or of the agent, e.g. `ImagePullBackOff`, `applyConflict`, `kindMissing`, `admissionDenied`. */
  readonly code: string;
  readonly message: string;
  /** One line for people, e.g. `1 of 3 new pods stuck 61s, 3 of 3 old pods serving`; empty when message says it all. */
  readonly summary: string;
}

/** One owned field or object that differs live. Values are JSON text; empty for Secrets. */
export interface DriftItem {
  readonly ref: ObjectRef;
  readonly kind: 'edited' | 'deleted';
  /** JSON pointer; empty for deletions. */
  readonly field: string;
  readonly wanted: string;
  readonly live: string;
  /** Field manager that made the change; empty when unknown. */
  readonly manager: string;
  /** Unix ms by the cluster's clock, for display only; 0 when unknown. */
  readonly at: number;
  readonly healed: boolean;
}

/** Why a drift is left as it is for now: a rule (`drift.policy: report`), somebody who changes it back and back, or a suspension. */
export type DriftLeft = '' | 'reported' | 'contested' | 'suspended';

/** A drift with its life: when the agent noticed it, and what became of it. */
export interface DriftEntry extends DriftItem {
  /** Unix ms by the agent's clock, for display and to tell two drifts of one field apart. */
  readonly seenAt: number;
  /** Unix ms by the agent's clock; 0 while it is not healed. */
  readonly healedAt: number;
  /** Empty when it is healed or about to be. */
  readonly left: DriftLeft;
}

/** What applying an app would do to one object; `wait` is neither good nor bad: its kind or namespace is not there yet. */
export type PlannedAction = 'create' | 'change' | 'adopt' | 'delete' | 'conflict' | 'wait';

export interface PlannedObject {
  readonly ref: ObjectRef;
  readonly action: PlannedAction;
  /** Field managers it would be taken over from, or that are in the way. */
  readonly managers: readonly string[];
  /** Why, for conflicts and waits; empty when the action says it all. */
  readonly because: string;
}

/** What an agent would do for an app in mode `observe`. Counts are complete, the list is bounded. */
export interface ObservedPlan {
  readonly counts: Readonly<Record<PlannedAction | 'leave', number>>;
  /** Without the objects that would be left as they are. */
  readonly objects: readonly PlannedObject[];
}

/** What an agent observed for one app. Lists are bounded, counts are complete. */
export interface AppReport {
  readonly app: string;
  /** The desired-state version that was evaluated. */
  readonly evaluated: Version;
  /** Digests of the last complete pass; undefined while there was none. */
  readonly appliedBundle: Digest | undefined;
  readonly appliedPolicy: Digest | undefined;
  /**
   * Digests of what is being applied, or was applied last: what phase, problems and `failedFast` are about. Undefined while
   * nothing was begun.
   */
  readonly attemptedBundle: Digest | undefined;
  readonly attemptedPolicy: Digest | undefined;
  readonly phase: AppPhase;
  readonly health: Health;
  /** For how long without a gap, by the agent's monotonic clock; 0 when not healthy. */
  readonly healthyForMs: number;
  /** Times health was lost since the bundle was applied. */
  readonly lossCount: number;
  readonly objects: number;
  readonly objectsReady: number;
  readonly problems: readonly ObjectProblem[];
  readonly drifted: number;
  readonly drifts: readonly DriftEntry[];
  /** Hash of the deletion set that waits for an approval, and what is in it; undefined when none waits. */
  readonly deletionSet: Digest | undefined;
  readonly deletions: readonly ObjectRef[];
  /** A definite failure: the target need not wait for its deadline. */
  readonly failedFast: boolean;
  /** Writes made for this app since the agent started. */
  readonly writes: number;
  /** In mode `observe`: what applying it would do. */
  readonly plan?: ObservedPlan | undefined;
}
