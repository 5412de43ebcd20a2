import { describe, expect, it } from 'vitest';
import { canonicalQuantity, quantityValue } from './quantity.js';

describe('canonicalQuantity', () => {
  it.each<[string | number, string]>([
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.1', '100m'],
    [0.5, '500m'],
    ['1e3', '1e3'],
    ['100', '100'],
    ['1000', '1k'],
    ['0', '0'],
    ['-2000m', '-2'],
  ])('writes %j as %s', (given, expected) => {
    expect(canonicalQuantity(given)).toBe(expected);
    expect(canonicalQuantity(expected)).toBe(expected);
    expect(quantityValue(given)).toBe(quantityValue(expected));
  });

  it.each(['', 'x', '1KB', '1 Gi'])('knows none in %j', (text) => expect(canonicalQuantity(text)).toBeUndefined());
});
