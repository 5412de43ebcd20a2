export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const MAX_KEYS = 10_000;

/** A token bucket per key, bounded: when too many keys are known, full buckets are forgotten first, then all. */
export class RateLimit {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(
    private readonly rate: Rate,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False when the key has used up its rate. */
  take(key: string): boolean {
    const bucket = this.bucketOf(key);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Undoes a `take` that turned out to be welcome. */
  giveBack(key: string): void {
    const bucket = this.buckets.get(key);
    if (bucket) bucket.tokens = Math.min(this.rate.burst, bucket.tokens + 1);
  }

  private bucketOf(key: string): { tokens: number; at: number } {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? this.insert(key, now);
    bucket.tokens = this.filled(bucket, now);
    bucket.at = now;
    return bucket;
  }

  private insert(key: string, now: number): { tokens: number; at: number } {
    if (this.buckets.size >= MAX_KEYS) this.forget(now);
    const bucket = { tokens: this.rate.burst, at: now };
    this.buckets.set(key, bucket);
    return bucket;
  }

  private forget(now: number): void {
    for (const [key, bucket] of this.buckets) {
      if (this.filled(bucket, now) >= this.rate.burst) this.buckets.delete(key);
    }
    if (this.buckets.size >= MAX_KEYS) this.buckets.clear();
  }

  private filled({ tokens, at }: { tokens: number; at: number }, now: number): number {
    return Math.min(this.rate.burst, tokens + ((now - at) / 1_000) * this.rate.perSecond);
  }
}
