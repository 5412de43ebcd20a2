import { describe, expect, it } from 'vitest';
import type { Json } from '../json/index.js';
import { readYaml } from './read-yaml.js';
import type { Scalar } from './resolve-scalar.js';
import { resolveScalar } from './resolve-scalar.js';
import { printNode, toJson } from './yaml-node.js';

function values(content: string): Json[] {
  return readYaml(content).documents.map(({ root }) => (root === undefined ? 'nothing' : toJson(root)));
}

function errors(content: string): string[] {
  const { documents, errors: ofFile } = readYaml(content);
  return [...ofFile, ...documents.flatMap((document) => document.errors)].map(
    ({ code, spot }) => `${spot.line}:${spot.column} ${code}`,
  );
}

describe('resolveScalar', () => {
  // What kubectl 1.32 prints for each of these as JSON.
  const read: readonly (readonly [string, Scalar])[] = [
    ...(['YES', 'y', 'on', 'True'] as const).map((text) => [text, true] as const),
    ...(['n', 'off', 'No', 'FALSE'] as const).map((text) => [text, false] as const),
    ...(['', '~', 'Null'] as const).map((text) => [text, null] as const),
    ['010', 8],
    ['0o10', 8],
    ['0b11', 3],
    ['0B11', 3],
    ['0x1F', 31],
    ['-0x10', -16],
    ['-010', -8],
    ['1_000', 1000],
    ['1_', 1],
    ['0_8', 8],
    ['08', 8],
    ['1e3', 1000],
    ['12e03', 12_000],
    ['.5', 0.5],
    ['5.', 5],
    ['+5', 5],
    ['-0', 0],
    ['1.5_0', 1.5],
    ...['2026-11-25', '1:30', '_1', '.e5', '.', '0x', '0o8', 'tRUE', '.inf_', '-'].map((text) => [text, text] as const),
  ];
  it.each(read)('reads %s as kubectl does', (text, value) => expect(resolveScalar(text)).toBe(value));
});

describe('readYaml', () => {
  it('reads documents, and takes nothing from empty ones', () => {
    expect(values('a: 1\n---\n---\n# nothing\n---\nb: "010"\n---\n- YES\n')).toEqual([{ a: 1 }, { b: '010' }, [true]]);
    expect(values('')).toEqual([]);
  });

  it('resolves aliases and merge keys, own keys first', () => {
    expect(values('x: &x {a: 1, b: 2}\nk: {<<: *x, b: 3}\nz: *x\nw: [&x 1, &v [*x], &x 2, *v]')).toEqual([
      { x: { a: 1, b: 2 }, k: { b: 3, a: 1 }, z: { a: 1, b: 2 }, w: [1, [1], 2, [1]] },
    ]);
  });

  it('keeps text as text', () => {
    expect(values('{a: !!str 5, b: "yes", c: \'~\', 8080: x}\n---\nd: |\n  010\n')).toEqual([
      { a: '5', b: 'yes', c: '~', 8080: 'x' },
      { d: '010\n' },
    ]);
  });

  // What kubectl 1.32 prints for each of these as JSON.
  it('takes the tags of the YAML standard as kubectl does', () => {
    const text =
      '[!!int "5", !!int "0o10", !!float 5, !!bool "yes", !!null "", !!str 010, ! 010, !!timestamp 2020-01-01, !!binary aGVs\nbG8=]';
    expect(values(text.replace('\n', ''))).toEqual([[5, 8, 5, true, null, '010', '010', '2020-01-01', 'hello']]);
  });

  it.each([
    ['a: 1\nb: 2\na: 3', '3:1 duplicateKey'],
    ['{"8": a, 8: b}', '1:10 duplicateKey'],
    ['a:\n  - b\n c: [', '3:1 yamlSyntax'],
    ['on: 1', '1:1 invalidValue'],
    ['010: 1', '1:1 invalidValue'],
    ['? {a: 1}\n: 2', '1:3 invalidValue'],
    ['a: !!int x', '1:10 invalidValue'],
    ['a: !thing 5', '1:11 invalidValue'],
    ['a: !!binary /w==', '1:13 invalidValue'],
    ['a: 9007199254740993', '1:4 invalidValue'],
    ['a: .nan', '1:4 invalidValue'],
    ['a: 1e999', '1:4 invalidValue'],
    ['<<: 5', '1:5 invalidValue'],
    ['a: &a [*a]', '1:8 invalidValue'],
    ['a: *b', '1:4 invalidValue'],
  ])('refuses %j', (content, error) => expect(errors(content)[0]).toBe(error));

  it.each([
    ['lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['open lists', '['.repeat(20_000)],
    ['block lists', `${'- '.repeat(2000)}a`],
    ['maps', `${'{a: '.repeat(2000)}1${'}'.repeat(2000)}`],
    ['block maps', Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['keys', `${'? '.repeat(2000)}a`],
  ])('survives deep %s', (_, content) => expect(errors(content)[0]).toMatch(/limitExceeded$/));

  it('stops at aliases that multiply', () => {
    const layers = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    expect(errors(`a0: &a0 [x]\n${layers.join('\n')}`).filter((error) => error.endsWith('limitExceeded'))).toHaveLength(
      1,
    );
  });

  it('tells how Kubernetes reads a value', () => {
    const printed = readYaml('[010, YES, 5, x, , {}, []]'.replace(', ,', ', ~,')).documents[0]?.root;
    expect(printed?.type === 'list' ? printed.items.map(printNode) : []).toEqual([
      'the number 8 (written 010)',
      'true (written YES)',
      'the number 5',
      'the text "x"',
      'nothing',
      'a map',
      'a list',
    ]);
  });
});
