/** Who this agent is to the hub. Keys and certificates are PEM. */
export interface Identity {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly key: string;
  readonly certificate: string;
  /** Certificates of the authorities to accept, one after the other. */
  readonly trust: string;
  /** host:port of the hub's agents listener. */
  readonly agentsAddress: string;
  /** Id of the join token it came from: another token means that a person wants it to join anew. */
  readonly joinTokenId: string;
}

/**
 * Keeps the identity, and the key of a certificate that was asked for and has not come yet: it is stored before the
 * hub hears of it, so that a lost answer can be asked for again with the same key.
 */
export interface IdentityStore {
  load(): Promise<Identity | undefined>;
  /** Replaces the identity and forgets the pending key. */
  save(identity: Identity): Promise<void>;
  loadPendingKey(): Promise<string | undefined>;
  savePendingKey(key: string): Promise<void>;
}

/** Identity of a simulated agent. */
export class MemoryIdentity implements IdentityStore {
  private identity: Identity | undefined;
  private pendingKey: string | undefined;

  load(): Promise<Identity | undefined> {
    return Promise.resolve(this.identity);
  }

  save(identity: Identity): Promise<void> {
    this.identity = identity;
    this.pendingKey = undefined;
    return Promise.resolve();
  }

  loadPendingKey(): Promise<string | undefined> {
    return Promise.resolve(this.pendingKey);
  }

  savePendingKey(key: string): Promise<void> {
    this.pendingKey = key;
    return Promise.resolve();
  }
}
