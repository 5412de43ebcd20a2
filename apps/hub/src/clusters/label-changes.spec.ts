import { describe, expect, it } from 'vitest';
import { changeLabels } from './label-changes.js';

describe('changeLabels', () => {
  it('sets, replaces and takes away', () => {
    const labels = { env: 'prod', region: 'eu', ring: '1' };
    expect(changeLabels(labels, { ring: '2', region: null, tier: 'edge', none: null })).toEqual({
      env: 'prod',
      ring: '2',
      tier: 'edge',
    });
  });

  it('names every label that is none', () => {
    const call = (): unknown => changeLabels({}, { '-x': 'a', ok: 'a b', 'facts/kubernetes': '1', fine: 'yes' });
    expect(call).toThrow(/"-x" is not a label key.*; "a b" is not a label value.*; "facts\/kubernetes"/);
  });
});
