import { describe, expect, it } from 'vitest';
import { removeFields } from './managed-fields.js';

describe('removeFields', () => {
  it('takes out leaves, items by their keys, and what is left empty by that', () => {
    const value = {
      type: 'Opaque',
      conversion: { strategy: 'None' },
      ports: [
        { port: 80, protocol: 'TCP', name: 'web' },
        { port: 90, protocol: 'TCP' },
      ],
      finalizers: ['a', 'b'],
      kept: { empty: {} },
    };
    const fields = {
      'f:type': {},
      'f:conversion': { 'f:strategy': {} },
      'f:ports': {
        'k:{"port":80,"protocol":"TCP"}': { 'f:protocol': {} },
        'k:{"port":90,"protocol":"TCP"}': { '.': {} },
      },
      'f:finalizers': { 'v:"b"': {} },
      'f:missing': {},
    };
    expect(removeFields(value, fields)).toEqual({
      ports: [{ port: 80, name: 'web' }],
      finalizers: ['a'],
      kept: { empty: {} },
    });
  });

  it('changes nothing without fields', () => {
    const value = { a: [{ name: 'x' }], b: null };
    expect(removeFields(value, {})).toEqual(value);
  });
});
