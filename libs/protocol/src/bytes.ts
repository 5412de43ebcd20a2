import type { Digest } from '@flotilla/domain';
import { EMPTY_STATE_HASH, Fault } from '@flotilla/domain';

/** A digest as it travels: its 32 bytes; nothing when there is none. */
export function toWireDigest(digest: Digest | undefined): Buffer {
  return digest === undefined ? Buffer.alloc(0) : Buffer.from(digest, 'hex');
}

/** @throws Fault badInput unless it is a SHA-256. */
export function fromWireDigest(bytes: Uint8Array): Digest {
  if (bytes.length !== 32) throw new Fault('badInput', `a digest of ${bytes.length} bytes is no SHA-256`);
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('hex');
}

/** @throws Fault badInput unless it is empty or a SHA-256. */
export function fromWireDigestOrNone(bytes: Uint8Array): Digest | undefined {
  return bytes.length === 0 ? undefined : fromWireDigest(bytes);
}

/** Hash of a desired state; on the wire, nothing means the empty state. */
export function fromWireStateHash(bytes: Uint8Array): Digest {
  return fromWireDigestOrNone(bytes) ?? EMPTY_STATE_HASH;
}

/** @throws Fault badInput for what a number cannot hold exactly. */
export function fromWireCount(count: bigint): number {
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw new Fault('badInput', `the number ${count} is too large`);
  return Number(count);
}
