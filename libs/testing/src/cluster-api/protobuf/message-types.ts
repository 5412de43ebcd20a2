import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** How a field of a message stands in JSON (see `recorded/record-protobuf.ts`). */
export interface FieldType {
  readonly name: string;
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
  readonly isInline: boolean;
  /** JSON has it even when it is empty: pointers that are set, and what is not marked `omitempty`. */
  readonly keepsEmpty: boolean;
}

type RecordedField = [number: number, name: string, type: string, flags: string];

interface Recorded {
  readonly packages: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, readonly RecordedField[]>>;
}

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const types = new Map<string, ReadonlyMap<number, FieldType>>();
let recorded: Recorded | undefined;

function read(): Recorded {
  recorded ??= JSON.parse(
    gunzipSync(readFileSync(new URL('../recorded/protobuf.json.gz', import.meta.url))).toString(),
  ) as Recorded;
  return recorded;
}

/** The message of a kind; options of calls (`DeleteOptions`) come under any version. */
export function messageOf(apiVersion: string, kind: string): string | undefined {
  const { packages, messages } = read();
  const own = `${packages[apiVersion] ?? ''}.${kind}`;
  return [own, `${META}.${kind}`].find((name) => name in messages);
}

export function messageType(name: string): ReadonlyMap<number, FieldType> {
  let type = types.get(name);
  if (type === undefined) {
    type = new Map((read().messages[name] ?? []).map((field) => [field[0], toFieldType(field)]));
    types.set(name, type);
  }
  return type;
}

function toFieldType([, name, type, flags]: RecordedField): FieldType {
  const [shape, bare] = type.startsWith('[]')
    ? (['list', type.slice(2)] as const)
    : type.startsWith('{}')
      ? (['map', type.slice(2)] as const)
      : (['one', type] as const);
  return { name, type: bare, shape, isInline: flags.includes('i'), keepsEmpty: /[pz]/.test(flags) };
}
