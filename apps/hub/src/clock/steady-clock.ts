import type { OnModuleDestroy } from '@nestjs/common';
import { Injectable } from '@nestjs/common';

const TICK_MS = 1_000;
/** The most that one step counts: longer than this the process stood still, and observed nothing. */
const LONGEST_STEP_MS = 2_000;

/**
 * Time as this process observes it: it never goes back, does not follow the wall clock when somebody sets that, and
 * stands still while the process does (stopped, its machine asleep). What must have been *observed* to count, silence above
 * all, is measured by it; wall clocks are for windows and display.
 */
@Injectable()
export class SteadyClock implements OnModuleDestroy {
  private readMs = performance.now();
  private steadyMs = 0;
  private readonly timer = setInterval(() => this.now(), TICK_MS).unref();

  constructor(private readonly monotonic: () => number = () => performance.now()) {
    this.readMs = monotonic();
  }

  /** Milliseconds since this clock was made. */
  now(): number {
    const readMs = this.monotonic();
    this.steadyMs += Math.min(LONGEST_STEP_MS, Math.max(0, readMs - this.readMs));
    this.readMs = readMs;
    return this.steadyMs;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }
}
