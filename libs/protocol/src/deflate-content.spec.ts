import { deflateRawSync } from 'node:zlib';
import { canonicalJson, sha256Hex } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { OBJECT_DICTIONARY, deflateText, inflateText } from './deflate-content.js';
import { wire } from './index.js';
import { MAX_OBJECT_BYTES } from './wire-limits.js';

describe('the dictionary of objects', () => {
  it('never changes: both sides must have the same, whatever their versions', () => {
    expect(sha256Hex(OBJECT_DICTIONARY)).toBe('acf2209b328abecca04b609c2f3c182afccbd9b19770724500cec26fc424655c');
  });

  it('makes a small object small', () => {
    const text = canonicalJson({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'settings' },
      data: { ROUND: '12' },
    });
    const { body } = deflateText(text);
    expect(body.length).toBeLessThan(50);
    expect(body.length).toBeLessThan(deflateRawSync(text).length / 2);
  });
});

describe('inflateText', () => {
  it('bounds what a small body may become', () => {
    const body = deflateText('x'.repeat(MAX_OBJECT_BYTES + 1));
    expect(body.body.length).toBeLessThan(10_000);
    expect(() => inflateText(body)).toThrow(/at most/);
  });

  it('refuses a body that was cut short', () => {
    const { body } = deflateText(`{"data":"${'unlike anything known '.repeat(20)}"}`);
    const cut = { compression: wire.Compression.COMPRESSION_DEFLATE_OBJECT, body: body.subarray(0, body.length / 2) };
    expect(() => inflateText(cut)).toThrow(/inflated/);
  });
});
