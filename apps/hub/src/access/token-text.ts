import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const PATTERN = /^flo_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;

export interface TokenParts {
  readonly id: string;
  readonly secret: string;
}

/** `flo_<id>_<secret>`: the prefix lets secret scanners find one that leaked; the id may be shown, the secret never. */
export function makeToken(): TokenParts & { readonly text: string } {
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, text: `flo_${id}_${secret}` };
}

export function parseToken(text: string): TokenParts | undefined {
  const [, id, secret] = PATTERN.exec(text) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Compares in constant time. */
export function secretMatches(secret: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashSecret(secret), hash);
}
