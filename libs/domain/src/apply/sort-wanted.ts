import { refKey } from '../json/index.js';
import type { ApplyInput, ApplyStep, ApplyWait, PresentObject, WantedObject } from './apply-plan.js';
import { liveOf, waitForGoing } from './apply-plan.js';
import type { InventoryEntry } from './inventory.js';
import { orderPlaces, orderText } from './order-objects.js';

export interface SortedWanted {
  readonly applies: Extract<ApplyStep, { do: 'apply' }>[];
  readonly waits: ApplyWait[];
  /** Phases in which something is not applied and healthy yet. */
  readonly unsettled: number[];
}

/** Judges every wanted object: to be applied, waiting, or settled. */
export function sortWanted(input: ApplyInput): SortedWanted {
  const entries = new Map(input.inventory.entries.map((entry) => [refKey(entry), entry]));
  const sorted: SortedWanted = { applies: [], waits: [], unsettled: [] };
  const adoptable =
    input.adopt !== 'ifEqual' || input.wanted.every((wanted) => !isDifferentStranger(input, wanted, entries));
  const ordered = [...input.wanted].sort(
    (a, b) => orderPlaces(a.place, b.place) || orderText(refKey(a.ref), refKey(b.ref)),
  );
  for (const wanted of ordered) {
    const entry = entries.get(refKey(wanted.ref));
    const verdict = judgeWanted(input, { wanted, entry, adoptable });
    if (verdict === 'settled') continue;
    if (verdict === 'unhealthy') {
      sorted.unsettled.push(wanted.place.phase);
      continue;
    }
    if ('code' in verdict) sorted.waits.push(verdict);
    else sorted.applies.push(verdict);
    const isOpen = !('code' in verdict) || verdict.code !== 'drifted';
    if (isOpen) sorted.unsettled.push(wanted.place.phase);
  }
  return sorted;
}

interface Candidate {
  readonly wanted: WantedObject;
  readonly entry: InventoryEntry | undefined;
  readonly adoptable: boolean;
}

type Verdict = 'settled' | 'unhealthy' | ApplyWait | Extract<ApplyStep, { do: 'apply' }>;

function judgeWanted(input: ApplyInput, candidate: Candidate): Verdict {
  const { wanted, entry } = candidate;
  const { ref } = wanted;
  const live = liveOf(input, ref);
  switch (live.state) {
    case 'unknown':
      return { ref, code: 'unknown', detail: live.because };
    case 'kindMissing':
      return { ref, code: 'kindMissing', detail: '' };
    case 'absent':
      return judgeAbsent(input, wanted, entry);
    case 'present':
      if (live.terminating) return waitForGoing(ref, live);
      return entry === undefined ? judgeStranger(input, candidate, live) : judgeOwned(input, wanted, { entry, live });
  }
}

function judgeAbsent(input: ApplyInput, wanted: WantedObject, entry: InventoryEntry | undefined): Verdict {
  const { ref, place } = wanted;
  const same = entry?.applied === wanted.digest;
  if (same && entry.finished) return 'settled';
  if (same && input.drift === 'report') return { ref, code: 'drifted', detail: '' };
  return { do: 'apply', ref, place, why: entry === undefined || entry.uid === '' ? 'create' : 'recreate' };
}

function judgeOwned(
  input: ApplyInput,
  wanted: WantedObject,
  owned: { readonly entry: InventoryEntry; readonly live: PresentObject },
): Verdict {
  const { ref, place } = wanted;
  const { entry, live } = owned;
  if (entry.uid === '') {
    // Intended, then cut short: it is ours only if it carries our mark.
    if (live.managed && live.app === input.app) return { do: 'apply', ref, place, why: 'change' };
    return judgeStranger(
      input,
      { wanted, entry: undefined, adoptable: input.adopt !== 'ifEqual' || live.equal === true },
      live,
    );
  }
  if (entry.uid !== live.uid) return { do: 'apply', ref, place, why: 'recreate' };
  if (entry.applied !== wanted.digest) return { do: 'apply', ref, place, why: 'change' };
  if (live.matches) return live.health === 'healthy' ? 'settled' : 'unhealthy';
  return input.drift === 'report' ? { ref, code: 'drifted', detail: '' } : { do: 'apply', ref, place, why: 'drift' };
}

function judgeStranger(input: ApplyInput, candidate: Candidate, live: PresentObject): Verdict {
  const { ref, place } = candidate.wanted;
  const owner = input.owners.get(refKey(ref));
  if (owner !== undefined) return { ref, code: 'ownedBy', detail: owner };
  if (isReleased(input, live)) return { do: 'apply', ref, place, why: 'adopt' };
  switch (input.adopt) {
    case 'never':
      return { ref, code: 'notOwned', detail: live.app };
    case 'force':
      return { do: 'apply', ref, place, why: 'adopt' };
    case 'ifEqual':
      return candidate.adoptable
        ? { do: 'apply', ref, place, why: 'adopt' }
        : { ref, code: 'adoptDiffers', detail: live.equal === true ? 'another object of the app differs' : '' };
  }
}

/** We applied it once and nobody owns it now: handed over, orphaned, or our own from before the inventory was lost. */
function isReleased(input: ApplyInput, live: PresentObject): boolean {
  return live.managed && (live.app === '' || live.app === input.app);
}

function isDifferentStranger(
  input: ApplyInput,
  wanted: WantedObject,
  entries: ReadonlyMap<string, InventoryEntry>,
): boolean {
  const live = liveOf(input, wanted.ref);
  if (input.owners.has(refKey(wanted.ref))) return false;
  if (live.state !== 'present' || live.terminating || (entries.get(refKey(wanted.ref))?.uid ?? '') !== '') return false;
  return !isReleased(input, live) && live.equal !== true;
}
