import { describe, expect, it } from 'vitest';
import { parseJoinToken, parseTokenForHub, printJoinToken, tokenForHub } from './join-token.js';

const token = { id: 'tok1', secret: 's3cr3t', pin: Buffer.alloc(32, 7).toString('base64url') };

describe('join token', () => {
  it('survives printing, and reaches the hub without the pin', () => {
    expect(parseJoinToken(`${printJoinToken(token)}\n`)).toEqual(token);
    expect(tokenForHub(token)).not.toContain(token.pin);
    expect(parseTokenForHub(tokenForHub(token))).toEqual({ id: 'tok1', secret: 's3cr3t' });
  });

  it.each(['', 'flt1.a.b', 'flt2.a.b.c', 'flt1.a.b.c', `flt1.a b.c.${token.pin}`, `${printJoinToken(token)}.x`])(
    'is refused without being repeated: %s',
    (text) => {
      expect(() => parseJoinToken(text)).toThrow('the join token is not complete');
    },
  );
});
