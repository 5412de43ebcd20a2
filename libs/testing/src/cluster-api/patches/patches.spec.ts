import { describe, expect, it } from 'vitest';
import type { Json } from '../json.js';
import { recordedSchemas } from '../schema/recorded-schemas.js';
import { applyJsonPatch } from './json-patch.js';
import { applyMergePatch } from './merge-patch.js';
import { applyStrategicMerge } from './strategic-merge.js';

describe('applyJsonPatch', () => {
  const target: Json = { list: [1, 2], map: { 'a/b': 1 } };

  it.each<[string, Json, Json]>([
    ['adds into a list', [{ op: 'add', path: '/list/1', value: 9 }], { list: [1, 9, 2], map: { 'a/b': 1 } }],
    ['adds at the end', [{ op: 'add', path: '/list/-', value: 9 }], { list: [1, 2, 9], map: { 'a/b': 1 } }],
    ['removes by an escaped name', [{ op: 'remove', path: '/map/a~1b' }], { list: [1, 2], map: {} }],
    [
      'copies and moves',
      [
        { op: 'copy', from: '/list', path: '/x' },
        { op: 'move', from: '/list', path: '/y' },
      ],
      { map: { 'a/b': 1 }, x: [1, 2], y: [1, 2] },
    ],
    [
      'goes on after a test that holds',
      [
        { op: 'test', path: '/list/0', value: 1 },
        { op: 'replace', path: '/list', value: [] },
      ],
      { list: [], map: { 'a/b': 1 } },
    ],
  ])('%s', (_name, patch, expected) => {
    expect(applyJsonPatch(target, patch)).toEqual(expected);
    expect(target).toEqual({ list: [1, 2], map: { 'a/b': 1 } });
  });

  it.each<[string, Json]>([
    ['a test that fails', [{ op: 'test', path: '/list/0', value: 2 }]],
    ['a place beyond the list', [{ op: 'remove', path: '/list/7' }]],
    ['a path that leads nowhere', [{ op: 'add', path: '/no/where', value: 1 }]],
  ])('refuses %s', (_name, patch) => {
    expect(() => applyJsonPatch(target, patch)).toThrow('the server rejected our request');
  });
});

describe('applyMergePatch', () => {
  it('merges maps, replaces the rest, and takes null for removal', () => {
    const target = { a: { b: 1, c: 2 }, list: [1, 2] };
    expect(applyMergePatch(target, { a: { b: null, d: 3 }, list: [3] })).toEqual({ a: { c: 2, d: 3 }, list: [3] });
  });
});

describe('applyStrategicMerge', () => {
  const node = recordedSchemas('', 'v1').node('io.k8s.api.core.v1.PodSpec');
  const target = {
    containers: [
      { name: 'a', image: 'a:1', args: ['x'] },
      { name: 'b', image: 'b:1' },
    ],
  };

  it('merges containers by name and replaces their arguments', () => {
    const patched = applyStrategicMerge(
      target,
      {
        containers: [
          { name: 'a', args: ['y'] },
          { name: 'c', image: 'c:1' },
        ],
      },
      node,
    );
    expect(patched.containers).toEqual([
      { name: 'a', image: 'a:1', args: ['y'] },
      { name: 'b', image: 'b:1' },
      { name: 'c', image: 'c:1' },
    ]);
  });

  it('follows its directives', () => {
    const order = [{ name: 'b' }, { name: 'a' }];
    const ordered = applyStrategicMerge(target, { '$setElementOrder/containers': order }, node);
    expect(ordered.containers).toEqual([...target.containers].reverse());
    const without = applyStrategicMerge(target, { containers: [{ name: 'a', $patch: 'delete' }] }, node);
    expect(without.containers).toEqual([{ name: 'b', image: 'b:1' }]);
    const replaced = applyStrategicMerge(
      target,
      { containers: [{ $patch: 'replace' }, { name: 'z', image: 'z:1' }] },
      node,
    );
    expect(replaced.containers).toEqual([{ name: 'z', image: 'z:1' }]);
  });
});
