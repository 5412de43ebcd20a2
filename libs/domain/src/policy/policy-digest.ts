import type { Digest, JsonObject } from '../json/index.js';
import { digestJson } from '../json/index.js';
import type { Policy } from './policy.js';

/** Digest of a policy: SHA-256 over its canonical JSON. */
export function policyDigest(policy: Policy): Digest {
  return digestJson(policy as unknown as JsonObject);
}
