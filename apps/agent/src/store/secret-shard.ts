import { Fault } from '@flotilla/domain';
import type { Secrets, StoredSecret } from './secrets.port.js';

const PREFIX = 'flotilla-records-';
/** A data key of a Secret allows no slash. */
const SLASH = '__';

/** One Secret with some of the records. Changes that come while a write is under way go out with the next one. */
export class SecretShard {
  private readonly sizes = new Map<string, number>();
  private changes = new Map<string, Uint8Array | undefined>();
  private writing: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private resourceVersion: string | undefined;

  constructor(
    private readonly secrets: Secrets,
    readonly number: number,
  ) {}

  /** The shard of a Secret, undefined when it is none. */
  static of(secrets: Secrets, secret: StoredSecret): SecretShard | undefined {
    const number = secret.name.startsWith(PREFIX) ? Number(secret.name.slice(PREFIX.length)) : Number.NaN;
    if (!Number.isInteger(number)) return undefined;
    const shard = new SecretShard(secrets, number);
    shard.resourceVersion = secret.resourceVersion;
    return shard;
  }

  get name(): string {
    return `${PREFIX}${this.number}`;
  }

  /** Bytes of its values, with those on their way. */
  get size(): number {
    let size = 0;
    for (const one of this.sizes.values()) size += one;
    return size;
  }

  get count(): number {
    return this.sizes.size;
  }

  read(secret: StoredSecret): [string, Uint8Array][] {
    const records = Object.entries(secret.data).map(([key, value]): [string, Uint8Array] => [fromDataKey(key), value]);
    for (const [key, value] of records) this.sizes.set(key, value.length);
    return records;
  }

  put(key: string, value: Uint8Array): Promise<void> {
    this.sizes.set(key, value.length);
    this.changes.set(key, value);
    return this.flush();
  }

  remove(key: string): Promise<void> {
    this.sizes.delete(key);
    this.changes.set(key, undefined);
    return this.flush();
  }

  /** Resolves when what is on its way is durable. */
  settle(): Promise<void> {
    return this.queued ?? this.writing ?? Promise.resolve();
  }

  /** Resolves when everything changed until now is durable. */
  private flush(): Promise<void> {
    this.queued ??= (this.writing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.queued = undefined;
        this.writing = this.write();
        return this.writing;
      });
    return this.queued;
  }

  private async write(): Promise<void> {
    const changes = this.changes;
    this.changes = new Map();
    try {
      await this.send(changes);
    } catch (error) {
      // Not durable: they go out with the next write, unless a newer change took their place.
      this.changes = new Map([...changes, ...this.changes]);
      throw error;
    }
  }

  private async send(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    const data = Object.fromEntries([...changes].map(([key, value]) => [toDataKey(key), value]));
    if (this.sizes.size === 0 && this.changes.size === 0) {
      await this.secrets.remove(this.name);
      this.resourceVersion = undefined;
    } else if (this.resourceVersion === undefined) {
      const present = Object.entries(data).filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined);
      this.resourceVersion = (await this.create(Object.fromEntries(present))).resourceVersion;
    } else {
      this.resourceVersion = (await this.patch(this.resourceVersion, data)).resourceVersion;
    }
  }

  private async create(data: StoredSecret['data']): Promise<StoredSecret> {
    try {
      return await this.secrets.create(this.name, data);
    } catch (error) {
      // It may be ours: a create whose answer was lost.
      if (error instanceof Fault && error.code === 'conflict') return this.patchTouched(data, error);
      throw error;
    }
  }

  private async patch(
    resourceVersion: string,
    data: Readonly<Record<string, Uint8Array | undefined>>,
  ): Promise<StoredSecret> {
    try {
      return await this.secrets.patch(this.name, resourceVersion, data);
    } catch (error) {
      if (error instanceof Fault && error.code === 'conflict') return this.patchTouched(data, error);
      throw error;
    }
  }

  /** Somebody changed the Secret: a label may be, but other records mean another agent writes here, and then we must not. */
  private async patchTouched(
    data: Readonly<Record<string, Uint8Array | undefined>>,
    conflict: Fault,
  ): Promise<StoredSecret> {
    const live = (await this.secrets.list()).find((secret) => secret.name === this.name);
    const foreign =
      live === undefined ||
      Object.entries(live.data).some(([key, value]) => this.differs(fromDataKey(key), value, data));
    if (foreign) throw new Fault('conflict', `another writer changed ${this.name}`, undefined, { cause: conflict });
    return this.secrets.patch(this.name, live.resourceVersion, data);
  }

  private differs(key: string, value: Uint8Array, changing: Readonly<Record<string, unknown>>): boolean {
    return !(toDataKey(key) in changing) && this.sizes.get(key) !== value.length;
  }
}

function toDataKey(key: string): string {
  return key.replaceAll('/', SLASH);
}

function fromDataKey(key: string): string {
  return key.replaceAll(SLASH, '/');
}
