import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestEntry } from './digests.js';
import { manifestDigest, objectId, orderManifest } from './digests.js';

const entry = (name: string, id = 'a'): ManifestEntry => ({
  objectId: id.repeat(64),
  apiVersion: 'apps/v1',
  ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name },
});

describe('objectId', () => {
  it('is frozen', () => {
    expect(objectId('{"kind":"ConfigMap"}', '')).toBe(
      '45ab28432615c7897edea4b13485ba27c37aa573c7ddb5cfdb00611ab0509482',
    );
    expect(objectId('{"kind":"Secret"}', 'beef')).toBe(
      '844e1df29143019d0495a7b3560d9dc6e1968a93416853754e7c194f8b41da65',
    );
  });

  it('depends on salt and text, and not on where one ends and the other begins', () => {
    expect(objectId('x', 'ab')).not.toBe(objectId('x', ''));
    expect(objectId('bx', 'a')).not.toBe(objectId('x', 'ab'));
  });
});

describe('manifestDigest', () => {
  it('is frozen', () => {
    expect(manifestDigest([entry('b'), entry('a', 'b')])).toBe(
      '2d3caa7ffdf6fdbc55d20f9cf59c467b011e9b87b2492744618f0badd8e768cd',
    );
    expect(manifestDigest([])).toBe('48f5e38670752076b214cab0206b6bfd66e7819a09eba5daedab98e19f259209');
  });

  it('does not depend on the order of entries', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 8 });
    const permuted = names.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(permuted, ([some, same]) => {
        const one = some.map((name) => entry(name));
        const other = same.map((name) => entry(name));
        expect(manifestDigest(other)).toBe(manifestDigest(one));
        expect(orderManifest(other)).toEqual(orderManifest(one));
      }),
    );
  });

  it('changes with any part of an entry', () => {
    const base = manifestDigest([entry('a')]);
    expect(manifestDigest([entry('a', 'b')])).not.toBe(base);
    expect(manifestDigest([entry('b')])).not.toBe(base);
    expect(manifestDigest([{ ...entry('a'), apiVersion: 'apps/v2' }])).not.toBe(base);
  });
});
