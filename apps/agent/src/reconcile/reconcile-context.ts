import type { KubeClient } from '@flotilla/kube';
import type { ResourceWatches } from '../observe/resource-watches.js';
import type { Limiter } from './limiter.js';
import type { OwnerIndex } from './owner-index.js';
import type { Clock, InventoryStore, ReconcilerEvents } from './reconciler.port.js';

/** What apps of the same cluster know of each other. */
export interface ClusterView {
  /** By refKey: the other app whose allowed or desired bundle wants the object. */
  claims(app: string): ReadonlyMap<string, string>;
  /** By refKey: the other app whose inventory holds the object. */
  owners(app: string): ReadonlyMap<string, string>;
  /** The app that has to be healthy (or, for a removal, gone) first; undefined when none. */
  waitsFor(app: string): string | undefined;
  /** Something changed that another app may wait for; of any app when it is empty. */
  poke(app: string): void;
  /** Whether the app waits for another: only such an app is poked. */
  noteWaiting(app: string, isWaiting: boolean): void;
  /** The kind may have come: ask discovery anew, not more often than sensible. */
  missesKind(): void;
  /** Takes over the inventories of the app's former names. */
  takeOver(app: string): Promise<void>;
  /** A CRD of ours was established. */
  kindEstablished(): void;
}

export interface ReconcileContext {
  readonly client: KubeClient;
  readonly watches: ResourceWatches;
  readonly store: InventoryStore;
  readonly events: ReconcilerEvents;
  readonly clock: Clock;
  readonly calls: Limiter;
  readonly cluster: ClusterView;
  readonly owners: OwnerIndex;
}
