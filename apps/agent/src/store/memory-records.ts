import type { Records } from './records.port.js';

/** Records of a simulated agent: they live as long as it does. */
export class MemoryRecords implements Records {
  private readonly values = new Map<string, Uint8Array>();

  load(): Promise<ReadonlyMap<string, Uint8Array>> {
    return Promise.resolve(new Map(this.values));
  }

  put(key: string, value: Uint8Array): Promise<void> {
    this.values.set(key, value);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.values.delete(key);
    return Promise.resolve();
  }
}
