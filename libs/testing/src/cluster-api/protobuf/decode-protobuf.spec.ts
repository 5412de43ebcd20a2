import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatusError } from '../status-error.js';
import { decodeProtobuf } from './decode-protobuf.js';

/** A field whose value has a length: its number and its bytes. */
function field(number: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

const whole = (number: number, value: number): Buffer => Buffer.from([number << 3, value]);

function envelope(apiVersion: string, kind: string, message: Buffer): Buffer {
  const type = Buffer.concat([field(1, apiVersion), field(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0', 'latin1'), field(1, type), field(2, message)]);
}

const NAME = field(1, field(1, 'a'));

describe('decodeProtobuf', () => {
  it('reads maps, bytes, and what is set although it is empty', () => {
    const secret = Buffer.concat([
      NAME,
      field(2, Buffer.concat([field(1, 'key'), field(2, 'value')])),
      whole(5, 0),
      field(3, ''),
    ]);
    expect(decodeProtobuf(envelope('v1', 'Secret', secret))).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { key: Buffer.from('value').toString('base64') },
      immutable: false,
    });
  });

  it('reads what JSON prints in its own way: numbers or texts, times, inlined structs', () => {
    const percent = Buffer.concat([whole(1, 1), field(3, '50%')]);
    const budget = Buffer.concat([field(1, field(8, whole(1, 100))), field(2, field(1, percent))]);
    expect(decodeProtobuf(envelope('policy/v1', 'PodDisruptionBudget', budget))).toMatchObject({
      metadata: { creationTimestamp: '1970-01-01T00:01:40Z' },
      spec: { minAvailable: '50%' },
    });
    const volume = Buffer.concat([field(1, 'v'), field(2, field(6, field(1, 's')))]);
    const pod = field(2, field(1, volume));
    expect(decodeProtobuf(envelope('v1', 'Pod', pod))).toMatchObject({
      spec: { volumes: [{ name: 'v', secret: { secretName: 's' } }] },
    });
  });

  it('leaves out a time that is not set', () => {
    const map = field(1, Buffer.concat([field(1, 'a'), field(8, '')]));
    expect(decodeProtobuf(envelope('v1', 'ConfigMap', map))['metadata']).toEqual({ name: 'a' });
  });

  it('refuses what it does not know, and what is cut short, as the API server does', () => {
    expect(() => decodeProtobuf(envelope('v1', 'Nope', NAME))).toThrow('no kind "Nope" is registered for version "v1"');
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow('does not appear to be a protobuf message');
    const whole = envelope('v1', 'ConfigMap', NAME);
    expect(() => decodeProtobuf(whole.subarray(0, whole.length - 1))).toThrow('unexpected EOF');
  });

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const body = envelope('v1', 'Pod', Buffer.from(bytes));
        try {
          expect(decodeProtobuf(body)['kind']).toBe('Pod');
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});
