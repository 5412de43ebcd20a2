import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import { canonicalJson } from '../json/index.js';
import { canonicalObject } from './canonical-object.js';

const secret = (more: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...more });

describe('canonicalObject', () => {
  it('drops what only the API server sets', () => {
    const server = {
      managedFields: [],
      resourceVersion: '1',
      uid: 'u',
      generation: 2,
      creationTimestamp: null,
      selfLink: '/x',
    };
    const object = {
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'a', labels: { uid: 'mine' }, ...server },
      status: { ok: true },
    };
    expect(canonicalObject(object as unknown as KubeObject)).toEqual({
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'a', labels: { uid: 'mine' } },
    });
  });

  it('folds stringData into data, where it wins', () => {
    const folded = canonicalObject(secret({ data: { a: 'b2xk', b: 'Yg==' }, stringData: { a: 'né', n: 7 } }));
    expect(folded).toEqual(secret({ data: { a: 'bsOp', b: 'Yg==', n: 'Nw==' } }));
    expect(canonicalObject(secret({ stringData: null }))).toEqual(secret({}));
  });

  it('leaves stringData of other kinds alone', () => {
    const object = {
      apiVersion: 'x.io/v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      stringData: { a: 'b' },
    } as KubeObject;
    expect(canonicalObject(object)).toEqual(object);
  });

  it('is idempotent, and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.string()),
        (spec, texts) => {
          const object = secret({ spec, stringData: texts, data: {} });
          const once = canonicalObject(object);
          expect(canonicalObject(once)).toEqual(once);
          const reversed = Object.fromEntries(Object.entries(object).reverse()) as unknown as KubeObject;
          expect(canonicalJson(canonicalObject(reversed))).toBe(canonicalJson(once));
        },
      ),
    );
  });
});
