import type { Digest } from '@flotilla/domain';

/** Digests are hex strings in the program and bytea in the tables. */
export function toBytes(digest: Digest): Buffer {
  return Buffer.from(digest, 'hex');
}

export function toDigest(bytes: Uint8Array): Digest {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export function toDigestOrNone(bytes: Uint8Array | null | undefined): Digest | undefined {
  return bytes ? toDigest(bytes) : undefined;
}
