import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import { canonicalJson } from '../json/index.js';
import { diffFields } from './diff-fields.js';
import { diffObjects } from './diff-objects.js';

function deployment(image: string, replicas: number): KubeObject {
  const containers = [
    { name: 'web', image },
    { name: 'proxy', image: 'proxy:1' },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'web' },
    spec: { replicas, template: { spec: { containers } } },
  };
}

function secret(data: Record<string, string>, note = ''): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web', annotations: { note } }, data };
}

describe('diffFields', () => {
  it('names fields as people do', () => {
    const before = { metadata: { annotations: { 'a.b/c': '1' } }, args: ['a'], env: [{ name: '0', value: 'x' }] };
    const after = { metadata: { annotations: { 'a.b/c': '2' } }, args: ['a', 'b'], env: [{ name: '0', value: 'y' }] };
    expect(diffFields(before, after)).toEqual([
      { field: 'metadata.annotations["a.b/c"]', change: 'changed', before: '1', after: '2' },
      { field: 'args[1]', change: 'added', after: 'b' },
      { field: 'env[name="0"].value', change: 'changed', before: 'x', after: 'y' },
    ]);
  });
});

describe('diffObjects', () => {
  it('tells fields of what changed, and what came or went as a whole', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old', namespace: 'web' } };
    expect(diffObjects([deployment('web:1.4.0', 3), map], [deployment('web:1.5.O', 3)])).toEqual([
      {
        ref: { group: '', kind: 'ConfigMap', namespace: 'web', name: 'old' },
        change: 'removed',
        fields: [],
      },
      {
        ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
        change: 'changed',
        fields: [
          {
            field: 'spec.template.spec.containers[web].image',
            change: 'changed',
            before: 'web:1.4.0',
            after: 'web:1.5.O',
          },
        ],
      },
    ]);
  });

  it('tells keys of Secrets only', () => {
    const [change] = diffObjects([secret({ a: 'b25l' })], [secret({ a: 'dHdv', b: 'dHdv' })]);
    expect(change?.fields).toEqual([
      { field: 'data.a', change: 'changed' },
      { field: 'data.b', change: 'added' },
    ]);
    expect(diffObjects([secret({})], [{ ...secret({}), data: { a: 'x' } }])[0]?.fields).toEqual([
      { field: 'data.a', change: 'added' },
    ]);
  });
});

const value = fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ max: 9 }), fc.boolean());
const spec = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(value, fc.array(value, { maxLength: 2 })), {
  noNullPrototype: true,
});
const object = fc
  .record({ kind: fc.constantFrom('A', 'B'), name: fc.constantFrom('x', 'y', 'z'), spec })
  .map(({ kind, name, spec: body }): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name },
    spec: body,
  }));
const objects = fc.uniqueArray(object, { selector: ({ kind, metadata }) => `${kind} ${metadata.name}`, maxLength: 5 });

describe('laws of diffObjects', () => {
  it('nothing changes from a set to itself, in whatever order', () => {
    fc.assert(
      fc.property(objects, (set) => {
        expect(diffObjects(set, [...set].reverse())).toEqual([]);
      }),
    );
  });

  it('different sets differ, and the way back is the way turned round', () => {
    const turned = { added: 'removed', removed: 'added', changed: 'changed' } as const;
    fc.assert(
      fc.property(objects, objects, (a, b) => {
        const there = diffObjects(a, b);
        const text = (set: readonly KubeObject[]): string =>
          canonicalJson([...set].map((each) => canonicalJson(each)).sort());
        expect(there.length === 0).toBe(text(a) === text(b));
        const back = diffObjects(b, a).map(({ ref, change, fields }) => ({
          ref,
          change: turned[change],
          fields: fields
            .map(({ field, change: what, before, after }) => ({
              field,
              change: turned[what],
              ...(after !== undefined && { before: after }),
              ...(before !== undefined && { after: before }),
            }))
            .sort((x, y) => (x.field < y.field ? -1 : 1)),
        }));
        const sorted = there.map((each) => ({
          ...each,
          fields: [...each.fields].sort((x, y) => (x.field < y.field ? -1 : 1)),
        }));
        expect(back).toEqual(sorted);
      }),
    );
  });

  it('no value of a Secret is ever told', () => {
    const data = fc.dictionary(fc.constantFrom('a', 'b'), fc.stringMatching(/^hidden-[a-z]{8}$/), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(data, data, fc.stringMatching(/^hidden-[a-z]{8}$/), (a, b, note) => {
        expect(JSON.stringify(diffObjects([secret(a)], [secret(b, note)]))).not.toContain('hidden-');
      }),
    );
  });
});
