import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json/index.js';
import { canonicalJson } from '../json/index.js';
import { diffObject, escapePointer, parsePointer } from './diff-object.js';
import { valueAt } from './ignore-paths.js';

describe('diffObject', () => {
  it('names each field with both values', () => {
    expect(diffObject({ data: { a: '1', b: '2' } }, { data: { a: '1', b: '3', c: '4' } })).toEqual([
      { field: '/data/b', wanted: '2', live: '3' },
      { field: '/data/c', wanted: undefined, live: '4' },
    ]);
  });

  it('goes by index where a name stands twice', () => {
    const items = (...images: string[]): JsonObject => ({ list: images.map((image) => ({ name: 'a', image })) });
    expect(diffObject(items('1', '2'), items('1', '3'))).toEqual([{ field: '/list/1/image', wanted: '2', live: '3' }]);
  });

  it('reads a pointer whose escape is escaped', () => {
    expect(parsePointer('/a~01b')).toEqual(['a~1b']);
    expect(parsePointer(`/${escapePointer('a~1/b')}`)).toEqual(['a~1/b']);
  });

  it('matches list items by name', () => {
    const wanted = {
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    };
    const live = {
      containers: [
        { name: 'b', image: '2' },
        { name: 'a', image: '1' },
      ],
    };
    expect(diffObject(wanted, live)).toEqual([{ field: '/containers/1/image', wanted: '1', live: '2' }]);
  });

  it('leaves out what the API server writes by itself', () => {
    const live = {
      metadata: { name: 'a', uid: 'u', resourceVersion: '2', managedFields: [], generation: 3 },
      status: { ready: true },
    };
    expect(diffObject({ metadata: { name: 'a' } }, live)).toEqual([]);
  });

  it('escapes pointers', () => {
    expect(diffObject({ 'a/b~c': 1 }, {})[0]?.field).toBe('/a~1b~0c');
  });
});

const tree = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'name', 'x/y', '~'), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})).object;

describe('laws of diffObject', () => {
  it('finds nothing exactly when both are the same', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        expect(diffObject(a, a)).toEqual([]);
        if (canonicalJson(a) !== canonicalJson(b) && a['metadata'] === undefined)
          expect(sameButOrder(a, b) || diffObject(a, b).length > 0).toBe(true);
      }),
    );
  });

  it('turned round, it finds the same fields with sides changed', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        const sides = diffObject(a, b)
          .map(({ wanted, live }) => canonicalJson([wanted ?? null, live ?? null]))
          .sort();
        const turned = diffObject(b, a)
          .map(({ wanted, live }) => canonicalJson([live ?? null, wanted ?? null]))
          .sort();
        expect(turned).toEqual(sides);
      }),
    );
  });

  it('points at the value it names', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        for (const { field, wanted } of diffObject(a, b)) {
          if (wanted !== undefined) expect(valueAt(a, parsePointer(field))).toEqual(wanted);
        }
      }),
    );
  });

  it('pointer segments survive escaping', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (segment) => {
        expect(parsePointer(`/${escapePointer(segment)}`)).toEqual([segment]);
      }),
    );
  });
});

/** Lists of named items may differ in order only. */
function sameButOrder(a: Json, b: Json): boolean {
  const sorted = (value: Json): Json => {
    if (Array.isArray(value))
      return (value as readonly Json[]).map(sorted).sort((x, y) => (canonicalJson(x) < canonicalJson(y) ? -1 : 1));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, sorted(child as Json)]));
  };
  return canonicalJson(sorted(a)) === canonicalJson(sorted(b));
}
