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

/** Decimal digits of a whole number as kubectl reads it, whatever its size; undefined when the text is none. */
export function wholeDigits(text: string): string | undefined {
  const [, sign = '', digits] = INTEGER.exec(text.replaceAll('_', '')) ?? [];
  if (digits === undefined) return undefined;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return String(sign === '-' ? -value : value);
}

function wholeNumber(digits: string): number {
  return Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

function signed(sign: string, value: number): number {
  return sign === '-' && value !== 0 ? -value : value;
}

export type Tagged = { readonly value: Scalar } | { readonly message: string; readonly hint: string };

const STANDARD = 'tag:yaml.org,2002:';

/** What kubectl reads in a scalar with a tag of the YAML standard; other tags mean nothing to Kubernetes. */
export function resolveTagged(tag: string, text: string): Tagged {
  if (tag === '!') return { value: text };
  const name = tag.startsWith(STANDARD) ? tag.slice(STANDARD.length) : tag;
  if (name === 'str' || name === 'timestamp') return { value: text };
  if (name === 'binary') return decodeBinary(text);
  const value = resolveScalar(text);
  if (TYPES[name]?.(value) === true) return { value };
  return TYPES[name] === undefined
    ? { message: `the tag ${tag} is not allowed`, hint: 'Remove the tag.' }
    : { message: `"${text}" is no !!${name}`, hint: 'Correct the value, or remove the tag.' };
}

const TYPES: Readonly<Record<string, ((value: Scalar) => boolean) | undefined>> = {
  int: (value) => typeof value === 'number' && Number.isInteger(value),
  float: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** Base64 of a text: JSON, which Kubernetes is sent, holds nothing else. */
function decodeBinary(text: string): Tagged {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const hint = 'Use the field binaryData of a ConfigMap, or data of a Secret, and write base64 without the tag.';
    return { message: '!!binary is not base64 of a text', hint };
  }
}
