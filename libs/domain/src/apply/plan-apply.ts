import { refKey } from '../json/index.js';
import type { ApplyInput, ApplyPlan, ApplyStep, ApplyWait, ObjectApply } from './apply-plan.js';
import { isOurs, liveOf, refOnly } from './apply-plan.js';
import type { Inventory, InventoryEntry } from './inventory.js';
import { intendedEntry } from './inventory.js';
import type { DeletionSet } from './judge-deletions.js';
import { judgeDeletions } from './judge-deletions.js';
import { FOUNDATION_PHASE } from './order-objects.js';
import type { SortedLeaving } from './sort-leaving.js';
import { sortLeaving } from './sort-leaving.js';
import type { SortedWanted } from './sort-wanted.js';
import { sortWanted } from './sort-wanted.js';

/**
 * What has to be done so that the cluster holds what is wanted: ordered steps with reasons. Run again on its own result it has
 * nothing to do. Nothing outside wanted and inventory is ever touched.
 */
export function planApply(input: ApplyInput): ApplyPlan {
  if (input.life === 'orphan') return planOrphan(input);
  if (input.life === 'active' && input.wanted.length === 0 && input.inventory.entries.length > 0) {
    return { ...nothingTodo(input), refused: 'emptyBundle' };
  }
  const sorted = sortWanted(input);
  if (input.healOnly === true) return heldBack(input, sorted, undefined);
  const leaving = sortLeaving(input);
  const judged = judgeDeletions(input, [...leaving.doomed, ...leaving.unread, ...missingInForce(input)]);
  if (judged.waiting !== undefined) return heldBack(input, sorted, judged.waiting);
  const doomed = judged.approved ? [...leaving.doomed, ...leaving.unread] : leaving.doomed;
  return order(input, { sorted, leaving, doomed: new Set(doomed.map((entry) => refKey(entry))) });
}

/**
 * What is to be dropped and was deleted by hand meanwhile: as long as it would be made again it counts, so that a set that waits
 * for its approval does not shrink below the budget.
 */
function missingInForce(input: ApplyInput): InventoryEntry[] {
  const wanted = new Set(input.wanted.map(({ ref }) => refKey(ref)));
  const inForce = new Set((input.inForce ?? []).map(({ ref }) => refKey(ref)));
  return input.inventory.entries.filter((entry) => {
    const key = refKey(entry);
    if (wanted.has(key) || !inForce.has(key) || entry.finished || entry.doomed) return false;
    return !input.claims.has(key) && liveOf(input, entry).state === 'absent';
  });
}

/** While a deletion set or another app is waited for, what was applied before is still healed, and nothing else changes. */
function heldBack(input: ApplyInput, sorted: SortedWanted, waiting: DeletionSet | undefined): ApplyPlan {
  const applied = new Map(input.inventory.entries.map((entry) => [refKey(entry), entry.applied]));
  const inForce = (input.inForce ?? input.wanted).filter(({ ref, digest }) => applied.get(refKey(ref)) === digest);
  const heals = sortWanted({ ...input, wanted: inForce })
    .applies.filter(({ why }) => why === 'drift' || why === 'recreate')
    .map((step): ObjectApply => ({ ...step, again: true }));
  return { ...nothingTodo(input), steps: heals, waits: sorted.waits, deletionSet: waiting };
}

interface Judged {
  readonly sorted: SortedWanted;
  readonly leaving: SortedLeaving;
  readonly doomed: ReadonlySet<string>;
}

function order(input: ApplyInput, { sorted, leaving, doomed }: Judged): ApplyPlan {
  const { applies, waits, unsettled } = sorted;
  const firstOpen = Math.min(...unsettled.filter((phase) => phase !== FOUNDATION_PHASE));
  const now = applies.filter((step) => step.place.phase <= firstOpen);
  const held = applies.filter((step) => step.place.phase > firstOpen);
  const first = leaving.prunes.filter((prune) => prune.first).map((prune) => prune.step);
  const last = leaving.prunes.filter((prune) => !prune.first).map((prune) => prune.step);
  const mayPrune = applies.length === 0 && waits.every((wait) => wait.code === 'drifted') && unsettled.length === 0;
  const steps = [...leaving.releases, ...leaving.forgets, ...first, ...now, ...(mayPrune ? last : [])];
  const later = [...held, ...(mayPrune ? [] : last)];
  const allWaits = [...waits, ...leaving.waits, ...held.map(phaseWait), ...(mayPrune ? [] : last.map(pruneWait))];
  return {
    steps,
    later,
    waits: allWaits,
    intended: intendedInventory(input, applies, doomed),
    deletionSet: undefined,
    refused: undefined,
    complete: steps.length === 0 && later.length === 0 && allWaits.every((wait) => wait.code === 'drifted'),
  };
}

function phaseWait(step: ApplyStep): ApplyWait {
  return { ref: step.ref, code: 'earlierPhase', detail: '' };
}

function pruneWait(step: ApplyStep): ApplyWait {
  return { ref: step.ref, code: 'pruneWaits', detail: '' };
}

function nothingTodo(input: ApplyInput): ApplyPlan {
  const empty = { steps: [], later: [], waits: [], deletionSet: undefined, refused: undefined, complete: false };
  return { ...empty, intended: input.inventory };
}

function planOrphan(input: ApplyInput): ApplyPlan {
  const steps: ApplyStep[] = [];
  const waits: ApplyWait[] = [];
  for (const entry of input.inventory.entries) {
    const live = liveOf(input, entry);
    if (live.state === 'unknown') waits.push({ ref: refOnly(entry), code: 'unknown', detail: live.because });
    else if (live.state === 'present' && isOurs(input, entry, live) && !live.terminating) {
      steps.push({ do: 'release', ref: refOnly(entry), to: '' });
    } else steps.push({ do: 'forget', ref: refOnly(entry) });
  }
  return { ...nothingTodo(input), steps, waits, complete: steps.length === 0 && waits.length === 0 };
}

function intendedInventory(
  input: ApplyInput,
  applies: SortedWanted['applies'],
  doomed: ReadonlySet<string>,
): Inventory {
  const known = new Map(input.inventory.entries.map((entry) => [refKey(entry), entry]));
  const wanted = new Set(input.wanted.map((object) => refKey(object.ref)));
  let changed = false;
  for (const step of applies) {
    if (known.has(refKey(step.ref))) continue;
    known.set(refKey(step.ref), intendedEntry(step.ref));
    changed = true;
  }
  for (const [key, entry] of known) {
    const isDoomed = doomed.has(key) || (entry.doomed && !wanted.has(key));
    if (isDoomed === entry.doomed) continue;
    known.set(key, { ...entry, doomed: isDoomed });
    changed = true;
  }
  return changed ? { ...input.inventory, entries: [...known.values()], complete: false } : input.inventory;
}
