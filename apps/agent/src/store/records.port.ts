/**
 * Named values that survive the agent. A resolved write is durable; each is all or nothing by itself. There is one writer,
 * guarded by the Lease.
 */
export interface Records {
  /** Everything that is stored, read once at the start. */
  load(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Equal content is not written again. */
  put(key: string, value: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}
