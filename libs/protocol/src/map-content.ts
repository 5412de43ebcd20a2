import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Digest, ManifestEntry, ObjectRef } from '@flotilla/domain';
import { Fault, manifestDigest, objectId, orderManifest, sha256Hex } from '@flotilla/domain';
import { fromWireDigest, toWireDigest } from './bytes.js';
import * as wire from './generated/flotilla/agent/v1/agent.js';
import { MAX_OBJECT_BYTES } from './wire-limits.js';

/** Below this a deflated body is hardly smaller. */
const WORTH_DEFLATING = 256;

/** One object in canonical form with what its id is made from. */
export interface ObjectContent {
  readonly id: Digest;
  /** Lower-case hex; empty except for Secrets. */
  readonly salt: string;
  readonly text: string;
}

export function toWireContent(content: ObjectContent): wire.Content {
  const plain = Buffer.from(content.text);
  const deflated = plain.length < WORTH_DEFLATING ? plain : deflateRawSync(plain);
  const smaller = deflated.length < plain.length;
  return {
    objectId: toWireDigest(content.id),
    compression: smaller ? wire.Compression.COMPRESSION_DEFLATE_RAW : wire.Compression.COMPRESSION_NONE,
    body: smaller ? deflated : plain,
    salt: Buffer.from(content.salt, 'hex'),
  };
}

/** @throws Fault badInput when the body does not have the id it comes with, or is too large. */
export function fromWireContent(content: wire.Content): ObjectContent {
  const id = fromWireDigest(content.objectId);
  const salt = content.salt.toString('hex');
  const text = inflate(content).toString('utf8');
  if (objectId(text, salt) !== id) throw new Fault('badInput', `content does not match its id ${id.slice(0, 12)}`);
  return { id, salt, text };
}

function inflate(content: wire.Content): Buffer {
  switch (content.compression) {
    case wire.Compression.COMPRESSION_NONE:
      return content.body;
    case wire.Compression.COMPRESSION_DEFLATE_RAW:
      return inflateBounded(content.body);
    case wire.Compression.COMPRESSION_UNSPECIFIED:
    case wire.Compression.UNRECOGNIZED:
    default:
      throw new Fault('badInput', `compression ${content.compression} is not known to this version`);
  }
}

function inflateBounded(body: Buffer): Buffer {
  try {
    return inflateRawSync(body, { maxOutputLength: MAX_OBJECT_BYTES });
  } catch (cause) {
    throw new Fault('badInput', `content that cannot be inflated to at most ${MAX_OBJECT_BYTES} bytes`, undefined, {
      cause,
    });
  }
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

export function toWireManifest(manifest: BundleManifest): wire.Manifest {
  const entries = orderManifest(manifest.entries).map((entry) => ({
    objectId: toWireDigest(entry.objectId),
    apiVersion: entry.apiVersion,
    ref: toWireRef(entry.ref),
  }));
  return { digest: toWireDigest(manifest.digest), entries };
}

/** @throws Fault badInput when the entries do not have the digest they come with. */
export function fromWireManifest(manifest: wire.Manifest): BundleManifest {
  const digest = fromWireDigest(manifest.digest);
  const entries = manifest.entries.map((entry) => ({
    objectId: fromWireDigest(entry.objectId),
    apiVersion: entry.apiVersion,
    ref: fromWireRef(entry.ref),
  }));
  if (manifestDigest(entries) !== digest)
    throw new Fault('badInput', `manifest does not match its digest ${digest.slice(0, 12)}`);
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
