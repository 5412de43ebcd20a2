import type { Digest, ObjectRef } from '../json/index.js';
import { digestJson, refKey } from '../json/index.js';
import type { InventoryEntry } from './inventory.js';
import type { ApplyInput } from './apply-plan.js';

/** Objects that would be deleted, named by one hash: equal on every target with the same set. */
export interface DeletionSet {
  readonly hash: Digest;
  readonly refs: readonly ObjectRef[];
}

export function deletionSetOf(refs: readonly ObjectRef[]): DeletionSet {
  const byKey = new Map(
    refs.map(({ group, kind, namespace, name }) => [
      refKey({ group, kind, namespace, name }),
      { group, kind, namespace, name },
    ]),
  );
  const keys = [...byKey.keys()].sort();
  return { hash: digestJson(keys), refs: keys.map((key) => byKey.get(key) as ObjectRef) };
}

/**
 * Judges what would be deleted and was not judged before: inside the budget (the larger of objects and percent of the
 * inventory, and no kind in `confirm`), or approved by hash, else it waits. A removal was decided as such by the hub.
 */
export function judgeDeletions(
  input: Pick<ApplyInput, 'life' | 'inventory' | 'budget' | 'approvedDeletions'>,
  leaving: readonly InventoryEntry[],
): { readonly approved: boolean; readonly waiting: DeletionSet | undefined } {
  const open = leaving.filter((entry) => !entry.doomed);
  if (open.length === 0 || input.life === 'prune') return { approved: false, waiting: undefined };
  const set = deletionSetOf(open);
  if (input.approvedDeletions.includes(set.hash)) return { approved: true, waiting: undefined };
  return { approved: false, waiting: isWithinBudget(input, open) ? undefined : set };
}

function isWithinBudget(input: Pick<ApplyInput, 'inventory' | 'budget'>, leaving: readonly InventoryEntry[]): boolean {
  const { maxDeletes, confirm } = input.budget;
  if (leaving.some((entry) => confirm.includes(entry.kind))) return false;
  const byPercent = Math.floor((input.inventory.entries.length * maxDeletes.percent) / 100);
  return leaving.length <= Math.max(maxDeletes.objects, byPercent);
}
