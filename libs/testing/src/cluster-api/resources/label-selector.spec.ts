import { describe, expect, it } from 'vitest';
import { matchesSelector, parseLabelSelector, printSelector } from './label-selector.js';

const labels = { app: 'web', ring: '2', 'acme.io/team': 'shop' };

describe('parseLabelSelector', () => {
  it.each([
    '',
    'app=web',
    'app==web,ring=2',
    'app!=db',
    'app in (web, db)',
    'ring notin (3),!gone',
    'acme.io/team',
    'ring>1',
    'x!=y',
  ])('matches %j', (text) => expect(parseLabelSelector(text)(labels)).toBe(true));

  it.each(['app=db', 'app!=web', 'app in (db)', 'app notin (web)', '!app', 'gone', 'ring<2', 'gone=', 'x in (y)'])(
    'does not match %j',
    (text) => expect(parseLabelSelector(text)(labels)).toBe(false),
  );

  it.each(['a in', 'a=b=c', '(a)'])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow('unable to parse requirement');
  });
});

describe('matchesSelector', () => {
  it('takes an empty selector for everything and none for nothing', () => {
    expect([matchesSelector({}, labels), matchesSelector(undefined, labels)]).toEqual([true, false]);
  });

  it('prints what it matches by', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'ring', operator: 'In', values: ['1', '2'] }],
    };
    expect(matchesSelector(selector, labels)).toBe(true);
    expect(parseLabelSelector(printSelector(selector))(labels)).toBe(true);
    expect(printSelector(selector)).toBe('app=web,ring in (1,2)');
  });
});
