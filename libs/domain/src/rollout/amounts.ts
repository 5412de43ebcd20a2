import type { Amount } from '../definitions/index.js';

/** How many targets of a wave may be in flight at once: at least one, so that small waves move. */
export function concurrencyOf(amount: Amount, targets: number): number {
  return Math.max(1, 'count' in amount ? amount.count : Math.floor((targets * amount.percent) / 100));
}

/** How many targets of a wave may fail. 0 means none. */
export function failuresOf(amount: Amount, targets: number): number {
  return 'count' in amount ? amount.count : Math.floor((targets * amount.percent) / 100);
}

/** How many targets of a wave must be healthy before it is done: never 0 while it has any, never more than it has. */
export function minHealthyOf(amount: Amount, targets: number): number {
  const wanted = 'count' in amount ? amount.count : Math.ceil((targets * amount.percent) / 100);
  return Math.min(targets, Math.max(1, wanted));
}
