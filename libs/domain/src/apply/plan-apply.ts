import type { Digest, ObjectRef } from '../json/index.js';
import { refKey } from '../json/index.js';
import type { AdoptRule, DriftRule, Policy } from '../policy/index.js';
import type { AppLife } from '../desired-state/index.js';
import type { Health } from '../report/index.js';
import type { Inventory, InventoryEntry } from './inventory.js';
import { intendedEntry } from './inventory.js';
import type { OrderPlace } from './order-objects.js';
import { FOUNDATION_PHASE, orderPlaces, orderText, rankOfKind } from './order-objects.js';
import type { DeletionSet } from './judge-deletions.js';
import { judgeDeletions } from './judge-deletions.js';

/** One object of the bundle, as planning sees it. */
export interface WantedObject {
  readonly ref: ObjectRef;
  /** Digest of what would be applied. */
  readonly digest: Digest;
  readonly place: OrderPlace;
}

/** What is known of an object in the cluster. `unknown` (a read failed) is never taken for `absent`. */
export type LiveObject =
  | { readonly state: 'unknown'; readonly because: string }
  | { readonly state: 'kindMissing' }
  | { readonly state: 'absent' }
  | PresentObject;

export interface PresentObject {
  readonly state: 'present';
  readonly uid: string;
  readonly resourceVersion: string;
  /** Value of our ownership label; empty when it has none. */
  readonly app: string;
  /** Our field manager holds fields of it. */
  readonly managed: boolean;
  readonly terminating: boolean;
  /** Equal to the baseline of the inventory: nothing differs from what was last applied. */
  readonly matches: boolean;
  /** For objects that are not ours: a dry-run would change nothing. Undefined while nobody asked. */
  readonly equal: boolean | undefined;
  readonly health: Health;
  /** Must be deleted before the new objects come (annotation `flotilla.dev/prune: first`). */
  readonly pruneFirst: boolean;
}

export interface ApplyInput {
  readonly app: string;
  readonly life: AppLife;
  readonly wanted: readonly WantedObject[];
  readonly inventory: Inventory;
  /** By refKey, for every wanted object and every inventory entry. What is not in it counts as unknown. */
  readonly live: ReadonlyMap<string, LiveObject>;
  /** By refKey: the other app of this cluster whose allowed or desired bundle wants the object. */
  readonly claims: ReadonlyMap<string, string>;
  /** By refKey: the other app of this cluster whose inventory holds the object. */
  readonly owners: ReadonlyMap<string, string>;
  readonly adopt: AdoptRule;
  readonly drift: DriftRule;
  readonly budget: Policy['budget'];
  readonly approvedDeletions: readonly Digest[];
}

export type ApplyStep =
  | { readonly do: 'apply'; readonly ref: ObjectRef; readonly why: ApplyWhy; readonly place: OrderPlace }
  /** Takes our label off and forgets it: another app claims it (`to`), or it is left to live on its own (empty). */
  | { readonly do: 'release'; readonly ref: ObjectRef; readonly to: string }
  | { readonly do: 'prune'; readonly ref: ObjectRef; readonly uid: string; readonly resourceVersion: string }
  /** The object is gone: its inventory entry goes too. */
  | { readonly do: 'forget'; readonly ref: ObjectRef };

export type ApplyWhy = 'create' | 'change' | 'drift' | 'recreate' | 'adopt';

/** Why an object is not dealt with now. */
export interface ApplyWait {
  readonly ref: ObjectRef;
  readonly code: WaitCode;
  /** App, or what the API server said; empty when the code says it all. */
  readonly detail: string;
}

export type WaitCode =
  | 'unknown'
  | 'kindMissing'
  | 'terminating'
  | 'ownedBy'
  | 'notOwned'
  | 'adoptDiffers'
  | 'earlierPhase'
  | 'pruneWaits'
  | 'drifted';

export interface ApplyPlan {
  /** To be done now, in this order; applies of equal place are independent of each other. */
  readonly steps: readonly ApplyStep[];
  /** To be done once what is before them is done and healthy. */
  readonly later: readonly ApplyStep[];
  readonly waits: readonly ApplyWait[];
  /** What must be stored before the first step. Equal to the given one when nothing is to be stored. */
  readonly intended: Inventory;
  /** A deletion set that needs an approval; nothing new is applied until then. */
  readonly deletionSet: DeletionSet | undefined;
  /** Refused as a whole: an empty bundle never deletes. */
  readonly refused: 'emptyBundle' | undefined;
  /** Everything wanted was applied and nothing is left to prune. */
  readonly complete: boolean;
}

