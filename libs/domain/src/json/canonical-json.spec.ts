import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { digestJson, provideSha256, sha256Hex } from './canonical-json.js';

const native = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

describe('provideSha256', () => {
  const portable = new Map(['', 'é', 'a longer text'].map((text) => [text, sha256Hex(text)]));
  afterEach(() => provideSha256(native));

  it('changes no digest', () => {
    provideSha256(native);
    for (const [text, digest] of portable) expect(sha256Hex(text)).toBe(digest);
    expect(digestJson({ b: 1, a: [true] })).toBe(native('{"a":[true],"b":1}'));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => sha256Hex(bytes) === native(bytes)));
  });

  it('refuses what is another function, and keeps the one it has', () => {
    const before = sha256Hex('x');
    const other = (content: string | Uint8Array): string => createHash('sha1').update(content).digest('hex');
    expect(() => provideSha256(other)).toThrow('not SHA-256');
    const latin1 = (content: string | Uint8Array): string =>
      createHash('sha256')
        .update(typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
        .digest('hex');
    expect(() => provideSha256(latin1)).toThrow('not SHA-256');
    expect(sha256Hex('x')).toBe(before);
  });
});
