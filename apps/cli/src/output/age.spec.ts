import { expect, it } from 'vitest';
import { printAge, printSpan } from './age.js';

it.each([
  [0, '0s'],
  [999, '0s'],
  [4_000, '4s'],
  [68_000, '1m08s'],
  [120_000, '2m'],
  [11_520_000, '3h12m'],
  [187_200_000, '2d4h'],
  [-5, '0s'],
])('prints %i ms as %s', (ms, text) => {
  expect(printSpan(ms)).toBe(text);
});

it('prints the age of a moment, - of none', () => {
  expect(printAge('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:00Z'))).toBe('1m');
  expect(printAge(null, 0)).toBe('-');
});
