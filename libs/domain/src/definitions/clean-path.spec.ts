import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanPath, folderOf, pathMatcher } from './clean-path.js';
import { parseDuration, printDuration } from './fields/quantity-types.js';
import { editDistance, suggest } from './suggest.js';

describe('cleanPath', () => {
  it.each([
    ['./apps/web/', 'apps/web'],
    ['.', ''],
    ['', ''],
    ['a//b', 'a/b'],
    ['..', undefined],
    ['a/../b', undefined],
    ['/etc', undefined],
    ['a\\b', undefined],
    ['...', '...'],
  ])('%j is %j', (path, clean) => expect(cleanPath(path)).toBe(clean));

  it('finds the folder of a file', () => {
    expect([folderOf('a/b/c.yaml'), folderOf('c.yaml')]).toEqual(['a/b', '']);
  });
});

describe('pathMatcher', () => {
  it.each([
    [
      'teams/shop/**',
      ['teams/shop/a.yaml', 'teams/shop/a/b.yaml'],
      ['teams/shopping/a.yaml', 'teams/a.yaml', 'x/teams/shop/a'],
    ],
    ['**/flotilla.yaml', ['flotilla.yaml', 'a/b/flotilla.yaml'], ['a/myflotilla.yaml']],
    ['teams/*/a.yaml', ['teams/x/a.yaml'], ['teams/x/y/a.yaml', 'teams/a.yaml']],
    ['a.b/?.yaml', ['a.b/c.yaml'], ['axb/c.yaml', 'a.b/cc.yaml']],
    ['**', ['a', 'a/b'], []],
  ])('%s', (pattern, matching, others) => {
    const matches = pathMatcher(pattern);
    expect(matching.filter((path) => !matches(path))).toEqual([]);
    expect(others.filter((path) => matches(path))).toEqual([]);
  });
});

describe('durations', () => {
  it('read back what is printed', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(printDuration(ms)) === ms));
  });
  it.each(['', '5', 'm', '5m1h', '1h 30m', '-5m', '1.5h'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('suggest', () => {
  it('finds slips and nothing far away', () => {
    expect(suggest('namspace', ['name', 'namespace'])).toBe('namespace');
    expect(suggest('maxconcurrent', ['maxConcurrent'])).toBe('maxConcurrent');
    expect(suggest('colour', ['mode', 'values'])).toBeUndefined();
  });

  it('measures symmetrically', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
