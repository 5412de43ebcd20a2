import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDuplicateKeys } from './duplicate-keys.js';

describe('findDuplicateKeys', () => {
  it('finds none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findDuplicateKeys(JSON.stringify(value, null, 1))).toEqual([]);
      }),
    );
  });

  it('names the key, its path and its line', () => {
    const text = '{"a": 1,\n "list": [{}, {"b": "x: {", \n "b": 2}],\n "a": [1, 2]}';
    expect(findDuplicateKeys(text)).toEqual([
      { key: 'b', path: 'list[1].b', line: 3 },
      { key: 'a', path: 'a', line: 4 },
    ]);
  });
});
