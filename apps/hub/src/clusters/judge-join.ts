import type { Digest } from '@flotilla/domain';
import { joinSecretMatches } from './join-token.js';

/** A join token as stored. */
export interface StoredJoinToken {
  readonly id: string;
  readonly clusterName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly secretHash: Buffer;
  readonly purpose: 'join' | 'rejoin';
  readonly cluster: number | null;
  /** Hash of the first key it was used with. */
  readonly keyHash: Digest | undefined;
  readonly expired: boolean;
  readonly revoked: boolean;
}

export type JoinRefusal = 'unknownToken' | 'revokedToken' | 'expiredToken' | 'usedToken' | 'nameTaken' | 'otherCluster';

export const JOIN_REFUSALS: Readonly<Record<JoinRefusal, string>> = {
  unknownToken: 'the join token is unknown',
  revokedToken: 'the join token was revoked',
  expiredToken: 'the join token has expired',
  usedToken: 'the join token was used with another key',
  nameTaken: 'a cluster with this name is enrolled already',
  otherCluster: 'the token belongs to another cluster: the UID of kube-system differs',
};

/** Why a token does not admit a key; undefined when it does. The first reason wins. */
export function judgeJoinToken(
  token: StoredJoinToken | undefined,
  given: { readonly secret: string; readonly keyHash: Digest },
): JoinRefusal | undefined {
  if (!token || !joinSecretMatches(given.secret, token.secretHash)) return 'unknownToken';
  if (token.revoked) return 'revokedToken';
  if (token.expired) return 'expiredToken';
  if (token.keyHash !== undefined && token.keyHash !== given.keyHash) return 'usedToken';
  return undefined;
}
