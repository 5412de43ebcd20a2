import { parseJoinToken, parseTokenForHub, tokenForHub } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import type { StoredJoinToken } from './judge-join.js';
import { judgeJoinToken } from './judge-join.js';
import { makeJoinToken, printToken } from './join-token.js';

const made = makeJoinToken();
const stored: StoredJoinToken = {
  id: made.id,
  clusterName: 'eu-1',
  labels: {},
  secretHash: made.secretHash,
  purpose: 'join',
  cluster: null,
  keyHash: undefined,
  expired: false,
  revoked: false,
};
const given = { secret: made.secret, keyHash: 'aa' };

describe('judgeJoinToken', () => {
  it('admits the first key, and that key again', () => {
    expect(judgeJoinToken(stored, given)).toBeUndefined();
    expect(judgeJoinToken({ ...stored, cluster: 1, keyHash: 'aa' }, given)).toBeUndefined();
  });

  it.each<[string, StoredJoinToken | undefined, typeof given, string]>([
    ['nobody knows it', undefined, given, 'unknownToken'],
    ['the secret is another', stored, { ...given, secret: 'x' }, 'unknownToken'],
    [
      'the secret is another, and it has expired',
      { ...stored, expired: true },
      { ...given, secret: 'x' },
      'unknownToken',
    ],
    ['it was revoked', { ...stored, revoked: true, expired: true }, given, 'revokedToken'],
    ['it has expired', { ...stored, expired: true }, given, 'expiredToken'],
    ['it has expired, though the key is the same', { ...stored, expired: true, keyHash: 'aa' }, given, 'expiredToken'],
    ['another key used it', { ...stored, keyHash: 'bb' }, given, 'usedToken'],
  ])('refuses when %s', (_, token, call, refusal) => {
    expect(judgeJoinToken(token, call)).toBe(refusal);
  });
});

describe('a join token', () => {
  it('is read by agents and by the hub', () => {
    const pin = Buffer.alloc(32, 7).toString('base64url');
    const parsed = parseJoinToken(printToken(made, pin));
    expect(parsed).toEqual({ id: made.id, secret: made.secret, pin });
    expect(parseTokenForHub(tokenForHub(parsed))).toEqual({ id: made.id, secret: made.secret });
  });
});
