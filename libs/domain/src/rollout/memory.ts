import type { Amount, StrategyDefinition, Wave } from '../definitions/index.js';
import type { Digest } from '../json/index.js';
import type { ReleasedPart } from './facts.js';
import type { ClockReading, Stopwatch } from './stopwatch.js';

/** Who did something, why and when (unix ms). */
export interface Note {
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}

export type FailureReason = 'failFast' | 'deadline' | 'offline';

export interface Failure {
  readonly reason: FailureReason;
  /** For people, with the object's own words where there are some. */
  readonly message: string;
  readonly at: number;
}

/** What holds for a wave; frozen when it starts, so that a strategy edit reaches only waves that have not. */
export interface WaveRule {
  readonly soakMs: number;
  readonly maxConcurrent: Amount;
  readonly maxFailures: Amount;
  readonly minHealthy: Amount;
  readonly windows: readonly string[];
  readonly deadlineMs: number;
  readonly offline: StrategyDefinition['offline'];
  readonly onFailure: StrategyDefinition['onFailure'];
}

export interface WaveMemory {
  readonly name: string;
  /** The strategy's wave that it belongs to; differs from the name for the lone target that goes first. */
  readonly base: string;
  readonly lone: boolean;
  readonly rule: WaveRule;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** The soak it ended with; less than the rule's when it was promoted. */
  readonly soakedMs?: number;
  /** Cluster ids, ascending. */
  readonly targets: readonly number[];
}

/** Healthy time, with the agent's count of losses it started from. */
export interface Soak extends Stopwatch {
  readonly lossCount: number;
  /** When its report came (unix ms), which tells reports apart, and the observed time at which it was first looked at. */
  readonly reportedAt: number;
  readonly readAt: number;
}

export interface TargetMemory {
  /** Towards the deadline; absent while it is healthy. */
  readonly clock?: Stopwatch;
  readonly soak?: Soak;
  readonly failed?: Failure;
  readonly skipped?: Note;
}

/** Where moved targets came from: what was proven healthy on them. */
export interface WayBack {
  readonly part: ReleasedPart;
  readonly clusterIds: readonly number[];
}

/** A release that was held when a newer one replaced it, and where its targets came from. */
export interface HeldRelease {
  readonly releaseId: number;
  readonly waysBack: readonly WayBack[];
}

export interface Rollback extends Note {
  /** Waves whose moved targets return. */
  readonly waves: readonly string[];
  readonly toReleaseId?: number;
}

/** A deletion set that a person allowed: once for every target that comes to wait for it. */
export interface DeletionApproval {
  readonly set: Digest;
  /** Cluster ids that have used it, ascending: the same move another time asks again. */
  readonly usedBy: readonly number[];
}

/** What one plan hands on to the next. Plain JSON. */
export interface RolloutMemory {
  readonly releaseId: number;
  readonly startedAt: number;
  /** The leader's clock at the last look, and the observed time until then: see `stopwatch`. */
  readonly looked: ClockReading;
  readonly observedMs: number;
  /** The last act taken in. */
  readonly lastAct: number;
  /** Started waves in the order in which they started. */
  readonly waves: readonly WaveMemory[];
  readonly targets: Readonly<Record<number, TargetMemory>>;
  readonly waysBack: readonly WayBack[];
  /** Earlier releases that nothing returns to. */
  readonly held: readonly HeldRelease[];
  readonly approvals: Readonly<Record<string, Note>>;
  readonly promoted: Readonly<Record<string, Note>>;
  readonly windowOverrides: Readonly<Record<string, Note>>;
  readonly approvedDeletions: readonly DeletionApproval[];
  readonly paused?: Note;
  readonly hold?: Note;
  readonly aborted?: Note;
  readonly rollback?: Rollback;
  readonly doneAt?: number;
  readonly haltedAt?: number;
}

export function startMemory(releaseId: number, now: number, looked: ClockReading): RolloutMemory {
  return {
    releaseId,
    startedAt: now,
    looked,
    observedMs: 0,
    lastAct: 0,
    waves: [],
    targets: {},
    waysBack: [],
    held: [],
    approvals: {},
    promoted: {},
    windowOverrides: {},
    approvedDeletions: [],
  };
}

/** The rule of a strategy's wave. */
export function ruleOf(wave: Wave, strategy: StrategyDefinition): WaveRule {
  const { soakMs, maxConcurrent, maxFailures, windows } = wave;
  const { deadlineMs, offline, minHealthy, onFailure } = strategy;
  return { soakMs, maxConcurrent, maxFailures, windows, deadlineMs, offline, minHealthy, onFailure };
}
