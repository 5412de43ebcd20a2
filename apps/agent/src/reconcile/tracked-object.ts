import type {
  DriftItem,
  HealthVerdict,
  IgnoredPaths,
  InventoryEntry,
  KubeObject,
  LiveObject,
  ObjectProblem,
  ObjectRef,
  ObservedObject,
  WantedObject,
} from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';

/** What is wanted of an object: what would be applied, before ignored paths are taken out. */
export interface Wanted extends WantedObject {
  readonly object: KubeObject;
}

/** As it was applied, with the paths that were left to others then. */
export interface Before extends Wanted {
  readonly ignored: IgnoredPaths;
}

export interface Drift {
  readonly resourceVersion: string;
  readonly items: readonly DriftItem[];
}

/** All the reconciler knows of one object of an app. Live objects themselves are not kept, only what was found in them. */
export interface TrackedObject {
  readonly ref: ObjectRef;
  readonly key: string;
  type: ResourceType | undefined;
  wanted: Wanted | undefined;
  /** What was applied last, when something else is wanted now: healed by while that has to wait. */
  before: Before | undefined;
  entry: InventoryEntry | undefined;
  /** Undefined: must be read before it is planned with. */
  live: LiveObject | undefined;
  verdict: HealthVerdict;
  /** Kept while it is needed to judge drift or to explain what is not healthy. */
  raw: KubeObject | undefined;
  /** Paths that are left to others of what is wanted. */
  asApplied: IgnoredPaths | undefined;
  /** Paths of what is wanted that the cluster fills in by itself. */
  filled: readonly string[];
  /** An autoscaler scales it. */
  scaled: boolean;
  /** Monotonic ms of our last change; 0 when there was none. */
  changedAt: number;
  /** A write was refused: to be read again before the next try. */
  stale: boolean;
  /** The watch of its type is broken: what is known may be old. */
  blind: boolean;
  /** What differs from what we applied, judged by a dry-run at this resource version. */
  drift: Drift | undefined;
  /** Resource version at which a dry-run said that what is wanted is not there yet. */
  judgedAt: string;
  /** Mode `observe`: what dry-runs found. */
  observed: ObservedObject | undefined;
  /** Monotonic ms since which it has been seen terminating. */
  terminatingSince: number | undefined;
  /** Of a claim: its storage class binds at the first consumer. */
  waitsForConsumer: boolean;
  /** Of a claim: the volume it was bound to when last seen. */
  volume: string;
  problem: ObjectProblem | undefined;
  attempts: number;
  retryAt: number;
  /** Monotonic times of heals within the last minute. */
  heals: number[];
  /** While a write runs, events are put here and judged afterwards. */
  writing: Promise<void> | undefined;
  missed: KubeObject | undefined;
}

const UNREAD: HealthVerdict = { health: 'unknown', code: 'unread', message: 'not read yet' };

export function trackObject(ref: ObjectRef, key: string): TrackedObject {
  return {
    ref,
    key,
    type: undefined,
    wanted: undefined,
    before: undefined,
    entry: undefined,
    live: undefined,
    verdict: UNREAD,
    raw: undefined,
    asApplied: undefined,
    filled: [],
    scaled: false,
    changedAt: 0,
    stale: false,
    blind: false,
    drift: undefined,
    judgedAt: '',
    observed: undefined,
    terminatingSince: undefined,
    waitsForConsumer: false,
    volume: '',
    problem: undefined,
    attempts: 0,
    retryAt: 0,
    heals: [],
    writing: undefined,
    missed: undefined,
  };
}

/** Resource versions of one object are ordered numbers on every API server that stores in etcd; others count as newer. */
export function isNewer(version: string, than: string): boolean {
  if (!/^\d+$/.test(version) || !/^\d+$/.test(than)) return version !== than;
  return version.length === than.length ? version > than : version.length > than.length;
}
