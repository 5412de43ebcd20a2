/**
 * Reports that are being stored, and up to which one all are. Adding waits while too many are under way: with nobody
 * reading, gRPC's flow control holds the agent back.
 */
export class StoredSequence {
  private readonly waiting = new Set<bigint>();
  private highest = 0n;
  private told = 0n;
  private wake: (() => void) | undefined;
  private failure: Error | undefined;

  constructor(
    private readonly limit: number,
    private readonly tell: (sequence: bigint) => void,
  ) {}

  /** @throws the error of an earlier report that could not be stored: the agent must send it again in a new session. */
  async add(sequence: bigint, storing: Promise<void>): Promise<void> {
    this.waiting.add(sequence);
    if (sequence > this.highest) this.highest = sequence;
    storing.then(
      () => this.settle(sequence),
      (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))),
    );
    while (this.failure === undefined && this.waiting.size >= this.limit) await this.next();
    if (this.failure !== undefined) throw this.failure;
  }

  private settle(sequence: bigint): void {
    this.waiting.delete(sequence);
    const upTo = this.storedUpTo();
    if (upTo > this.told) this.tell((this.told = upTo));
    this.wake?.();
  }

  private storedUpTo(): bigint {
    let lowest: bigint | undefined;
    for (const sequence of this.waiting) if (lowest === undefined || sequence < lowest) lowest = sequence;
    return lowest === undefined ? this.highest : lowest - 1n;
  }

  private fail(error: Error): void {
    this.failure = error;
    this.wake?.();
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
