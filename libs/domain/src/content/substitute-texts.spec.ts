import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import { substituteTexts } from './substitute-texts.js';

const config = (data: object, annotations: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', annotations }, data }) as unknown as KubeObject;

describe('substituteTexts', () => {
  it('replaces declared names only', () => {
    const object = config({
      a: 'x${TIER}y',
      b: '${HOME} $TIER ${TIER:-z} $host',
      c: '$${TIER}',
      d: ['${TIER}'],
      '${TIER}': 1,
    });
    expect(substituteTexts(object, { TIER: 'gold' })).toEqual(
      config({ a: 'xgoldy', b: '${HOME} $TIER ${TIER:-z} $host', c: '${TIER}', d: ['gold'], '${TIER}': 1 }),
    );
  });

  it('leaves objects alone that opt out', () => {
    const object = config({ a: '${TIER}' }, { 'flotilla.dev/substitute': 'disabled' });
    expect(substituteTexts(object, { TIER: 'gold' })).toBe(object);
  });

  it('never reads a replaced text again', () => {
    expect(substituteTexts(config({ a: '${A}' }), { A: '${B}', B: 'x' })).toEqual(config({ a: '${B}' }));
    expect(substituteTexts(config({ a: '${constructor}${__proto__}' }), { A: '1' })).toEqual(
      config({ a: '${constructor}${__proto__}' }),
    );
  });

  it('changes nothing without declared names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        expect(substituteTexts(config(data), {})).toEqual(config(data));
      }),
    );
  });
});
