import type { Version } from '../desired-state/index.js';
import type { Digest } from '../json/index.js';
import type { TargetLife } from '../release/index.js';
import type { ReleasedPart } from './facts.js';
import type { Failure, RolloutMemory } from './memory.js';

export type RolloutState = 'running' | 'paused' | 'held' | 'halted' | 'rolledBack' | 'aborted' | 'done';

/** `empty`: none of its targets differs from the release. */
export type WavePhase = 'empty' | 'waiting' | 'running' | 'soaking' | 'done' | 'failed';

/**
 * Where a target of a wave stands. inFlight: assigned, not yet healthy · unknown: was healthy, no fresh evidence ·
 * silent: its cluster is away · waiting: not assigned yet.
 */
export type TargetStanding = 'waiting' | 'inFlight' | 'healthy' | 'unknown' | 'silent' | 'failed' | 'skipped';

export type BlockKind =
  | 'hubIsolated'
  | 'newLeader'
  | 'hold'
  | 'aborted'
  | 'rolledBack'
  | 'paused'
  | 'failureBudget'
  | 'earlierWave'
  | 'approval'
  | 'window'
  | 'maxConcurrent'
  | 'health'
  | 'soak'
  | 'minHealthy'
  | 'silent'
  | 'dependsOn'
  | 'suspended'
  | 'deletionApproval'
  | 'removalApproval'
  | 'removing'
  | 'skipped';

/** Why something does not happen. */
export interface Block {
  readonly kind: BlockKind;
  /** Whom or what it waits for: an app, a wave, a cluster, a person's name, a window. */
  readonly who: string;
  /** Unix ms. */
  readonly since: number;
  /** What lets it go on, for people. */
  readonly unblocks: string;
  readonly wave?: string;
  /** Name. */
  readonly cluster?: string;
}

export interface WavePlan {
  readonly name: string;
  readonly phase: WavePhase;
  /** One target goes alone first because no canary changed. */
  readonly noCanary: boolean;
  readonly targets: number;
  readonly counts: Readonly<Record<TargetStanding, number>>;
  readonly maxConcurrent: number;
  readonly maxFailures: number;
  readonly minHealthy: number;
  readonly soakMs: number;
  /** Least healthy time over its targets, observed; 0 while one is not healthy. Of a done wave: when it was done. */
  readonly soakedMs: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** Cluster ids, in the order in which they are taken. */
  readonly clusterIds: readonly number[];
}

export interface PlannedAssignment extends ReleasedPart {
  readonly clusterId: number;
}

export interface PlannedFailure extends Failure {
  readonly clusterId: number;
  readonly wave: string;
  /** The report that shows it; undefined when silence or time does. */
  readonly evidence: EvidenceNote | undefined;
}

/** What a report said that something was concluded from, for history. */
export interface EvidenceNote {
  /** Version of the cluster's desired state that it evaluated. */
  readonly evaluated: Version;
  readonly bundle: Digest;
  readonly policy: Digest;
  readonly sessionId: string;
  /** Unix ms by the database's clock. */
  readonly reportedAt: number;
}

/** A target that is seen healthy on the release, for the first time or again after a loss. */
export interface SeenHealthy extends EvidenceNote {
  readonly clusterId: number;
  readonly wave: string;
}

export interface PlannedRemoval {
  readonly clusterId: number;
  readonly to: TargetLife;
  readonly because: string;
}

/** What happened in this plan, for history. */
export interface RolloutStep {
  readonly kind:
    | 'started'
    | 'startedOver'
    | 'waveStarted'
    | 'waveDone'
    | 'assigned'
    | 'failed'
    | 'returned'
    | 'held'
    | 'acted'
    | 'halted'
    | 'done';
  readonly wave?: string;
  readonly clusterId?: number;
  readonly message: string;
}

/** What to do now, why the rest waits, and when to look again. */
export interface RolloutPlan {
  readonly assignments: readonly PlannedAssignment[];
  readonly failures: readonly PlannedFailure[];
  /** In the order of waves and names. */
  readonly seenHealthy: readonly SeenHealthy[];
  /** Assignments of what was proven before. */
  readonly rollbacks: readonly PlannedAssignment[];
  /** Clusters on which the agent should try again what it was allowed. */
  readonly retries: readonly number[];
  /** Deletion sets that were approved and wait on a cluster. */
  readonly deletions: readonly { readonly clusterId: number; readonly set: Digest }[];
  readonly removals: readonly PlannedRemoval[];
  readonly holds: readonly { readonly releaseId: number; readonly reason: string }[];
  readonly waves: readonly WavePlan[];
  readonly rolloutState: RolloutState;
  readonly blockedBy: readonly Block[];
  readonly steps: readonly RolloutStep[];
  /** Unix ms, in the future; undefined when nothing waits. */
  readonly nextLookAt: number | undefined;
  readonly memory: RolloutMemory;
}
