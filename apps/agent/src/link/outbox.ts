import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { wire } from '@flotilla/protocol';

export type Connection = ClientDuplexStream<wire.ConnectRequest, wire.ConnectResponse>;
export type Outgoing = NonNullable<wire.ConnectRequest['message']>;

/** The sending half of a session. What is bulky waits for `ready`: the hub reads as fast as it can store. */
export class Outbox {
  private full = false;

  constructor(
    private readonly connection: Connection,
    onReady: () => void,
  ) {
    connection.on('drain', () => {
      this.full = false;
      onReady();
    });
  }

  get ready(): boolean {
    return !this.full && this.connection.writable;
  }

  send(message: Outgoing): void {
    if (this.connection.writable && !this.connection.write({ message })) this.full = true;
  }

  end(): void {
    this.connection.end();
  }
}
