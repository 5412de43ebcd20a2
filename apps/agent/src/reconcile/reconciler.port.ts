import type { AppEntry, AppReport, Inventory, KubeObject, ObjectRef, Policy, Version } from '@flotilla/domain';

/** One app as this cluster should run it. Objects are canonical and without ownership labels. */
export interface DesiredApp {
  readonly entry: AppEntry;
  readonly objects: readonly KubeObject[];
  readonly policy: Policy;
  /** Objects of the pending bundle: nobody else prunes them (handover). */
  readonly pendingRefs: readonly ObjectRef[];
}

export interface Desired {
  readonly version: Version;
  readonly apps: readonly DesiredApp[];
}

/** What the rest of the agent tells the reconciler. */
export interface ReconcilerPort {
  /** The newest wins and supersedes running applies at once. Apps that are not named are left alone, never deleted. */
  setDesired(desired: Desired): void;
  /** All apps whose removal a person is asked about: what it would take along is looked for and reported. Replaces the former. */
  setAsked(apps: ReadonlySet<string>): void;
  /** Loads the inventories and starts to reconcile. */
  start(): Promise<void>;
  /** Stops watches and waits for running writes. */
  stop(): Promise<void>;
}

export interface SuspendableReconciler extends ReconcilerPort {
  /** Suspensions set in the cluster itself, by app: Unix ms until which nothing is applied or healed. Replaces the former. */
  setSuspended(untilByApp: ReadonlyMap<string, number>): void;
}

/** What the reconciler tells the rest of the agent. */
export interface ReconcilerEvents {
  /** Called whenever an app's report changed in something else than times and counters that grow by themselves. */
  report(report: AppReport): void;
  /** A removal (`prune` or `orphan`) is finished: nothing of the app is owned here any more. */
  removed(app: string): void;
  /** The ordered event log. */
  event(event: ReconcileEvent): void;
}

/** Keeps inventories in the cluster. A resolved `save` is durable. */
export interface InventoryStore {
  load(): Promise<ReadonlyMap<string, Inventory>>;
  /** Whether an app without an inventory must have had one that is gone. */
  isLost?(entry: AppEntry): boolean;
  save(app: string, inventory: Inventory): Promise<void>;
  remove(app: string): Promise<void>;
}

/** Time for drivers: `now` in Unix ms, `monotonic` in ms from any start. */
export interface Clock {
  now(): number;
  monotonic(): number;
}

/** One moment: `wall` (Unix ms) for people and what the cluster says, `monotonic` for every grace; it knows no clock that is set. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export function instantOf(clock: Clock): Instant {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/** What happened, in order; tests assert the whole log. */
export type ReconcileEvent =
  | { readonly type: 'passStarted'; readonly app: string; readonly version: Version }
  | { readonly type: 'inventorySaved'; readonly app: string; readonly entries: number; readonly complete: boolean }
  | { readonly type: 'applied'; readonly app: string; readonly ref: ObjectRef; readonly reason: ApplyReason }
  | { readonly type: 'adopted'; readonly app: string; readonly ref: ObjectRef; readonly from: readonly string[] }
  | { readonly type: 'released'; readonly app: string; readonly ref: ObjectRef; readonly to: string }
  | { readonly type: 'pruned'; readonly app: string; readonly ref: ObjectRef; readonly uid: string }
  | { readonly type: 'forgotten'; readonly app: string; readonly ref: ObjectRef }
  | { readonly type: 'failed'; readonly app: string; readonly ref: ObjectRef; readonly code: string }
  | { readonly type: 'waiting'; readonly app: string; readonly ref: ObjectRef | undefined; readonly code: string }
  | { readonly type: 'drifted'; readonly app: string; readonly ref: ObjectRef; readonly fields: readonly string[] }
  | { readonly type: 'superseded'; readonly app: string; readonly version: Version }
  | { readonly type: 'passCompleted'; readonly app: string; readonly version: Version };

export type ApplyReason = 'create' | 'change' | 'drift' | 'recreate' | 'adopt' | 'reclaim';
