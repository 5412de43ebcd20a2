import type { Digest, ObjectRef } from '../json/index.js';
import { canonicalJson, refKey, sha256Hex } from '../json/index.js';

/** One object of a bundle: its id, how it is addressed and its name. */
export interface ManifestEntry {
  readonly objectId: Digest;
  readonly apiVersion: string;
  readonly ref: ObjectRef;
}

/** Version of the canonical form. Ids carry it, so that a change of the form can never pass for a change of content. */
export const CANONICAL_FORM = 1;

/**
 * Id of an object: SHA-256 over salt, version of the canonical form, and canonical text. The salt (lower-case hex) is empty
 * except for Secrets, whose ids must not be guessed from likely values.
 */
export function objectId(text: string, salt: string): Digest {
  return sha256Hex(`flotilla/object/${CANONICAL_FORM}\n${salt}\n${text}`);
}

/** Digest of a bundle: SHA-256 over its entries in canonical order, whatever order they are given in. */
export function manifestDigest(entries: readonly ManifestEntry[]): Digest {
  const lines = orderManifest(entries).map((entry) => canonicalJson({ ...entry, ref: { ...entry.ref } }));
  return sha256Hex([`flotilla/bundle/${CANONICAL_FORM}`, ...lines].join('\n'));
}

/** The canonical order of a bundle: by group, kind, namespace and name, then by API version. */
export function orderManifest(entries: readonly ManifestEntry[]): readonly ManifestEntry[] {
  const keyed = entries.map((entry) => ({ key: `${refKey(entry.ref)}\n${entry.apiVersion}`, entry }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ entry }) => entry);
}
