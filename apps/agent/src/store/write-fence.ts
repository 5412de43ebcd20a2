import type { WriteGuard } from '@flotilla/kube';
import { ApiFault } from '@flotilla/kube';

/** After this time without a renewal no write begins. */
export const FENCE_MS = 10_000;

/**
 * Lets writes begin only while the Lease was renewed a moment ago. With the time that a write may take at most, all of them are
 * over before another agent may take the Lease, however this one was cut off, stopped or put to sleep.
 */
export class WriteFence implements WriteGuard {
  private renewedAt: number | undefined;
  private wasClosed = false;
  private running = 0;

  /** @param elapsed ms from any start; time in which the machine sleeps counts */
  constructor(private readonly elapsed: () => number) {}

  /** Taken before a renewal is sent: it counts from then, however late its answer comes. */
  instant(): number {
    return this.elapsed();
  }

  /** True when it was closed for a while: what was known of the cluster may be old. */
  renewed(at: number): boolean {
    const late = this.wasClosed || (this.renewedAt !== undefined && this.elapsed() - this.renewedAt > FENCE_MS);
    this.wasClosed = false;
    this.renewedAt = at;
    return late;
  }

  /** For good, until it is renewed: another agent may write from now on. */
  close(): void {
    this.wasClosed ||= this.renewedAt !== undefined;
    this.renewedAt = undefined;
  }

  get isOpen(): boolean {
    return this.renewedAt !== undefined && this.elapsed() - this.renewedAt <= FENCE_MS;
  }

  /** Writes that were sent and not answered yet. */
  get inFlight(): number {
    return this.running;
  }

  begin(): void {
    if (!this.isOpen) {
      this.wasClosed ||= this.renewedAt !== undefined;
      throw new ApiFault('Fenced', 'nothing is written: this agent could not renew its Lease in time');
    }
    this.running += 1;
  }

  end(): void {
    this.running -= 1;
  }
}
