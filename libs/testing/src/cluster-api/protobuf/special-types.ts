import type { Json } from '../json.js';
import { readFields } from './wire-reader.js';

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1.';

interface Parts {
  readonly whole: (number: number) => bigint;
  readonly text: (number: number) => string;
  readonly texts: (number: number) => string[];
}

/** Messages that JSON prints as something else than an object of their fields; undefined: it prints nothing. */
const SPECIAL: Readonly<Record<string, (parts: Parts) => Json | undefined>> = {
  [`${META}Time`]: (parts) => printTime(parts, /\.\d+Z$/, 'Z'),
  [`${META}MicroTime`]: (parts) => printTime(parts, /Z$/, '000Z'),
  [`${META}Duration`]: ({ whole }) => `${Number(whole(1)) / 1e9}s`,
  [`${META}FieldsV1`]: ({ text }) => JSON.parse(text(1) || '{}') as Json,
  [`${META}Verbs`]: ({ texts }) => texts(1),
  'k8s.io.apimachinery.pkg.api.resource.Quantity': ({ text }) => text(1),
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': ({ whole, text }) =>
    whole(1) === 0n ? Number(whole(2)) : text(3),
  'k8s.io.apimachinery.pkg.runtime.RawExtension': ({ text }) => JSON.parse(text(1) || '{}') as Json,
};

/** Lists that are a message of their own, such as `k8s.io.api.authorization.v1.ExtraValue`. */
const LISTS = /\.ExtraValue$/;

export function decodeSpecial(type: string, message: Buffer): { readonly value: Json | undefined } | undefined {
  const decode = SPECIAL[type] ?? (LISTS.test(type) ? ({ texts }: Parts) => texts(1) : undefined);
  if (decode === undefined) return undefined;
  const fields = [...readFields(message)];
  const texts = (number: number): string[] =>
    fields.filter((field) => field.number === number).map(({ bytes }) => bytes.toString());
  const text = (number: number): string => texts(number)[0] ?? '';
  const whole = (number: number): bigint => fields.find((field) => field.number === number)?.whole ?? 0n;
  return { value: decode({ whole, text, texts }) };
}

function printTime({ whole }: Parts, tail: RegExp, replacement: string): string | undefined {
  const seconds = Number(whole(1));
  const nanos = Number(whole(2));
  if (seconds === 0 && nanos === 0) return undefined;
  return new Date(seconds * 1_000 + nanos / 1e6).toISOString().replace(tail, replacement);
}
