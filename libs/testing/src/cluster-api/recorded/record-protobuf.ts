/**
 * Records how the API's types look on the wire in protobuf, which typed clients (`kubectl create`, `kubectl auth can-i`) send:
 * the field numbers of the published `generated.proto` files, and the JSON names beside them in `types.go`. The file beside
 * this one is its output; run it again when the Kubernetes version moves.
 *
 *   npx tsx libs/testing/src/cluster-api/recorded/record-protobuf.ts ~/go/pkg/mod/k8s.io/api@v0.36.3 ~/go/pkg/mod/k8s.io/apimachinery@v0.36.3
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Number, JSON name, type (`[]` in front of lists, `{}` of maps), and `p` for pointers, `i` for what is inlined, `z` for what JSON has even when it is empty. */
type Field = [number: number, name: string, type: string, flags: string];

const FIELD = /^\s*(optional|repeated|map<string,)\s*([\w.]+)>?\s+(\w+)\s*=\s*(\d+);/;
const TAG = /^\s*(?:(\w+)\s+)?(\S+)\s+`(?:[^`]*\s)?json:"([^"]*)"(?:[^`]*\s)?protobuf:"[^",]*,(\d+)[^"]*"/;

const messages: Record<string, Field[]> = {};
const packages: Record<string, string> = {};

function record(file: string): void {
  const text = readFileSync(file, 'utf8');
  const folder = dirname(file);
  const name = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
  const tags = readTags(folder);
  let message = '';
  for (const line of text.split('\n')) {
    const opened = /^message (\w+) \{/.exec(line)?.[1];
    if (opened !== undefined) messages[`${name}.${(message = opened)}`] = [];
    const field = FIELD.exec(line);
    if (field !== null) messages[`${name}.${message}`]?.push(toField(name, field, tags.get(`${message} ${field[4]}`)));
  }
  const group = groupName(folder);
  if (group !== undefined) packages[`${group}${group === '' ? '' : '/'}${folder.split('/').at(-1)}`] = name;
}

interface Tag {
  readonly name: string;
  readonly flags: string;
}

const SHAPES: Readonly<Record<string, string>> = { optional: '', repeated: '[]', 'map<string,': '{}' };

function toField(pack: string, [, ...parts]: RegExpExecArray, tag: Tag | undefined): Field {
  const [label, type, name, number] = parts as [string, string, string, string];
  return [Number(number), tag?.name || name, (SHAPES[label] ?? '') + qualify(pack, type), tag?.flags ?? ''];
}

function qualify(pack: string, type: string): string {
  if (type.startsWith('.')) return type.slice(1);
  return /^[a-z]/.test(type) ? type : `${pack}.${type}`;
}

/** By `Struct number`: the JSON name of a field, and whether it is a pointer or inlined. */
function readTags(folder: string): Map<string, Tag> {
  const tags = new Map<string, Tag>();
  for (const file of readdirSync(folder).filter((name) => /^(?!.*(generated|_test|zz_)).*\.go$/.test(name))) {
    let struct = '';
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      struct = /^type (\w+) struct/.exec(line)?.[1] ?? struct;
      const found = TAG.exec(line);
      if (found !== null) tags.set(`${struct} ${found[4]}`, toTag(found));
    }
  }
  return tags;
}

function toTag([, , ...parts]: RegExpExecArray): Tag {
  const [type, json] = parts as [string, string];
  const isInline = json.includes(',inline');
  const flags = [
    [type.startsWith('*'), 'p'],
    [isInline, 'i'],
    [!isInline && !json.includes(',omitempty'), 'z'],
  ] as const;
  return {
    name: json.split(',')[0] ?? '',
    flags: flags.flatMap(([is, flag]) => (is ? [flag] : [])).join(''),
  };
}

function groupName(folder: string): string | undefined {
  const register = join(folder, 'register.go');
  return existsSync(register) ? /GroupName\s*=\s*"([^"]*)"/.exec(readFileSync(register, 'utf8'))?.[1] : undefined;
}

for (const root of process.argv.slice(2))
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('generated.proto')) record(join(root, file));
const content = JSON.stringify({ packages, messages });
writeFileSync(new URL('protobuf.json.gz', import.meta.url), gzipSync(content, { level: 9 }));
process.stdout.write(`recorded ${Object.keys(messages).length} messages\n`);
