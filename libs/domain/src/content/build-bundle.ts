import type { Digest, KubeObject } from '../json/index.js';
import { canonicalJson, refOf } from '../json/index.js';
import { canonicalObject, isSecret } from './canonical-object.js';
import type { ManifestEntry } from './digests.js';
import { manifestDigest, objectId, orderManifest } from './digests.js';

/** An object as it is stored: canonical text under its id. */
export interface ObjectContent {
  readonly id: Digest;
  readonly text: string;
  readonly secret: boolean;
  /** Lower-case hex; empty except for Secrets. */
  readonly salt: string;
}

/** The rendered object set of a target, named by its digest. */
export interface Bundle {
  readonly digest: Digest;
  readonly entries: readonly ManifestEntry[];
  readonly contents: readonly ObjectContent[];
}

/** @param secretSalt lower-case hex, from the hub's id key and the app */
export function buildBundle(objects: readonly KubeObject[], secretSalt: string): Bundle {
  const built = objects.map((object) => buildObject(canonicalObject(object), secretSalt));
  const entries = orderManifest(built.map(({ entry }) => entry));
  return { digest: manifestDigest(entries), entries, contents: built.map(({ content }) => content) };
}

function buildObject(object: KubeObject, secretSalt: string): { entry: ManifestEntry; content: ObjectContent } {
  const secret = isSecret(object);
  const salt = secret ? secretSalt : '';
  const text = canonicalJson(object);
  const id = objectId(text, salt);
  return {
    entry: { objectId: id, apiVersion: object.apiVersion, ref: refOf(object) },
    content: { id, text, secret, salt },
  };
}
