import { describe, expect, it } from 'vitest';
import type { Json } from '../json/index.js';
import { printJson } from '../json/index.js';
import { readManifests } from './read-manifests.js';

function read(content: string): { objects: unknown[]; problems: string[] } {
  const { objects, problems } = readManifests({
    path: 'web/a.yaml',
    id: 'a',
    content: new TextEncoder().encode(content),
  });
  return {
    objects: objects.map(({ object }) => object),
    problems: problems.map(
      ({ code, place, field, message }) => `${code} ${place.line}:${place.column} ${field} ${message}`,
    ),
  };
}

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n';

describe('readManifests', () => {
  it('reads documents, flattens lists, and passes over empty documents', () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}\n';
    const { objects, problems } = read(`# only words\n---\n${head}---\n---\n${list}`);
    expect(problems).toEqual([]);
    expect(objects.map((object) => (object as { metadata: { name: string } }).metadata.name)).toEqual([
      'web',
      'one',
      'two',
    ]);
  });

  it('reads JSON', () => {
    expect(read('{"apiVersion": "v1", "kind": "ConfigMap",\n\t"metadata": {"name": "web"}}').objects).toHaveLength(1);
  });

  it('gives scalars the meaning that kubectl gives them', () => {
    const { objects } = read(`${head}x: {a: YES, b: 010, c: "010", d: 1_000, e: ~, f: 1e3, g: 2024-01-01, h: off}\n`);
    expect(objects).toMatchObject([
      { x: { a: true, b: 8, c: '010', d: 1000, e: null, f: 1000, g: '2024-01-01', h: false } },
    ]);
  });

  it('follows anchors, within bounds', () => {
    expect(read(`${head}data: &d {a: "1"}\nmore: {<<: *d, b: "2"}\n`).objects).toMatchObject([
      { more: { a: '1', b: '2' } },
    ]);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[i]}`).join()}]`),
    ];
    expect(read(`${head}${bomb.join('\n')}\n`).problems.join()).toMatch(/limitExceeded|yamlSyntax/);
  });

  it.each([
    ['a list at the top', '- a\n', 'manifestInvalid 1:1'],
    ['a word at the top', 'hello\n', 'manifestInvalid 1:1'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n', 'manifestInvalid 1:1 kind a Kubernetes object needs kind'],
    ['no name', 'apiVersion: v1\nkind: X\nmetadata:\n  labels: {}\n', 'manifestInvalid 4:3 metadata.name'],
    [
      'a name that is a number',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: 12\n',
      'manifestInvalid 4:3 metadata.name',
    ],
    [
      'a generated name',
      'apiVersion: v1\nkind: X\nmetadata:\n  generateName: a-\n',
      'manifestInvalid 4:3 metadata.generateName',
    ],
    [
      'a label that is no text',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  labels:\n    b: "1"\n    c: yes\n',
      'manifestInvalid 7:5 metadata.labels.c',
    ],
    [
      'a number among the data of a ConfigMap',
      `${head}data:\n  a: "1"\n  port: 8080\n  none:\n`,
      'manifestInvalid 6:3 data.port the value of port must be text, but is a number',
    ],
    [
      'a value of a Secret that is no text, without naming it',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  pin: 1234\n',
      'manifestInvalid 5:3 stringData.pin the value of pin must be text, but is a number',
    ],
    ['a key twice', `${head}data:\n  a: "1"\n  a: "2"\n`, 'duplicateKey 6:3'],
    ['a key that is no text for Kubernetes', `${head}data:\n  on: "1"\n`, 'invalidValue 5:3'],
    [
      'a container twice',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n      - name: x\n      - name: x\n',
      'manifestInvalid 9:9 spec.template.spec.containers[1]',
    ],
    [
      'a port twice',
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - port: 80\n  - {port: 80, protocol: TCP}\n',
      'manifestInvalid 7:5 spec.ports[1]',
    ],
    [
      'a definition',
      'apiVersion: flotilla.dev/v1alpha1\nkind: App\nmetadata: {name: a}\n',
      'manifestInvalid 1:1 apiVersion a App of flotilla.dev is a definition',
    ],
  ])('refuses %s, with its place', (_what, content, problem) => {
    const { objects, problems } = read(content);
    expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
    expect(objects).toEqual([]);
  });

  it('lets the same port stand for two protocols, and the same name in two lists', () => {
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}\n';
    expect(read(service).problems).toEqual([]);
  });

  it('refuses what is not UTF-8', () => {
    const { problems } = readManifests({ path: 'a.yaml', id: 'a', content: new Uint8Array([0xff, 0xfe, 0x41]) });
    expect(problems.map(({ message }) => message)).toEqual(['the file is not UTF-8 text']);
  });

  it('shows every problem of a file at once', () => {
    expect(read(`kind: X\nmetadata: {}\n---\n${head}a: 1\na: 2\n`).problems.length).toBeGreaterThanOrEqual(3);
  });

  it('keeps whole numbers of any size exactly, and takes no text for one', () => {
    const numbers = 'numbers: [9007199254740993, -0x20000000000001, 9_007_199_254_740_995, "9007199254740993", 1e30]\n';
    const { objects, problems } = read(head + numbers);
    expect(problems).toEqual([]);
    expect(printJson((objects[0] as { numbers: Json }).numbers)).toBe(
      '[9007199254740993,-9007199254740993,9007199254740995,"9007199254740993",1e+30]',
    );
    expect(read('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 9007199254740993}\n').problems).toEqual([
      'manifestInvalid 3:12 metadata.name a Kubernetes object needs metadata.name',
    ]);
    expect(read(`${head}x: "\\uFDD0int:1"\n`).problems).toEqual([
      expect.stringContaining('must not begin with U+FDD0'),
    ]);
    expect(read(head.replace('web', 'web, labels: {a: 9007199254740993}')).problems[0]).toContain(
      'must be text, but is 9007199254740993',
    );
  });

  it('tells a template from broken YAML', () => {
    const hintOf = (text: string): string | undefined =>
      readManifests({ path: 'web.yaml', id: '', content: new TextEncoder().encode(text) }).problems[0]?.hint;
    for (const text of ['kind: {{ .Values.kind }}\n', 'a: 1\n{{- if .Values.on }}\nb: 2\n{{- end }}\n'])
      expect(hintOf(text)).toMatch(/looks like a template/);
    expect(hintOf('a: {b: [}\n')).not.toMatch(/template/);
  });
});