interface Sorted {
  readonly applies: Extract<ApplyStep, { do: 'apply' }>[];
  readonly waits: ApplyWait[];
  /** Phases in which something is not applied and healthy yet. */
  readonly unsettled: number[];
}

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
  const leaving = sortLeaving(input);
  const judged = judgeDeletions(input, leaving.doomed);
  if (judged.waiting !== undefined) return heldBack(input, sorted, judged.waiting);
  return order(input, sorted, leaving, judged.doomed);
}

/** While a deletion set waits, what was applied before is still healed, and nothing else changes. */
function heldBack(input: ApplyInput, sorted: Sorted, waiting: DeletionSet): ApplyPlan {
  const heals = sorted.applies.filter(
    (step) => step.why === 'drift' || (step.why === 'recreate' && isUnchanged(input, step)),
  );
  return { ...nothingTodo(input), steps: heals, waits: sorted.waits, deletionSet: waiting };
}

function isUnchanged(input: ApplyInput, step: { readonly ref: ObjectRef }): boolean {
  const key = refKey(step.ref);
  const wanted = input.wanted.find((object) => refKey(object.ref) === key);
  return input.inventory.entries.some((entry) => refKey(entry) === key && entry.applied === wanted?.digest);
}

function order(input: ApplyInput, sorted: Sorted, leaving: Leaving, doomed: ReadonlySet<string>): ApplyPlan {
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

function sortWanted(input: ApplyInput): Sorted {
  const entries = new Map(input.inventory.entries.map((entry) => [refKey(entry), entry]));
  const sorted: Sorted = { applies: [], waits: [], unsettled: [] };
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
      if (live.terminating) return { ref, code: 'terminating', detail: '' };
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

interface Leaving {
  readonly releases: ApplyStep[];
  readonly forgets: ApplyStep[];
  readonly prunes: { readonly step: Extract<ApplyStep, { do: 'prune' }>; readonly first: boolean }[];
  readonly waits: ApplyWait[];
  /** Entries whose deletion must be inside the budget or approved. */
  readonly doomed: readonly InventoryEntry[];
}

/** Sorts what the inventory holds and nobody of this app wants any more. */
function sortLeaving(input: ApplyInput): Leaving {
  const wanted = new Set(input.wanted.map((object) => refKey(object.ref)));
  const kept = new Set(input.wanted.map((object) => uidOf(liveOf(input, object.ref))));
  const leaving = { releases: [] as ApplyStep[], forgets: [] as ApplyStep[], waits: [] as ApplyWait[] };
  const prunes: Leaving['prunes'] = [];
  const doomed: InventoryEntry[] = [];
  for (const entry of input.inventory.entries.filter((candidate) => !wanted.has(refKey(candidate)))) {
    const ref = refOnly(entry);
    const live = liveOf(input, entry);
    const claimant = input.claims.get(refKey(entry));
    if (live.state === 'unknown') leaving.waits.push({ ref, code: 'unknown', detail: live.because });
    else if (live.state !== 'present' || !isOurs(input, entry, live) || kept.has(live.uid)) {
      leaving.forgets.push({ do: 'forget', ref });
    } else if (claimant !== undefined) leaving.releases.push({ do: 'release', ref, to: claimant });
    else if (live.terminating) leaving.waits.push({ ref, code: 'terminating', detail: 'being deleted' });
    else {
      const { uid, resourceVersion } = live;
      prunes.push({ step: { do: 'prune', ref, uid, resourceVersion }, first: live.pruneFirst });
      doomed.push(entry);
    }
  }
  prunes.sort((a, b) => orderPrunes(a.step.ref, b.step.ref));
  return { ...leaving, prunes, doomed };
}

/** Deletion runs against the order of applying: namespaces and CRDs go last. */
function orderPrunes(a: ObjectRef, b: ObjectRef): number {
  return rankOfKind(b.group, b.kind) - rankOfKind(a.group, a.kind) || orderText(refKey(a), refKey(b));
}

function isOurs(input: ApplyInput, entry: InventoryEntry, live: PresentObject): boolean {
  return entry.uid === '' ? live.managed && live.app === input.app : entry.uid === live.uid;
}

function intendedInventory(input: ApplyInput, applies: Sorted['applies'], doomed: ReadonlySet<string>): Inventory {
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

function liveOf(input: ApplyInput, ref: ObjectRef): LiveObject {
  return input.live.get(refKey(ref)) ?? { state: 'unknown', because: 'not read yet' };
}

function uidOf(live: LiveObject): string {
  return live.state === 'present' ? live.uid : '';
}

function refOnly({ group, kind, namespace, name }: ObjectRef): ObjectRef {
  return { group, kind, namespace, name };
}
