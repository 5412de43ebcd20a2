import type { AppEntry, Digest, KubeObject, ManifestEntry, Policy, Version } from '@flotilla/domain';
import { hashDesiredState, NO_VERSION } from '@flotilla/domain';

/** One object with what its id is made from. Its canonical text is `canonicalJson(object)`. */
export interface HeldObject {
  readonly salt: string;
  readonly object: KubeObject;
}

/** Contents by digest. */
export interface Contents {
  readonly objects: ReadonlyMap<Digest, HeldObject>;
  readonly manifests: ReadonlyMap<Digest, readonly ManifestEntry[]>;
  readonly policies: ReadonlyMap<Digest, Policy>;
}

/** The desired state that is in force: verified, complete and durable. */
export interface HeldState extends Contents {
  readonly version: Version;
  readonly epoch: number;
  readonly hash: Digest;
  readonly entries: readonly AppEntry[];
}

export const NOTHING_HELD: HeldState = {
  version: NO_VERSION,
  epoch: 0,
  hash: hashDesiredState([]),
  entries: [],
  objects: new Map(),
  manifests: new Map(),
  policies: new Map(),
};

/** Digests that a state needs: manifests of all its bundles, objects of those it runs. */
export interface Needs {
  readonly manifests: ReadonlySet<Digest>;
  readonly policies: ReadonlySet<Digest>;
  readonly objects: ReadonlySet<Digest>;
}

/** What entries need. Objects of bundles whose manifest is not at hand are not known yet, and not listed. */
export function needsOf(entries: readonly AppEntry[], manifests: Contents['manifests']): Needs {
  const bundles = new Set<Digest>();
  const objects = new Set<Digest>();
  for (const { bundle, pendingBundle, life } of entries) {
    if (pendingBundle !== undefined) bundles.add(pendingBundle);
    if (life !== 'active') continue;
    bundles.add(bundle);
    for (const entry of manifests.get(bundle) ?? []) objects.add(entry.objectId);
  }
  return { manifests: bundles, policies: new Set(entries.map((entry) => entry.policy)), objects };
}

/** The contents that are still needed, taken from both. */
export function keepNeeded(needs: Needs, ...from: readonly Contents[]): Contents {
  return {
    objects: pick(
      needs.objects,
      from.map((one) => one.objects),
    ),
    manifests: pick(
      needs.manifests,
      from.map((one) => one.manifests),
    ),
    policies: pick(
      needs.policies,
      from.map((one) => one.policies),
    ),
  };
}

function pick<V>(keys: ReadonlySet<Digest>, maps: readonly ReadonlyMap<Digest, V>[]): Map<Digest, V> {
  const found = new Map<Digest, V>();
  for (const key of keys) {
    const holder = maps.find((map) => map.has(key));
    const value = holder?.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

/** Digests that are needed and not there. */
export function missingOf(needs: Needs, contents: Contents): Record<keyof Contents, Digest[]> {
  return {
    objects: [...needs.objects].filter((id) => !contents.objects.has(id)),
    manifests: [...needs.manifests].filter((digest) => !contents.manifests.has(digest)),
    policies: [...needs.policies].filter((digest) => !contents.policies.has(digest)),
  };
}
