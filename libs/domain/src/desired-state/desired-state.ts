import type { Digest } from '../json/index.js';
import type { AppMode } from '../policy/index.js';
import type { Version } from './version.js';

/** active: apply and heal · prune: delete what the inventory owns · orphan: let it live unowned. */
export type AppLife = 'active' | 'prune' | 'orphan';

/** One app's entry in the desired state of a cluster: an assignment and what surrounds it. */
export interface AppEntry {
  readonly app: string;
  readonly bundle: Digest;
  readonly policy: Digest;
  readonly life: AppLife;
  readonly mode: AppMode;
  /** Bundle of the newest release while it is not allowed yet: what it wants is not pruned by others (handover). */
  readonly pendingBundle: Digest | undefined;
  /** Hashes of deletion sets that were approved for this target, sorted. */
  readonly approvedDeletions: readonly Digest[];
  /** Unix ms until which the app is suspended here; 0 when it is not. */
  readonly suspendedUntil: number;
  /** Rises with each `retry`. */
  readonly retry: number;
  /** Version at which this entry last changed: evidence must have evaluated at least this one. */
  readonly since: Version;
}

/** What a cluster should run: all its assignments, with a version and a hash over the entries. */
export interface DesiredState {
  readonly version: Version;
  readonly apps: readonly AppEntry[];
}
