import type { Block, Health, ObjectProblem, ObjectRef, TargetLife, WavePlan } from '@flotilla/domain';
import type { StoredState } from './rollout-row.js';

/** Times are unix ms by the database's clock everywhere here. */
export interface ReleaseView {
  readonly number: number;
  readonly source: string;
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  readonly committedAt: number;
}

export interface RolloutSummary {
  /** Rises with time. */
  readonly id: string;
  readonly app: string;
  readonly release: ReleaseView;
  readonly state: StoredState;
  readonly startedAt: number;
  readonly changedAt: number;
  readonly endedAt: number | undefined;
  /** Number of the release whose rollout came next; undefined for the newest. */
  readonly replacedBy: number | undefined;
  /** The wave people should look at: the first that is not done. */
  readonly wave: string | undefined;
  /** Over all waves. */
  readonly targets: number;
  readonly healthy: number;
  readonly failed: number;
}

/** What a target of the app stands for now. */
export interface RolloutTargetView {
  readonly clusterId: number;
  readonly cluster: string;
  readonly wave: string | undefined;
  readonly life: TargetLife;
  /** Release numbers. */
  readonly allowed: number | undefined;
  readonly applied: number | undefined;
  readonly health: Health | undefined;
  readonly allowedAt: number | undefined;
  /** When what its agent reports last changed. */
  readonly reportedAt: number | undefined;
  /** When that was last confirmed. */
  readonly observedAt: number | undefined;
  /** The worst that the agent reports. */
  readonly problem: ObjectProblem | undefined;
  readonly failed: boolean;
}

export interface RolloutView extends RolloutSummary {
  readonly strategy: string;
  readonly nextLookAt: number | undefined;
  readonly waves: readonly WavePlan[];
  readonly blockedBy: readonly Block[];
  /** How many active targets are allowed each release, newest first. */
  readonly allowed: readonly { readonly release: number; readonly targets: number }[];
  readonly clusters: Readonly<Record<number, string>>;
}

/** The report from which something was concluded about a target. */
export interface EvidenceView {
  readonly cluster: string;
  /** Of the cluster's desired state that the report evaluated: generation.number. */
  readonly version: string;
  /** First digits of the digests. */
  readonly bundle: string;
  readonly policy: string;
  /** The connection it came on. */
  readonly session: string;
  readonly reportedAt: number;
}

export interface HistoryLine {
  /** Rises with time. */
  readonly id: string;
  /** Number of the release that was rolled out. */
  readonly release: number;
  readonly at: number;
  readonly kind: string;
  readonly wave: string | undefined;
  readonly cluster: string | undefined;
  readonly message: string;
  /** Clusters of an `assigned` or a `healthy` line. */
  readonly clusters: readonly string[];
  /** Of `healthy` and `failed` lines: what showed it, by cluster. */
  readonly evidence: readonly EvidenceView[];
}

export interface FailedTarget {
  readonly clusterId: number;
  readonly cluster: string;
  readonly wave: string | undefined;
  readonly reason: string;
  readonly message: string;
  readonly failedAt: number;
  readonly health: Health | undefined;
  readonly objects: number;
  readonly objectsReady: number;
  readonly problems: readonly ObjectProblem[];
  /** When what its agent reports last changed. */
  readonly reportedAt: number | undefined;
  /** When that was last confirmed. */
  readonly observedAt: number | undefined;
  /** Short digest of the bundle that is applied there. */
  readonly bundle: string | undefined;
  /** Number of the release that was proven healthy there last. */
  readonly proven: number | undefined;
}

/** What targets that are not yet allowed what they should run would delete on their way. */
export interface PlannedDeletions {
  readonly targets: number;
  readonly objects: number;
}

export interface RemovalView {
  readonly app: string;
  readonly cluster: string;
  readonly life: TargetLife;
  readonly because: string;
  readonly since: number;
  readonly objects: number;
  /** What its deletion would take along beside the app's own objects, one line for each that holds some. */
  readonly obstacles: readonly string[];
}

/** Something that waits for a person to allow it. */
export interface ApprovalView {
  readonly kind: 'wave' | 'deletion' | 'removal';
  readonly app: string;
  /** Release number. */
  readonly release: number | null;
  readonly wave: string | null;
  readonly cluster: string | null;
  readonly because: string;
  readonly since: number;
  readonly objects: readonly ObjectRef[];
  /** What the deletion would take along beside the app's own objects, one line for each that holds some. */
  readonly obstacles: readonly string[];
  /** Of `deletion`: hash of the set, to be named in the act. */
  readonly deletionSet: string | null;
}

/** The facts behind `flotilla why APP`. */
export interface WhyApp {
  readonly rollout: RolloutView | undefined;
  readonly failed: readonly FailedTarget[];
  /** Targets that are not healthy though the rollout does not count them as failed. */
  readonly unhealthy: readonly RolloutTargetView[];
  readonly removals: readonly RemovalView[];
  readonly frozenBecause: string | undefined;
  /** Commands that help, most likely first. */
  readonly next: readonly string[];
}
