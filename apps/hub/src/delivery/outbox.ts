import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { wire } from '@flotilla/protocol';

type Stream = Pick<
  ServerDuplexStream<wire.ConnectRequest, wire.ConnectResponse>,
  'write' | 'once' | 'end' | 'destroyed'
>;
type Message = NonNullable<wire.ConnectResponse['message']>;

/**
 * What waits to be sent to one agent, bounded by construction: one desired state (the newest wins), one acknowledgement
 * (the highest), one heartbeat. A slow agent costs one slot each, however much changes.
 */
export class Outbox {
  private readonly slots = new Map<Message['$case'], Message>();
  private blocked = false;
  private closed = false;

  constructor(private readonly stream: Stream) {}

  /** True while a desired state has not been handed to the stream. */
  get holdsDesiredState(): boolean {
    return this.slots.has('desiredState');
  }

  put(message: Message): void {
    if (this.closed) return;
    this.slots.set(message.$case, message);
    this.flush();
  }

  /** Sends what waits and a last word, then ends the stream. */
  close(goodbye: wire.Goodbye): void {
    if (this.closed) return;
    this.put({ $case: 'goodbye', value: goodbye });
    this.closed = true;
    this.blocked = false;
    this.flush();
    this.stream.end();
  }

  private flush(): void {
    for (const [slot, message] of this.slots) {
      if (this.blocked || this.stream.destroyed) return;
      this.slots.delete(slot);
      if (!this.stream.write({ message })) this.waitForDrain();
    }
  }

  private waitForDrain(): void {
    if (this.closed) return;
    this.blocked = true;
    this.stream.once('drain', () => {
      this.blocked = false;
      this.flush();
    });
  }
}
