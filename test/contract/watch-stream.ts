import { createInterface } from 'node:readline';
import type { ContractClient, KubeObject } from './contract-cluster.js';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** An open watch, read event by event. */
export class WatchStream implements Disposable {
  private constructor(
    private readonly abort: AbortController,
    readonly status: number,
    private readonly lines: AsyncIterator<string>,
  ) {}

  static async open(client: ContractClient, path: string): Promise<WatchStream> {
    const abort = new AbortController();
    const response = await client.api.open('GET', path, { signal: abort.signal });
    response.on('error', () => undefined);
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    return new WatchStream(abort, response.statusCode ?? 0, lines);
  }

  /** The next event; undefined when the server has closed the watch. */
  async next(): Promise<WatchEvent | undefined> {
    const line = await this.lines.next();
    return line.done === true ? undefined : (JSON.parse(line.value) as WatchEvent);
  }

  /** Events up to the first that fits, which is the last of them. */
  async until(fits: (event: WatchEvent) => boolean): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) {
      events.push(event);
      if (fits(event)) return events;
    }
    throw new Error(`the watch ended after ${events.map(({ type, object }) => `${type} ${object.kind}`).join(', ')}`);
  }

  [Symbol.dispose](): void {
    this.abort.abort();
  }
}
