import type { Digest, ManifestEntry, ObjectRef } from '@flotilla/domain';
import { Fault, manifestDigest, objectId, orderManifest, sha256Hex } from '@flotilla/domain';
import { fromWireDigest, fromWireDigestOrNone, toWireDigest } from './bytes.js';
import { deflateForAll, deflateText, inflateText } from './deflate-content.js';
import type * as wire from './generated/flotilla/agent/v1/agent.js';

const NOTHING = Buffer.alloc(0);

/** One object in canonical form with what its id is made from. */
export interface ObjectContent {
  readonly id: Digest;
  /** Lower-case hex; empty except for Secrets. */
  readonly salt: string;
  readonly text: string;
}

/** For agents of this minor: the id follows from what is sent. */
export function toWireContent(content: ObjectContent): wire.Content {
  return { objectId: NOTHING, ...deflateText(content.text), salt: Buffer.from(content.salt, 'hex') };
}

/** The same for agents of any minor. */
export function toEarlierContent(content: wire.Content, id: Digest): wire.Content {
  return { ...content, objectId: toWireDigest(id), ...deflateForAll(inflateText(content)) };
}

/** @throws Fault badInput when the body cannot be read, or does not have the id it comes with. */
export function fromWireContent(content: wire.Content): ObjectContent {
  const salt = content.salt.toString('hex');
  const text = inflateText(content);
  const id = objectId(text, salt);
  const named = fromWireDigestOrNone(content.objectId) ?? id;
  if (named !== id) throw new Fault('badInput', `content does not match its id ${named.slice(0, 12)}`);
  return { id, salt, text };
}

export function toWireRef(ref: ObjectRef): wire.ObjectRef {
  return { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name };
}

/** @throws Fault badInput when there is none. */
export function fromWireRef(ref: wire.ObjectRef | undefined): ObjectRef {
  if (ref === undefined) throw new Fault('badInput', 'an object without a name');
  return { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name };
}

/** What a bundle consists of, and its digest. */
export interface BundleManifest {
  readonly digest: Digest;
  readonly entries: readonly ManifestEntry[];
}

/** For agents of this minor: the digest follows from the entries. */
export function toWireManifest(given: readonly ManifestEntry[]): wire.Manifest {
  const entries = orderManifest(given).map((entry) => ({
    objectId: toWireDigest(entry.objectId),
    apiVersion: entry.apiVersion,
    ref: toWireRef(entry.ref),
  }));
  return { digest: NOTHING, entries };
}

/** The same for agents of any minor. */
export function toEarlierManifest(manifest: wire.Manifest, digest: Digest): wire.Manifest {
  return { ...manifest, digest: toWireDigest(digest) };
}

/** @throws Fault badInput when the entries do not have the digest they come with. */
export function fromWireManifest(manifest: wire.Manifest): BundleManifest {
  const entries = manifest.entries.map((entry) => ({
    objectId: fromWireDigest(entry.objectId),
    apiVersion: entry.apiVersion,
    ref: fromWireRef(entry.ref),
  }));
  const digest = manifestDigest(entries);
  const named = fromWireDigestOrNone(manifest.digest) ?? digest;
  if (named !== digest) throw new Fault('badInput', `manifest does not match its digest ${named.slice(0, 12)}`);
  return { digest, entries };
}

/** A policy as it is stored: canonical JSON and that text's SHA-256. */
export interface PolicyText {
  readonly digest: Digest;
  readonly text: string;
}

export function toWirePolicy(policy: PolicyText): wire.PolicyBody {
  return { digest: toWireDigest(policy.digest), body: Buffer.from(policy.text) };
}

/** @throws Fault badInput when the text does not have the digest it comes with. */
export function fromWirePolicy(policy: wire.PolicyBody): PolicyText {
  const digest = fromWireDigest(policy.digest);
  const text = policy.body.toString('utf8');
  if (sha256Hex(text) !== digest)
    throw new Fault('badInput', `policy does not match its digest ${digest.slice(0, 12)}`);
  return { digest, text };
}
