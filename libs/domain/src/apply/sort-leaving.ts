import type { ObjectRef } from '../json/index.js';
import { refKey } from '../json/index.js';
import type { ApplyInput, ApplyStep, ApplyWait, LiveObject } from './apply-plan.js';
import { isOurs, liveOf, refOnly, waitForGoing } from './apply-plan.js';
import type { InventoryEntry } from './inventory.js';
import { orderText, rankOfKind } from './order-objects.js';

export interface SortedLeaving {
  readonly releases: ApplyStep[];
  readonly forgets: ApplyStep[];
  readonly prunes: { readonly step: Extract<ApplyStep, { do: 'prune' }>; readonly first: boolean }[];
  readonly waits: ApplyWait[];
  /** Entries whose deletion must be inside the budget or approved. */
  readonly doomed: readonly InventoryEntry[];
  /** Entries that would be among them if they could be read. */
  readonly unread: readonly InventoryEntry[];
}

/** Sorts what the inventory holds and nobody of this app wants any more. */
export function sortLeaving(input: ApplyInput): SortedLeaving {
  const wanted = new Set(input.wanted.map((object) => refKey(object.ref)));
  const kept = new Set(input.wanted.map((object) => uidOf(liveOf(input, object.ref))));
  const leaving = { releases: [] as ApplyStep[], forgets: [] as ApplyStep[], waits: [] as ApplyWait[] };
  const prunes: SortedLeaving['prunes'] = [];
  const doomed: InventoryEntry[] = [];
  const unread: InventoryEntry[] = [];
  for (const entry of input.inventory.entries.filter((candidate) => !wanted.has(refKey(candidate)))) {
    const ref = refOnly(entry);
    const live = liveOf(input, entry);
    const claimant = input.claims.get(refKey(entry));
    if (live.state === 'unknown') {
      leaving.waits.push({ ref, code: 'unknown', detail: live.because });
      // What cannot be read counts: else a set beyond the budget would slip under it bit by bit.
      if (claimant === undefined) unread.push(entry);
    } else if (live.state !== 'present' || !isOurs(input, entry, live) || kept.has(live.uid)) {
      leaving.forgets.push({ do: 'forget', ref });
    } else if (claimant !== undefined) leaving.releases.push({ do: 'release', ref, to: claimant });
    else if (live.terminating) leaving.waits.push(waitForGoing(ref, live));
    else {
      const { uid, resourceVersion } = live;
      prunes.push({ step: { do: 'prune', ref, uid, resourceVersion }, first: live.pruneFirst });
      doomed.push(entry);
    }
  }
  prunes.sort((a, b) => orderPrunes(a.step.ref, b.step.ref));
  return { ...leaving, prunes, doomed, unread };
}

/** Deletion runs against the order of applying: namespaces and CRDs go last. */
function orderPrunes(a: ObjectRef, b: ObjectRef): number {
  return rankOfKind(b.group, b.kind) - rankOfKind(a.group, a.kind) || orderText(refKey(a), refKey(b));
}

function uidOf(live: LiveObject): string {
  return live.state === 'present' ? live.uid : '';
}
