import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';
import { exactInteger, isExactInteger, parseJson, printJson, withBigInts } from './exact-integer.js';
import type { Json } from './json.js';

/** JSON texts with whole numbers of any size, without white space. */
const text = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc
      .oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('9007199254740993', '\\"9007199254740993', '{"a":12345678901234567890}'),
      )
      .map((value) => JSON.stringify(value)),
    fc.constantFrom('true', 'null'),
    fc.array(tie('value')).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.string(), tie('value')), { selector: ([key]) => key })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(`k${key}`)}:${value}`).join(',')}}`),
  ),
})).value;

describe('whole numbers of any size', () => {
  it('come out of JSON as they went in, and everything else as JSON.parse has it', () => {
    fc.assert(
      fc.property(text, (json) => {
        const value = parseJson(json);
        const again = printJson(value);
        expect(printJson(parseJson(again))).toBe(again);
        expect(parseJson(again)).toEqual(value);
        expect(JSON.parse(again)).toEqual(JSON.parse(json));
        // Digit by digit.
        const numbers = (of: string): string[] =>
          of
            .replaceAll(/"(?:[^"\\]|\\.)*"/gs, '')
            .match(/-?\d+(?![\d.eE])/g)
            ?.filter((one) => BigInt(one) > 2n ** 53n) ?? [];
        expect(numbers(again).filter((one) => /^-?\d{1,21}$/.test(one))).toEqual(
          numbers(json).filter((one) => /^-?\d{1,21}$/.test(one)),
        );
      }),
    );
  });

  it('are told from texts, also after a detour through plain JSON', () => {
    const value = parseJson('{"a":9007199254740993,"b":"9007199254740993","c":9007199254740991,"d":1.5}') as Record<
      string,
      Json
    >;
    expect([value['b'], value['c'], value['d']]).toEqual(['9007199254740993', 9007199254740991, 1.5]);
    expect(isExactInteger(value['a'])).toBe(true);
    const stored = JSON.parse(JSON.stringify(value)) as Json;
    expect(printJson(stored)).toBe('{"a":9007199254740993,"b":"9007199254740993","c":9007199254740991,"d":1.5}');
    expect(canonicalJson(stored)).not.toBe(canonicalJson({ ...value, a: '9007199254740993' }));
    expect(withBigInts(stored)).toMatchObject({ a: 9007199254740993n });
  });

  it('are numbers wherever those are exact', () => {
    expect([exactInteger('12'), exactInteger('-9007199254740991')]).toEqual([12, -9007199254740991]);
    expect(exactInteger('0009007199254740993')).toBe(exactInteger('9007199254740993'));
  });
});
