import type { FieldSet } from './managed-fields.js';
import { printFields } from './managed-fields.js';

/** One conflict as the API server names it. */
export interface FieldConflict {
  readonly manager: string;
  /** E.g. `.spec.replicas`. */
  readonly field: string;
}

/**
 * Drift is not a conflict: what we held and another manager now holds is drift and is taken back. What we never held is a
 * claim of the other manager.
 */
export function splitConflicts(
  conflicts: readonly FieldConflict[],
  held: FieldSet,
): { readonly drifts: readonly FieldConflict[]; readonly claims: readonly FieldConflict[] } {
  const ours = printFields(held);
  const isHeld = ({ field }: FieldConflict): boolean =>
    ours.some(
      (path) =>
        path === field ||
        field.startsWith(`${path}.`) ||
        field.startsWith(`${path}[`) ||
        path.startsWith(`${field}.`) ||
        path.startsWith(`${field}[`),
    );
  return { drifts: conflicts.filter(isHeld), claims: conflicts.filter((conflict) => !isHeld(conflict)) };
}

/** `conflict with "kubectl-scale" with subresource "scale" using apps/v1` → `kubectl-scale`. */
export function parseConflictManager(message: string): string {
  return /conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? '';
}
