const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const SUFFIX_OF = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]));
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|([KMGTPE]i)|([numkMGTPE]?))$/;
const NANO = 9;

interface Parsed {
  readonly negative: boolean;
  /** Value in units of 10⁻⁹, rounded up. */
  readonly nano: bigint;
  readonly format: 'binary' | 'decimal' | 'exponent';
}

/** A resource quantity in the form the API server stores: `1000m` → `1`, `1024Mi` → `1Gi`. Undefined when it is none. */
export function canonicalQuantity(value: string | number): string | undefined {
  const parsed = parse(String(value).trim());
  if (!parsed) return undefined;
  if (parsed.nano === 0n) return '0';
  return (parsed.negative ? '-' : '') + print(parsed);
}

/** The quantity as a number; 0 when it is none. For sums in tables and capacity checks. */
export function quantityValue(value: string | number): number {
  const parsed = parse(String(value).trim());
  return parsed ? (Number(parsed.nano) / 1e9) * (parsed.negative ? -1 : 1) : 0;
}

function parse(text: string): Parsed | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const { factor, shift, format } = parseSuffix(match);
  const nano = shiftUp(BigInt(whole + fraction) * factor, NANO + shift - fraction.length);
  return { negative: sign === '-', nano, format };
}

function parseSuffix(match: RegExpExecArray): { factor: bigint; shift: number; format: Parsed['format'] } {
  const [exponent, binary, decimal = ''] = match.slice(4) as (string | undefined)[];
  if (binary !== undefined) return { factor: 1024n ** BigInt(BINARY.indexOf(binary)), shift: 0, format: 'binary' };
  if (exponent !== undefined) return { factor: 1n, shift: Number(exponent.slice(1)), format: 'exponent' };
  return { factor: 1n, shift: DECIMAL[decimal] ?? 0, format: 'decimal' };
}

/** value × 10^by, rounded up. */
function shiftUp(value: bigint, by: number): bigint {
  if (by >= 0) return value * 10n ** BigInt(by);
  const divisor = 10n ** BigInt(-by);
  return (value + divisor - 1n) / divisor;
}

function print({ nano, format }: Parsed): string {
  if (format === 'binary' && nano >= 1024n * 10n ** 9n) return printBinary(shiftUp(nano, -NANO));
  const [digits, exponent] = reduce(nano, 1000n, (power) => power * 3 - NANO);
  if (format === 'exponent') return exponent === 0 ? `${digits}` : `${digits}e${exponent}`;
  return `${digits}${SUFFIX_OF.get(exponent) ?? ''}`;
}

function printBinary(bytes: bigint): string {
  const [digits, power] = reduce(bytes, 1024n, (times) => times);
  return `${digits}${BINARY[power] ?? ''}`;
}

function reduce(value: bigint, base: bigint, exponentOf: (times: number) => number): [bigint, number] {
  let [rest, times] = [value, 0];
  const most = base === 1024n ? BINARY.length - 1 : 9;
  while (rest % base === 0n && times < most) [rest, times] = [rest / base, times + 1];
  return [rest, exponentOf(times)];
}
