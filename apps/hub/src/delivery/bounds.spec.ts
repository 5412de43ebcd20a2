import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.js';
import { RateLimit } from './rate-limit.js';

describe('ByteCache', () => {
  it('keeps what was used last within its bytes', () => {
    const cache = new ByteCache<string>(80);
    for (const key of 'abcdefgh') cache.set(key, key, 10);
    expect(cache.get('a')).toBe('a');
    cache.set('i', 'i', 10);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')).toBe('a');
    expect(cache.bytes).toBe(80);
    cache.set('a', 'A', 5);
    expect([cache.get('a'), cache.bytes]).toEqual(['A', 75]);
  });

  it('is not emptied by one large thing', () => {
    const cache = new ByteCache<string>(80);
    cache.set('a', 'a', 10);
    cache.set('huge', 'x', 11);
    expect([cache.get('huge'), cache.get('a')]).toEqual([undefined, 'a']);
  });
});

describe('RateLimit', () => {
  it('gives each key its burst and then its rate', () => {
    let now = 0;
    const limit = new RateLimit({ burst: 2, perSecond: 1 }, () => now);
    expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([true, true, false, true]);
    now = 1_500;
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
    limit.giveBack('a');
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
    now = 60_000;
    expect([limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([true, true, false]);
  });
});
