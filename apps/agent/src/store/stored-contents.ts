import type { Digest, JsonObject, KubeObject, ManifestEntry, Policy } from '@flotilla/domain';
import { canonicalJson, digestJson, manifestDigest, objectId } from '@flotilla/domain';
import type { Contents, HeldObject } from './held-state.js';

/** Contents as JSON. Digests are not stored: reading computes them, so that nothing damaged passes for what it was. */
export interface StoredContents {
  readonly objects: readonly { readonly salt: string; readonly object: KubeObject }[];
  readonly manifests: readonly (readonly ManifestEntry[])[];
  readonly policies: readonly Policy[];
}

export function toStored(contents: Contents): StoredContents {
  return {
    objects: [...contents.objects.values()],
    manifests: [...contents.manifests.values()],
    policies: [...contents.policies.values()],
  };
}

export function fromStored(stored: StoredContents): Contents {
  return {
    objects: new Map(stored.objects.map((held): [Digest, HeldObject] => [idOf(held), held])),
    manifests: new Map(stored.manifests.map((entries) => [manifestDigest(entries), entries])),
    policies: new Map(stored.policies.map((policy) => [digestJson(policy as unknown as JsonObject), policy])),
  };
}

export function idOf({ salt, object }: HeldObject): Digest {
  return objectId(canonicalJson(object), salt);
}

/** The contents of `next` that `held` does not have. */
export function newContents(next: Contents, held: Contents): Contents {
  return {
    objects: without(next.objects, held.objects),
    manifests: without(next.manifests, held.manifests),
    policies: without(next.policies, held.policies),
  };
}

function without<V>(all: ReadonlyMap<Digest, V>, known: ReadonlyMap<Digest, V>): Map<Digest, V> {
  return new Map([...all].filter(([digest]) => !known.has(digest)));
}
