import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a join token works. */
export const JOIN_TOKEN_LIFE_MS = 3_600_000;

export interface NewJoinToken {
  readonly id: string;
  readonly secret: string;
  /** What is kept. */
  readonly secretHash: Buffer;
}

export function makeJoinToken(): NewJoinToken {
  const secret = randomBytes(32).toString('base64url');
  return { id: randomBytes(9).toString('base64url'), secret, secretHash: hashJoinSecret(secret) };
}

/** The text that people carry: format, id, secret, and the pin by which the agent knows the hub. */
export function printToken(token: Pick<NewJoinToken, 'id' | 'secret'>, pin: string): string {
  return `flt1.${token.id}.${token.secret}.${pin}`;
}

function hashJoinSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function joinSecretMatches(secret: string, hash: Buffer): boolean {
  return timingSafeEqual(hashJoinSecret(secret), hash);
}
