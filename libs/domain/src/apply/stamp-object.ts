import type { Digest, KubeObject } from '../json/index.js';
import { digestJson } from '../json/index.js';

/** Label for watching owned objects. It proves nothing: controllers copy labels to what they make. */
export const OWNER_LABEL = 'flotilla.dev/app';
export const PRUNE_ANNOTATION = 'flotilla.dev/prune';
export const REPLACE_ANNOTATION = 'flotilla.dev/replace';

/** The object as it is applied: with our label, and with the namespace that its scope asks for. */
export function stampObject(
  object: KubeObject,
  stamp: { readonly app: string; readonly namespace: string; readonly namespaced: boolean },
): KubeObject {
  const { namespace = stamp.namespace, ...metadata } = object.metadata;
  const labels = { ...object.metadata.labels, [OWNER_LABEL]: stamp.app };
  return { ...object, metadata: { ...metadata, ...(stamp.namespaced ? { namespace } : {}), labels } };
}

/** The object without our label, to see what else applying it would change. */
export function unstampObject(object: KubeObject): KubeObject {
  const { labels, ...metadata } = object.metadata;
  const others = Object.entries(labels ?? {}).filter(([name]) => name !== OWNER_LABEL);
  if (others.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, labels: Object.fromEntries(others) } };
}

/** Digest of what would be applied: the stamped object and the paths that are left to others. */
export function wantedDigest(
  stamped: KubeObject,
  ignored: { readonly pointers: readonly string[]; readonly managers: readonly string[] },
): Digest {
  const { pointers, managers } = ignored;
  return digestJson(pointers.length + managers.length === 0 ? stamped : [stamped, pointers, managers]);
}
