import type { AppEntry } from './desired-state.js';
import { entryText, orderEntries } from './hash-desired-state.js';

/** What turns one desired state into another. Nothing goes by absence: an entry vanishes only when `forget` names it. */
export interface DesiredStateDelta {
  readonly set: readonly AppEntry[];
  readonly forget: readonly string[];
}

/** The smallest delta with `applyDelta(held, delta)` equal to `wanted`. Both must name each app at most once. */
export function diffDesiredState(held: readonly AppEntry[], wanted: readonly AppEntry[]): DesiredStateDelta {
  const known = new Map(held.map((entry) => [entry.app, entry]));
  const kept = new Set(wanted.map((entry) => entry.app));
  return {
    set: orderEntries(wanted).filter((entry) => !isSame(known.get(entry.app), entry)),
    forget: orderEntries(held)
      .map((entry) => entry.app)
      .filter((app) => !kept.has(app)),
  };
}

function isSame(a: AppEntry | undefined, b: AppEntry): boolean {
  return a === b || (a !== undefined && entryText(a) === entryText(b));
}

/** The state after a delta, ordered by app. Apps the delta does not name stay as they are; forgetting an unknown app is nothing. */
export function applyDelta(held: readonly AppEntry[], delta: DesiredStateDelta): AppEntry[] {
  const entries = new Map(held.map((entry) => [entry.app, entry]));
  for (const app of delta.forget) entries.delete(app);
  for (const entry of delta.set) entries.set(entry.app, entry);
  return orderEntries([...entries.values()]);
}

export function isEmptyDelta(delta: DesiredStateDelta): boolean {
  return delta.set.length === 0 && delta.forget.length === 0;
}
