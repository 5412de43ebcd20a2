import type { Json } from './json.js';
import { isJsonObject } from './json.js';

/**
 * Begins the text that stands for a whole number which JavaScript cannot hold exactly (beyond 2^53). Texts of content that
 * begin so are refused, so nothing else is ever taken for one; Unicode gives this code point no meaning. Frozen.
 */
const MARK = '\ufdd0int:';
const MARKED = /^\ufdd0int:-?\d+$/;
const PRINTED = /"\ufdd0int:(-?\d+)"/g;
/** Digits of the shortest whole number that may be too large. */
const LENGTH = 16;
const LONG = /\d{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const WHOLE = /^-?\d{16,}$/;

/** A whole number of any size by its decimal digits: a number where that is exact, else the text that stands for it. */
export function exactInteger(digits: string): number | string {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : `${MARK}${BigInt(digits)}`;
}

/** Whether the value stands for a whole number that is too large for a number. */
export function isExactInteger(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(MARK) && MARKED.test(value);
}

/** Whether a text of content could be taken for what it is not. */
export function isReservedText(text: string): boolean {
  return text.startsWith('\ufdd0');
}

/** Reads JSON like `JSON.parse`, and keeps whole numbers of any size exactly. @throws SyntaxError */
export function parseJson(text: string): Json {
  return JSON.parse(hasLongNumber(text) ? markIntegers(text) : text) as Json;
}

/** Writes JSON like `JSON.stringify`, with whole numbers of any size as numbers. */
export function printJson(value: Json): string {
  return unmarkIntegers(JSON.stringify(value));
}

/** JSON text with the numbers that marks in it stand for. */
export function unmarkIntegers(json: string): string {
  return json.includes(MARK) ? json.replace(PRINTED, '$1') : json;
}

/** For people and for programs that count: digits as text, or as a bigint by `toBigInt`. */
export function digitsOf(value: string): string {
  return value.slice(MARK.length);
}

/** The value with a bigint for each number that is too large, for YAML and expressions. */
export function withBigInts(value: unknown): unknown {
  if (isExactInteger(value)) return BigInt(digitsOf(value));
  if (Array.isArray(value)) return value.map(withBigInts);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries<unknown>(value).map(([key, one]) => [key, withBigInts(one)]));
}

/** Whether anything in the value stands for such a number. */
export function hasExactIntegers(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasExactIntegers);
  return isJsonObject(value) ? Object.values(value).some(hasExactIntegers) : isExactInteger(value);
}

/** Looks at one place in sixteen, for every run of so many digits covers one: next to the parsing that costs nothing. */
function hasLongNumber(text: string): boolean {
  for (let at = LENGTH - 1; at < text.length; at += LENGTH) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57 && LONG.test(text.slice(at - LENGTH + 1, at + LENGTH))) return true;
  }
  return false;
}

/** Marks numbers outside of texts. */
function markIntegers(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, end).replace(NUMBER, markNumber));
    if (quote < 0) break;
    at = endOfText(text, quote);
    parts.push(text.slice(quote, at));
  }
  return parts.join('');
}

function markNumber(number: string): string {
  const exact = WHOLE.test(number) ? exactInteger(number) : number;
  return typeof exact === 'string' && exact !== number ? `"${exact}"` : number;
}

/** After the closing quote of the text that begins there. */
function endOfText(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
