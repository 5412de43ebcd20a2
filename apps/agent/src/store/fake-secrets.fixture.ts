import { Fault } from '@flotilla/domain';
import type { Secrets, StoredSecret } from './secrets.port.js';

/** Secrets in memory that behave like an API server's: versions, conflicts, and failures on demand. */
export class FakeSecrets implements Secrets {
  readonly secrets = new Map<string, StoredSecret>();
  readonly writes: string[] = [];
  /** Fails the next writes before they take effect. */
  failNext = 0;
  private version = 0;

  list(): Promise<readonly StoredSecret[]> {
    return Promise.resolve([...this.secrets.values()]);
  }

  find(name: string): Promise<StoredSecret | undefined> {
    return Promise.resolve(this.secrets.get(name));
  }

  private seen: (name: string, resourceVersion: string | undefined) => void = () => undefined;

  follow(_signal: AbortSignal, seen: FakeSecrets['seen']): Promise<void> {
    this.seen = seen;
    return Promise.resolve();
  }

  /** What a stranger does to a whole Secret. */
  lose(name: string): void {
    this.secrets.delete(name);
    this.seen(name, undefined);
  }

  async create(name: string, data: StoredSecret['data']): Promise<StoredSecret> {
    await this.write(`create ${name}`);
    if (this.secrets.has(name)) throw new Fault('conflict', `${name} already exists`);
    return this.store(name, data);
  }

  async patch(
    name: string,
    resourceVersion: string,
    data: Readonly<Record<string, Uint8Array | undefined>>,
  ): Promise<StoredSecret> {
    await this.write(`patch ${name}`);
    const present = this.secrets.get(name);
    if (present === undefined) throw new Fault('notFound', `${name} not found`);
    if (present.resourceVersion !== resourceVersion) throw new Fault('conflict', `${name} was changed`);
    const merged = Object.entries({ ...present.data, ...data });
    return this.store(
      name,
      Object.fromEntries(merged.filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined)),
    );
  }

  async remove(name: string): Promise<void> {
    await this.write(`remove ${name}`);
    this.secrets.delete(name);
  }

  /** What a stranger does to a Secret. */
  touch(name: string, data: Readonly<Record<string, Uint8Array>> = {}): void {
    this.seen(name, this.store(name, { ...this.secrets.get(name)?.data, ...data }).resourceVersion);
  }

  /** Bytes of the largest Secret as the API server would count them. */
  get largest(): number {
    const sizes = [...this.secrets.values()].map(({ data }) =>
      Object.values(data).reduce((sum, value) => sum + value.length, 0),
    );
    return Math.max(0, ...sizes) * (4 / 3);
  }

  private async write(what: string): Promise<void> {
    await Promise.resolve();
    if (this.failNext > 0) {
      this.failNext -= 1;
      throw new Fault('unavailable', 'the API server is away');
    }
    this.writes.push(what);
  }

  private store(name: string, data: StoredSecret['data']): StoredSecret {
    this.version += 1;
    const secret = { name, resourceVersion: String(this.version), data };
    this.secrets.set(name, secret);
    return secret;
  }
}
