/** One field of a protobuf message as it stands on the wire. */
export interface WireField {
  readonly number: number;
  /** Whole numbers and booleans. */
  readonly whole: bigint;
  /** Texts, bytes, messages, and the eight or four bytes of a float. */
  readonly bytes: Buffer;
}

const NONE = Buffer.alloc(0);

/** The fields of a message, in their order. @throws RangeError when the message is cut short or has groups. */
export function* readFields(message: Buffer): Generator<WireField> {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('unexpected EOF');
    return message.subarray(at, (at += length));
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new RangeError('integer overflow');
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield { number, whole: varint(), bytes: NONE };
        break;
      case 1:
        yield { number, whole: 0n, bytes: take(8) };
        break;
      case 2:
        yield { number, whole: 0n, bytes: take(Number(varint())) };
        break;
      case 5:
        yield { number, whole: 0n, bytes: take(4) };
        break;
      default:
        throw new RangeError(`illegal wire type ${tag & 7}`);
    }
  }
}
