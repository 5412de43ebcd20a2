import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSelector } from './parse-selector.js';
import type { Requirement, Selector } from './selector.js';
import { matchSelector, printSelector } from './selector.js';

function selector(text: string): Selector {
  const result = parseSelector(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.selector;
}

describe('parseSelector', () => {
  it.each([
    ['env=prod', 'env=prod'],
    ['env==prod', 'env=prod'],
    [' env = prod , tier != web ', 'env=prod,tier!=web'],
    ['region in (us, eu,us)', 'region in (eu,us)'],
    ['region in (eu)', 'region=eu'],
    ['region notin (us,eu)', 'region notin (eu,us)'],
    ['gpu', 'gpu'],
    ['!gpu', '!gpu'],
    ['! gpu', '!gpu'],
    ['cores>3,cores<9', 'cores<9,cores>3'],
    ['env=', 'env='],
    ['in=in', 'in=in'],
    ['facts/provider=kind', 'facts/provider=kind'],
    ['topology.kubernetes.io/zone in (a,)', 'topology.kubernetes.io/zone in (,a)'],
  ])('reads %j', (text, printed) => expect(selector(text).text).toBe(printed));

  it.each([
    ['', 1],
    ['   ', 1],
    ['env=prod,', 10],
    [',env', 1],
    ['env prod', 5],
    ['env in eu', 8],
    ['env in (eu', 11],
    ['env in ()', 9],
    ['env=a=b', 6],
    ['-env=a', 1],
    ['env=a,tier=-x', 12],
    ['cores>many', 7],
    ['!', 2],
    ['a/b/c=d', 1],
    ['env=prod region=eu', 10],
  ])('says where %j breaks', (text, column) => {
    expect(parseSelector(text)).toMatchObject({ ok: false, error: { column } });
  });

  it('matches as kubectl does when a key is missing', () => {
    const labels = { env: 'prod', cores: '4', empty: '' };
    const matching = [
      'env=prod',
      'tier!=web',
      'tier notin (web)',
      '!tier',
      'env',
      'cores>3',
      'empty=',
      'env in (lab,prod)',
    ];
    const others = ['env=lab', 'tier=web', 'tier', '!env', 'env!=prod', 'cores>4', 'env>1', 'toString', 'tier='];
    expect(matching.filter((text) => !matchSelector(selector(text), labels))).toEqual([]);
    expect(others.filter((text) => matchSelector(selector(text), labels))).toEqual([]);
  });
});

const word = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,6}[a-z0-9])?$/);
const key = fc.constantFrom('env', 'region', 'x.io/tier', 'in', 'notin');
const values = fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).map((list) => list.sort());
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ op: fc.constantFrom('in' as const, 'notIn' as const), key, values }),
  fc.record({ op: fc.constantFrom('exists' as const, 'notExists' as const), key }),
  fc.record({ op: fc.constantFrom('greaterThan' as const, 'lessThan' as const), key, value: fc.integer() }),
);

describe('laws of selectors', () => {
  it('reads back what it prints', () => {
    fc.assert(
      fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), (requirements) => {
        const printed = printSelector(requirements);
        const read = selector(printed);
        expect(read.text).toBe(printed);
        expect(new Set(read.requirements.map((item) => printSelector([item])))).toEqual(
          new Set(requirements.map((item) => printSelector([item]))),
        );
      }),
    );
  });

  it('a requirement and its opposite never agree', () => {
    const labels = fc.dictionary(key, word);
    fc.assert(
      fc.property(key, values, labels, (name, list, given) => {
        const holds = (op: 'in' | 'notIn'): boolean =>
          matchSelector({ text: '', requirements: [{ op, key: name, values: list }] }, given);
        expect(holds('in')).toBe(!holds('notIn'));
      }),
    );
  });

  it('answers every text with a selector or a column inside it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => {
        const result = parseSelector(text);
        if (!result.ok) expect(result.error.column).toBeGreaterThanOrEqual(1);
        if (!result.ok) expect(result.error.column).toBeLessThanOrEqual(text.length + 1);
      }),
    );
  });
});
