import type { StrategyDefinition, WindowDefinition } from '../definitions/index.js';
import type { Version } from '../desired-state/index.js';
import type { Digest } from '../json/index.js';
import type { Groups } from '../match/index.js';
import type { OnDelete } from '../policy/index.js';
import type { AppPhase, Health } from '../report/index.js';
import type { RolloutMemory } from './memory.js';
import type { ClockReading } from './stopwatch.js';
import type { TargetLife } from '../release/index.js';

/** What a target runs, or should: content and how it is applied and judged. */
export interface TargetPart {
  readonly bundle: Digest;
  readonly policy: Digest;
}

/** A part that belongs to a release. */
export interface ReleasedPart extends TargetPart {
  readonly releaseId: number;
}

/** The part a target is allowed to run now. */
export interface Assignment extends ReleasedPart {
  /** Version of the cluster's desired state since which it stands. */
  readonly since: Version;
  /** Unix ms by the database's clock. */
  readonly at: number;
}

/** The newest report of a target. */
export interface Observation {
  readonly sessionId: string;
  readonly evaluated: Version;
  /** Digests of the last complete pass. */
  readonly bundle: Digest | undefined;
  readonly policy: Digest | undefined;
  /** What is being applied or was applied last. Only a failure counts for it. */
  readonly attempted: TargetPart | undefined;
  readonly phase: AppPhase;
  readonly health: Health;
  readonly healthyForMs: number;
  readonly lossCount: number;
  readonly failedFast: boolean;
  /** The deletion set that waits for an approval. */
  readonly deletionSet: Digest | undefined;
  /** One line about the worst problem; empty when there is none. */
  readonly problem: string;
  /** Unix ms by the database's clock. */
  readonly reportedAt: number;
}

/** An app that must be healthy on the same cluster first, and how far it is. */
export interface DependencyFact {
  readonly app: string;
  readonly state: 'ready' | 'notTargeted' | 'notAllowed' | 'notHealthy';
}

/** Everything known of one target when its rollout is planned. */
export interface RolloutTarget {
  readonly clusterId: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly life: TargetLife;
  /** Unix ms by the database's clock. */
  readonly lifeSince: number;
  readonly onDelete: OnDelete;
  /** Its cluster is being removed, and a person said what becomes of its objects; the target does not stay. */
  readonly clusterRemoval?: 'prune' | 'orphan';
  /** Its part of the newest release. */
  readonly desired: TargetPart | undefined;
  readonly allowed: Assignment | undefined;
  /** The last part that was healthy on this cluster. */
  readonly proven: ReleasedPart | undefined;
  readonly observation: Observation | undefined;
  /** The cluster's live session. */
  readonly sessionId: string | undefined;
  /** For display: unix ms by the database's clock; undefined: never. */
  readonly lastSeenAt: number | undefined;
  /** How long it was not heard, of the time that this hub observed; undefined: it was never heard. */
  readonly silentForMs: number | undefined;
  /** Unix ms; 0: not suspended. */
  readonly suspendedUntil: number;
  readonly approvedDeletions: readonly Digest[];
  readonly dependencies: readonly DependencyFact[];
}

export type ActKind =
  | 'approve'
  | 'pause'
  | 'resume'
  | 'promote'
  | 'retry'
  | 'skip'
  | 'abort'
  | 'rollback'
  | 'hold'
  | 'clear'
  | 'overrideWindow'
  | 'approveDeletion'
  | 'approveRemoval'
  | 'orphanRemoval'
  | 'cancelRemoval'
  | 'suspendApp'
  | 'resumeApp';

/** What somebody did about a release. */
export interface RolloutAct {
  /** Rises with time. */
  readonly id: number;
  readonly kind: ActKind;
  readonly wave?: string;
  readonly clusterId?: number;
  readonly actor: string;
  readonly reason: string;
  /** Unix ms by the database's clock. */
  readonly at: number;
  /** Of `approveDeletion`. */
  readonly deletionSet?: Digest;
  /** Of `rollback`: the release to return to; without it each target returns to what was proven on it. */
  readonly toReleaseId?: number;
}

/** How far the hub itself can be trusted to judge. */
export interface HubFacts {
  /** For display: unix ms by the database's clock at which this hub became leader. */
  readonly leaderSince: number;
  /** How long it has led, as it observed that itself. */
  readonly ledForMs: number;
  /** What clocks of rollouts run on. */
  readonly clock: ClockReading;
  /** A new leader fails, times out and rolls back nothing for so long. */
  readonly graceMs: number;
  /** A cluster not heard for so long is silent: three heartbeats. */
  readonly silentAfterMs: number;
  /** Unix ms since which too many clusters are silent at once to blame them: see `detectIsolation`. */
  readonly isolatedSince: number | undefined;
}

/** What left within the guard's window (24 h): the mass-removal guard counts it with what leaves now. */
export interface Departures {
  /** Clusters that the app left within the window, whatever became of it there; those it is back on are ignored. */
  readonly clusterIds: readonly number[];
  /** The rest of the fleet: targets of other apps that left within the window, and how many there are with them. */
  readonly elsewhere: { readonly left: number; readonly targets: number };
}

/** All that `planRollout` decides from. The order of lists means nothing. */
export interface RolloutFacts {
  readonly app: string;
  readonly release: { readonly id: number; readonly number: number };
  readonly strategy: StrategyDefinition;
  readonly groups: Groups;
  readonly windows: Readonly<Record<string, WindowDefinition>>;
  readonly targets: readonly RolloutTarget[];
  /** Acts on this release; those already taken in are ignored. */
  readonly acts: readonly RolloutAct[];
  readonly hub: HubFacts;
  readonly departures?: Departures;
  /** What the last plan for this release handed on; undefined at its first. */
  readonly memory: RolloutMemory | undefined;
  /** Parts of the release that a `rollback` act named, by cluster. */
  readonly returnTo?: Readonly<Record<number, ReleasedPart>>;
}

export function samePart(a: TargetPart | undefined, b: TargetPart | undefined): boolean {
  return a !== undefined && b !== undefined && a.bundle === b.bundle && a.policy === b.policy;
}
