import { uptime } from 'node:os';
import type { Clock } from './reconcile/reconciler.port.js';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Like `monotonic`, and goes on while the machine sleeps. */
export function elapsedMs(): number {
  return uptime() * 1_000;
}
