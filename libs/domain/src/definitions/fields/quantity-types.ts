import type { Amount } from '../definition.js';
import type { FieldType } from './field-type.js';
import { boundsError } from './scalar-types.js';

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];
const DURATION = '^(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?$';

/** `1h30m` → 5,400,000; undefined when the text is no duration. Units d, h, m, s, ms, in this order. */
export function parseDuration(text: string): number | undefined {
  const match = text === '' ? null : new RegExp(DURATION).exec(text);
  if (match === null) return undefined;
  return UNITS.reduce((sum, [, ms], index) => sum + Number(match[index + 1] ?? 0) * ms, 0);
}

/** 5,400,000 → `1h30m`. */
export function printDuration(durationMs: number): string {
  const parts: string[] = [];
  let rest = durationMs;
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(rest / ms);
    rest -= count * ms;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.join('');
}

/** A duration in milliseconds, both bounds included. */
export function duration(minMs: number, maxMs: number): FieldType<number> {
  const hint = 'Write it like 30s, 15m or 1h30m.';
  return {
    label: 'duration',
    schema: { type: 'string', pattern: '^(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$', minLength: 2 },
    read(node, at): number | undefined {
      if (node.type !== 'scalar' || node.value === null) return at.wrongType(node, 'a duration', hint);
      if (node.text.startsWith('-')) return at.invalid(node, 'must not be negative', hint);
      if (typeof node.value === 'number') return at.wrongType(node, 'a duration with its unit', hint);
      const value = parseDuration(node.text);
      if (value === undefined) return at.invalid(node, `"${node.text}" is not a duration`, hint);
      return value >= minMs && value <= maxMs ? value : at.invalid(node, rangeError(value, minMs, maxMs), hint);
    },
  };
}

function rangeError(value: number, minMs: number, maxMs: number): string {
  return value < minMs ? `must be at least ${printDuration(minMs)}` : `must be at most ${printDuration(maxMs)}`;
}

/** A count of targets (`2`) or a whole percentage of them (`25%`), at least `min` of either. */
export function amount(min: 0 | 1): FieldType<Amount> {
  const hint = 'Write a whole number like 2, or a percentage like 25%.';
  return {
    label: 'count or percentage',
    schema: {
      oneOf: [
        { type: 'integer', minimum: min },
        { type: 'string', pattern: '^\\d{1,3}%$' },
      ],
    },
    read(node, at): Amount | undefined {
      if (node.type !== 'scalar' || node.value === null) return at.wrongType(node, 'a count or a percentage', hint);
      const percent = /^(-?\d+)%$/.exec(node.text)?.[1];
      const value = percent === undefined ? node.value : Number(percent);
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        return at.invalid(node, `"${node.text}" is neither a count nor a percentage`, hint);
      }
      const error = boundsError(value, min, percent === undefined ? 1_000_000 : 100);
      if (error !== undefined) return at.invalid(node, `${node.text}: ${error}`, hint);
      return percent === undefined ? { count: value } : { percent: value };
    },
  };
}
