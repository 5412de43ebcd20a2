import type { Json, JsonObject } from '../json.js';
import { numberAt, objectAt } from '../json.js';

/** A ReplicaSet in numbers: wanted, existing, and available Pods. */
export interface SetSize {
  readonly replicas: number;
  readonly pods: number;
  readonly available: number;
}

/** How many Pods may be too many or missing during an update; a percentage of surge rounds up, of unavailability down. */
export function resolveLimits(spec: JsonObject): { maxSurge: number; maxUnavailable: number } {
  const replicas = numberAt(spec, 'replicas');
  const rolling = objectAt(spec, 'strategy', 'rollingUpdate');
  if (objectAt(spec, 'strategy').type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = resolve(rolling.maxSurge, replicas, Math.ceil);
  const maxUnavailable = resolve(rolling.maxUnavailable, replicas, Math.floor);
  return { maxSurge, maxUnavailable: Math.min(replicas, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable) };
}

/** A count, or a percentage of a whole. */
export function resolve(value: Json | undefined, whole: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return 0;
  return value.endsWith('%') ? round((Number.parseInt(value, 10) * whole) / 100) : Number(value);
}

/** Sizes that the sets should take now, the new one first: one step of the Deployment controller. */
export function planRollingUpdate(
  spec: JsonObject,
  { fresh, old }: { fresh: SetSize; old: readonly SetSize[] },
): number[] {
  const replicas = numberAt(spec, 'replicas');
  if (objectAt(spec, 'strategy').type === 'Recreate') {
    const gone = old.every((set) => set.replicas === 0 && set.pods === 0);
    return [gone ? replicas : Math.min(fresh.replicas, replicas), ...old.map(() => 0)];
  }
  const { maxSurge, maxUnavailable } = resolveLimits(spec);
  const total = fresh.replicas + sum(old, 'replicas');
  const up = Math.max(0, Math.min(replicas - fresh.replicas, replicas + maxSurge - total));
  const wanted = fresh.replicas > replicas ? replicas : fresh.replicas + up;
  return [wanted, ...shrink({ ...fresh, replicas: wanted }, old, replicas - maxUnavailable)];
}

/** Unavailable old Pods go first, then available ones as far as the minimum allows. */
function shrink(fresh: SetSize, old: readonly SetSize[], minAvailable: number): number[] {
  const freshMissing = fresh.replicas - fresh.available;
  let spare = fresh.replicas + sum(old, 'replicas') - minAvailable - freshMissing;
  // Pods that have just been given up may still count as available: the sum of replicas is the guard.
  if (spare <= 0) return old.map((set) => set.replicas);
  const cleaned = old.map((set) => {
    const gone = Math.min(spare, Math.max(0, set.replicas - set.available));
    spare -= gone;
    return { ...set, replicas: set.replicas - gone };
  });
  let free = Math.max(0, fresh.available + sum(old, 'available') - minAvailable);
  return cleaned.map((set) => {
    const gone = Math.min(free, set.replicas);
    free -= gone;
    return set.replicas - gone;
  });
}

function sum(sets: readonly SetSize[], field: keyof SetSize): number {
  return sets.reduce((total, set) => total + set[field], 0);
}
