import { Injectable } from '@nestjs/common';

/** What happens inside the hub, always told after the transaction that made it true. Names say what is true now. */
export interface HubEventMap {
  /** A source points at another commit. */
  readonly sourceMoved: { readonly source: string; readonly commit: string };
  /** A source that failed can be fetched again; its commit is the same. */
  readonly sourceRecovered: { readonly source: string };
  /** Clusters joined, left, or changed labels, values or listed facts: targets may differ. */
  readonly clusterFactsChanged: { readonly clusterIds: readonly number[] };
  /** Releases, parts or policies of apps changed, or which targets they have. */
  readonly partsChanged: { readonly appIds: readonly number[] };
  /** Strategies, windows, groups or labels of clusters may differ: what waits is planned again. */
  readonly definitionsChanged: Readonly<Record<string, never>>;
  /** Reports were stored. */
  readonly reportsStored: { readonly clusterId: number; readonly appIds: readonly number[] };
  /** A person removes a cluster, by prune or orphan: its apps' targets leave. */
  readonly clusterLeaves: { readonly clusterId: number };
  /** Somebody acted on an app's rollout. */
  readonly acted: { readonly appIds: readonly number[] };
  /** What clusters are allowed to run changed; their desired-state number has risen. */
  readonly assigned: { readonly clusterIds: readonly number[] };
  /** A desired state was sent to an agent. */
  readonly published: { readonly clusterId: number };
  /** An agent has finished the removal of an app (pruned or orphaned): the target can be forgotten. */
  readonly targetRemoved: { readonly app: string; readonly clusterId: number };
  readonly sessionOpened: { readonly clusterId: number; readonly sessionId: string };
  /** `silentForMs`: since its last message. */
  readonly sessionClosed: { readonly clusterId: number; readonly sessionId: string; readonly silentForMs: number };
  /** A cluster's agents must be cut off within seconds: revoked, quarantined or removed. */
  readonly accessWithdrawn: { readonly clusterId: number; readonly reason: string };
  /** For people and streams: something that the API shows is different now. */
  readonly changed: ChangeNotice;
}

/** A line of the live stream. `names` are app, cluster, source or token names, as the API shows them. */
export interface ChangeNotice {
  readonly kind: 'app' | 'cluster' | 'target' | 'release' | 'rollout' | 'source' | 'problem' | 'token';
  readonly app?: string;
  readonly cluster?: string;
  readonly name?: string;
  /** One line, e.g. `web #5 applied on eu-1`. */
  readonly message: string;
}

type Listener<K extends keyof HubEventMap> = (event: HubEventMap[K]) => void;

/** Connects capabilities without imports between them. Listeners run at once and in order; they must not throw. */
@Injectable()
export class HubEvents {
  private readonly listeners = new Map<keyof HubEventMap, Set<Listener<never>>>();

  on<K extends keyof HubEventMap>(name: K, listener: Listener<K>): () => void {
    const set = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  emit<K extends keyof HubEventMap>(name: K, event: HubEventMap[K]): void {
    for (const listener of this.listeners.get(name) ?? []) (listener as Listener<K>)(event);
  }
}
