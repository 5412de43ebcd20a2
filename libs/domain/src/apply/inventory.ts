import type { Digest, KubeObject, ObjectRef } from '../json/index.js';
import type { OrderPlace } from './order-objects.js';

/** One object an app owns in a cluster. */
export interface InventoryEntry extends ObjectRef {
  /** Empty while the object was intended but not seen yet. */
  readonly uid: string;
  /** Digest of the object as it was last applied (with labels and ignore rules); empty while it was not. */
  readonly applied: Digest;
  /** Hash of what the API server made of it, projected on our managed fields: equal means no drift. Empty when unknown. */
  readonly baseline: Digest;
  /** FieldsV1 of our manager after the last apply, as JSON text: what we held. Another manager holding it now is drift. */
  readonly held: string;
  /** A Job or Pod that completed: that it vanishes later is not drift. */
  readonly finished: boolean;
  /** Part of a deletion set that was inside the budget or approved. */
  readonly doomed: boolean;
  /** While a newer bundle waits that changes or drops the object: what was applied last, to heal it by. */
  readonly kept?: KeptObject;
}

/** What was applied last of an object that is to be changed or dropped. Its digest is the entry's `applied`. */
export interface KeptObject {
  readonly object: KubeObject;
  readonly place: OrderPlace;
  /** Paths that were left to others. */
  readonly ignored: { readonly pointers: readonly string[]; readonly managers: readonly string[] };
}

/**
 * Everything an app intended to own since its last complete pass: the only proof of ownership. It grows before the first
 * change of a pass and shrinks only when the API server says that the object is gone.
 */
export interface Inventory {
  readonly entries: readonly InventoryEntry[];
  /** Digests of the last complete pass; empty while there was none. */
  readonly bundle: Digest;
  readonly policy: Digest;
  /** False while a pass runs or was cut short. */
  readonly complete: boolean;
  /** It was lost once, and begun anew with what is wanted: what had left the bundle before cannot be proven any more. */
  readonly lost?: boolean;
}

export const EMPTY_INVENTORY: Inventory = { entries: [], bundle: '', policy: '', complete: false };

/** In place of one that somebody deleted or damaged. */
export const LOST_INVENTORY: Inventory = { ...EMPTY_INVENTORY, lost: true };

/** An entry for an object that is about to be applied for the first time. */
export function intendedEntry(ref: ObjectRef): InventoryEntry {
  const { group, kind, namespace, name } = ref;
  return { group, kind, namespace, name, uid: '', applied: '', baseline: '', held: '', finished: false, doomed: false };
}
