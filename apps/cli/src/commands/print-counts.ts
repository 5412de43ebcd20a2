import type { Paint } from '../output/paint.js';
import { paintState } from '../output/paint.js';

const ORDER = ['healthy', 'failed', 'drifted', 'progressing', 'updating', 'pending', 'suspended', 'leaving', 'unknown'];

/** `5 healthy, 1 failed`: counts by state, what is well first; `-` when there is nothing to count. */
export function printCounts(counts: Readonly<Record<string, number>>, paint: Paint): string {
  const states = Object.keys(counts).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return states.map((state) => `${counts[state]} ${paintState(paint, state)}`).join(', ') || '-';
}
