import type { Digest } from '../json/index.js';
import { canonicalJson, sha256Hex } from '../json/index.js';
import type { AppEntry } from './desired-state.js';

/** Frozen: a change of it makes every agent's state look foreign. */
const FORM = 'flotilla/desired-state/1';

/**
 * Hash of a desired state: SHA-256 over its entries in canonical form, one line each, ordered by app. The version is not
 * part of it: a version whose entries are the same changes nothing, and both sides see that without comparing entries.
 * Each entry's `since` is part of it, because evidence depends on it.
 */
export function hashDesiredState(apps: readonly AppEntry[]): Digest {
  return sha256Hex([FORM, ...orderEntries(apps).map(entryText)].join('\n'));
}

/** Texts of entries that somebody still has: hashing a state and comparing it need each of them, again at every version. */
const texts = new WeakMap<AppEntry, string>();

/** The one text of an entry: equal exactly when the entries mean the same. Entries never change. */
export function entryText(entry: AppEntry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const approvedDeletions = [...new Set(entry.approvedDeletions)].sort();
  const text = canonicalJson({ ...entry, since: { ...entry.since }, approvedDeletions });
  texts.set(entry, text);
  return text;
}

/** By app, in UTF-16 code units. */
export function orderEntries(apps: readonly AppEntry[]): AppEntry[] {
  return [...apps].sort((a, b) => (a.app < b.app ? -1 : Number(a.app > b.app)));
}

/** Hash of the state without any app: what an agent holds before its first desired state. */
export const EMPTY_STATE_HASH: Digest = hashDesiredState([]);
