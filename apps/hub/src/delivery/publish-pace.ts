/** Between the beginnings of two desired states lies at least twice what the last one took, but no more than this. */
const LONGEST_PACE_MS = 300;
const SHARE = 2;

/**
 * How soon the next desired state may be made for one cluster. Where one takes long (hundreds of apps, a slow agent) and
 * apps change one after the other, many changes go together; a single change is never held back.
 */
export class PublishPace {
  private beganAt = -Infinity;
  private lastedMs = 0;

  /** @param now monotonic, in ms, as everywhere here */
  begin(now: number): void {
    this.beganAt = now;
  }

  /** The agent has answered. */
  end(now: number): void {
    this.lastedMs = now - this.beganAt;
  }

  waitMs(now: number): number {
    return Math.max(0, this.beganAt + Math.min(LONGEST_PACE_MS, SHARE * this.lastedMs) - now);
  }
}
