/** A Secret of the agent's own namespace. Values are raw bytes. */
export interface StoredSecret {
  readonly name: string;
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, Uint8Array>>;
}

/** The agent's own Secrets, told from others by a label. A call that resolves is durable. */
export interface Secrets {
  list(): Promise<readonly StoredSecret[]>;
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
