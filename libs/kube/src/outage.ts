import { ApiFault } from './api-fault.js';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 1_000;

/**
 * Whether the API server can be reached at all. While it cannot, one call in a while finds out and all others fail at once:
 * hundreds of objects and watches that each try again would cost a good part of a core, and meet the server that returns
 * with a storm.
 */
export class Outage {
  private because: string | undefined;
  private pauseMs = 0;
  private retryAt = 0;
  private isProbing = false;

  constructor(private readonly monotonic: () => number) {}

  /**
   * To be asked before a connection is opened. True: this call is the one that finds out.
   * @throws ApiFault (Unreachable) while nobody needs to try
   */
  enter(): boolean {
    if (this.because === undefined) return false;
    if (this.isProbing || this.monotonic() < this.retryAt) throw new ApiFault('Unreachable', this.because);
    this.isProbing = true;
    return true;
  }

  /** A connection stood: whatever was answered. */
  ended(): void {
    this.because = undefined;
    this.pauseMs = 0;
  }

  /** No connection could be made. Calls that had begun together count once. */
  failed(because: string, wasProbe: boolean): void {
    if (this.because !== undefined && !wasProbe) return;
    this.because = because;
    this.pauseMs = Math.min(LAST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.pauseMs * 2));
    this.retryAt = this.monotonic() + this.pauseMs;
  }

  /** The call that was to find out is over, however it went. */
  probed(): void {
    this.isProbing = false;
  }
}
