import type { AppLife } from '../desired-state/index.js';
import type { Digest, ObjectRef } from '../json/index.js';
import { refKey } from '../json/index.js';
import type { AdoptRule, DriftRule, Policy } from '../policy/index.js';
import type { Health } from '../report/index.js';
import type { Inventory, InventoryEntry } from './inventory.js';
import type { DeletionSet } from './judge-deletions.js';
import type { OrderPlace } from './order-objects.js';

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
  /** What keeps a terminating object from going, for longer than is usual; left out when nothing does. */
  readonly stuckBy?: string;
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
  /** Another app comes first: what was applied before is still healed, and nothing else changes. */
  readonly healOnly?: boolean;
  /**
   * What is in force while the wanted objects wait: each as it was applied last, also those that are to be changed or dropped.
   * Without it only what is wanted unchanged is healed meanwhile.
   */
  readonly inForce?: readonly WantedObject[];
}

export type ApplyStep =
  | {
      readonly do: 'apply';
      readonly ref: ObjectRef;
      readonly why: ApplyWhy;
      readonly place: OrderPlace;
      /** As it was applied last, for what is wanted now has to wait. */
      readonly again?: true;
    }
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
  | 'stuck'
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

export type ObjectApply = Extract<ApplyStep, { do: 'apply' }>;
export type ObjectPrune = Extract<ApplyStep, { do: 'prune' }>;

/** A terminating object is waited for; one that cannot go by itself needs a person. */
export function waitForGoing(ref: ObjectRef, { stuckBy }: PresentObject): ApplyWait {
  return stuckBy === undefined ? { ref, code: 'terminating', detail: '' } : { ref, code: 'stuck', detail: stuckBy };
}

/** What is known of an object; what nobody read counts as unknown. */
export function liveOf(input: ApplyInput, ref: ObjectRef): LiveObject {
  return input.live.get(refKey(ref)) ?? { state: 'unknown', because: 'not read yet' };
}

/** The inventory's entry is about this very object. Without a UID (cut short before it was seen) our mark decides. */
export function isOurs(input: ApplyInput, entry: InventoryEntry, live: PresentObject): boolean {
  return entry.uid === '' ? live.managed && live.app === input.app : entry.uid === live.uid;
}

export function refOnly({ group, kind, namespace, name }: ObjectRef): ObjectRef {
  return { group, kind, namespace, name };
}
