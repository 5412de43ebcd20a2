import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json, JsonObject } from './json.js';
import { isJsonObject } from './json.js';

/** SHA-256 in lower-case hex. */
export type Digest = string;

/**
 * The one text of a JSON value: members sorted by UTF-16 code unit, no white space, members that are `undefined` left out.
 * Two values are equal exactly when their canonical texts are.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  return `{${canonicalMembers(value).join(',')}}`;
}

function canonicalMembers(value: JsonObject): string[] {
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return members;
}

function portableSha256(content: string | Uint8Array): Digest {
  return bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

let hash = portableSha256;

export function sha256Hex(content: string | Uint8Array): Digest {
  return hash(content);
}

/** "é" is two bytes of UTF-8, half a pair is no character, and the padding of 64 bytes spills into another block. */
const SAMPLES = ['', 'é', '\ud800', 'x'.repeat(64), new Uint8Array([0, 255])] as const;

/**
 * Lets the platform compute SHA-256, which is many times faster: nothing but speed differs.
 * @throws Error when its digests are not the same
 */
export function provideSha256(native: (content: string | Uint8Array) => Digest): void {
  for (const sample of SAMPLES) {
    if (native(sample) !== portableSha256(sample)) throw new Error("the platform's SHA-256 is not SHA-256");
  }
  hash = native;
}

/** Digest of a value: SHA-256 over its canonical text. */
export function digestJson(value: Json): Digest {
  return sha256Hex(canonicalJson(value));
}
