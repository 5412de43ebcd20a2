export type Scalar = null | boolean | number | string;

const WORDS = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, NaN] as const),
]);

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

/**
 * What kubectl reads in an unquoted YAML scalar (go-yaml v2 under sigs.k8s.io/yaml): `YES` is true, `010` is 8, `1_000`
 * is 1000, `08` is 8, dates stay text. Whole numbers beyond 2^53 lose digits: compare with the text to notice.
 */
export function resolveScalar(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  return resolveNumber(text) ?? text;
}

function resolveNumber(text: string): number | undefined {
  const plain = text.replaceAll('_', '');
  const integer = INTEGER.exec(plain);
  if (integer !== null) return signed(integer[1] ?? '', wholeNumber(integer[2] ?? ''));
  return FLOAT.test(plain) ? Number(plain) : undefined;
}

function wholeNumber(digits: string): number {
  return Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

function signed(sign: string, value: number): number {
  return sign === '-' && value !== 0 ? -value : value;
}
