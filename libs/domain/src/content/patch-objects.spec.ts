import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContentPatch } from '../definitions/index.js';
import type { Json, KubeObject } from '../json/index.js';
import { mergePatch } from './merge-patch.js';
import { patchObjects } from './patch-objects.js';

const object = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  ...more,
});
const place = { file: 'a.yaml', line: 1, column: 1 };
const items = (...objects: KubeObject[]): { object: KubeObject; place: typeof place }[] =>
  objects.map((item) => ({ object: item, place }));

function patched(objects: KubeObject[], ...patches: ContentPatch[]): { objects: KubeObject[]; errors: string[] } {
  const result = patchObjects(items(...objects), patches, 'web');
  return { objects: result.objects.map((item) => item.object), errors: result.errors.map(({ message }) => message) };
}

describe('patchObjects', () => {
  it('changes the objects that a target selects, in the order of the patches', () => {
    const merge = { type: 'merge', target: { name: 'a' }, merge: { spec: { replicas: 2, gone: null } } } as const;
    const json = {
      type: 'json6902',
      target: { kind: 'Deployment', namespace: 'web' },
      operations: [{ op: 'add', path: '/spec/x', value: 1 }],
    } as const;
    const { objects, errors } = patched([object('a', { spec: { gone: 1 } }), object('b', { spec: {} })], merge, json);
    expect(errors).toEqual([]);
    expect(objects).toEqual([object('a', { spec: { replicas: 2, x: 1 } }), object('b', { spec: { x: 1 } })]);
  });

  it.each([
    ['selects no object', { type: 'merge', target: { kind: 'Service' }, merge: {} }],
    [
      'there is nothing at that path',
      { type: 'json6902', target: {}, operations: [{ op: 'replace', path: '/spec/x', value: 1 }] },
    ],
    [
      'the value there is another one',
      { type: 'json6902', target: {}, operations: [{ op: 'test', path: '/kind', value: 'Pod' }] },
    ],
    [
      'after the patch, a Kubernetes object needs metadata.name',
      { type: 'merge', target: {}, merge: { metadata: { name: null } } },
    ],
  ] as [string, ContentPatch][])('says when a patch %s', (message, patch) => {
    const { objects, errors } = patched([object('a')], patch);
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(objects).toEqual([object('a')]);
  });

  it('changes neither what it was given nor the patch', () => {
    const value = { deep: [1] };
    const given = object('a', { spec: {} });
    const patch = {
      type: 'json6902',
      target: {},
      operations: [
        { op: 'add', path: '/spec/v', value },
        { op: 'add', path: '/spec/v/deep/-', value: 2 },
      ],
    } as const;
    expect(patched([given], patch).objects).toEqual([object('a', { spec: { v: { deep: [1, 2] } } })]);
    expect([given, value]).toEqual([object('a', { spec: {} }), { deep: [1] }]);
  });
});

describe('mergePatch', () => {
  const json = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.array(fc.integer()),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('json'), { maxKeys: 3 }),
    ),
  })).json;

  it('gives the same when it is applied again, and leaves no null of the patch', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  it('does nothing when empty', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (target) => {
        expect(mergePatch(target, {})).toEqual(target);
      }),
    );
  });
});
