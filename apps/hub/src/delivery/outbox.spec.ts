import { EventEmitter } from 'node:events';
import type { wire } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { Outbox } from './outbox.js';

/** A stream that takes `room` messages before it says wait. */
class SlowStream extends EventEmitter {
  readonly sent: string[] = [];
  destroyed = false;
  ended = false;

  constructor(private room: number) {
    super();
  }

  write({ message }: wire.ConnectResponse): boolean {
    const value = message?.$case === 'reportStored' ? `stored ${message.value.sequence}` : (message?.$case ?? '');
    this.sent.push(value);
    this.room -= 1;
    return this.room > 0;
  }

  end(): this {
    this.ended = true;
    return this;
  }

  drain(room: number): void {
    this.room = room;
    this.emit('drain');
  }
}

const made = (room: number): { stream: SlowStream; outbox: Outbox } => {
  const stream = new SlowStream(room);
  return { stream, outbox: new Outbox(stream as never) };
};
const stored = (sequence: bigint) => ({ $case: 'reportStored', value: { sequence } }) as const;
const state = (number: bigint) =>
  ({ $case: 'desiredState', value: { version: { generation: 1n, number } } as wire.DesiredState }) as const;

it('keeps the newest of each kind while the agent does not read', () => {
  const { stream, outbox } = made(1);
  outbox.put(stored(1n));
  for (const sequence of [2n, 3n, 4n]) outbox.put(stored(sequence));
  outbox.put(state(1n));
  outbox.put(state(2n));
  expect(outbox.holdsDesiredState).toBe(true);
  expect(stream.sent).toEqual(['stored 1']);
  stream.drain(5);
  expect(stream.sent).toEqual(['stored 1', 'stored 4', 'desiredState']);
  expect(outbox.holdsDesiredState).toBe(false);
});

it('says a last word even to an agent that does not read, and nothing after it', () => {
  const { stream, outbox } = made(1);
  outbox.put(stored(1n));
  outbox.put(stored(2n));
  outbox.close({ reason: 'revoked', message: '' });
  outbox.put(stored(3n));
  outbox.close({ reason: 'shutdown', message: '' });
  stream.drain(5);
  expect(stream.sent).toEqual(['stored 1', 'stored 2', 'goodbye']);
  expect(stream.ended).toBe(true);
});
