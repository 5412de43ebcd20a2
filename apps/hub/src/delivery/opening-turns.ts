/** Sessions opened at the same time: what the connections to the database serve without waiting for each other. */
const AT_ONCE = 16;
/** Who waited longer gives up soon: work for it would be lost, and those behind it would come too late as well. */
const STALE_MS = 20_000;

interface Waiting {
  readonly sinceMs: number;
  readonly begin: (isLate: boolean) => void;
}

/**
 * A fleet that comes back is let in some at a time, in the order in which it came. However many come at once, those who are
 * served are served in time.
 */
export class OpeningTurns {
  private running = 0;
  private readonly waiting = new Set<Waiting>();

  /** @param now monotonic, in ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Undefined, and nothing done, when its turn came too late. */
  async take<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (await this.isLate()) return undefined;
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  private isLate(): Promise<boolean> {
    return new Promise((begin) => {
      this.waiting.add({ sinceMs: this.now(), begin });
      this.next();
    });
  }

  private next(): void {
    for (const one of this.waiting) {
      if (this.running >= AT_ONCE) return;
      this.waiting.delete(one);
      const isLate = this.now() - one.sinceMs > STALE_MS;
      if (!isLate) this.running += 1;
      one.begin(isLate);
    }
  }
}
