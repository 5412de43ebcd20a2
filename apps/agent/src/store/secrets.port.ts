/** A Secret of the agent's own namespace. Values are raw bytes. */
export interface StoredSecret {
  readonly name: string;
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, Uint8Array>>;
}

/** The agent's own Secrets, told from others by their type, which nobody can change. A call that resolves is durable. */
export interface Secrets {
  list(): Promise<readonly StoredSecret[]>;
  /** Undefined when it is not there. */
  find(name: string): Promise<StoredSecret | undefined>;
  /** Tells of every version of every Secret that the cluster has or gets; undefined when it is gone. Until the signal aborts. */
  follow(signal: AbortSignal, seen: (name: string, resourceVersion: string | undefined) => void): Promise<void>;
  /** @throws Fault conflict when one of this name is there. */
  create(name: string, data: StoredSecret['data']): Promise<StoredSecret>;
  /**
   * Changes some keys (undefined removes) of the Secret as it was at `resourceVersion`.
   * @throws Fault conflict when somebody changed it meanwhile, notFound when it is gone.
   */
  patch(
    name: string,
    resourceVersion: string,
    data: Readonly<Record<string, Uint8Array | undefined>>,
  ): Promise<StoredSecret>;
  /** Nothing when it is not there. */
  remove(name: string): Promise<void>;
}
