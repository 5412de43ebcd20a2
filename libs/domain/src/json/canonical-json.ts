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

export function sha256Hex(content: string | Uint8Array): Digest {
  return bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

/** Digest of a value: SHA-256 over its canonical text. */
export function digestJson(value: Json): Digest {
  return sha256Hex(canonicalJson(value));
}
