import { Fault } from '@flotilla/domain';
import type { Secrets, StoredSecret } from './secrets.port.js';

const PREFIX = 'flotilla-records-';
/** A data key of a Secret allows no slash. */
const SLASH = '__';

/** What somebody did to a Secret of ours by hand, and what is made good again. */
export type Damage = 'deleted' | 'changed';

/**
 * One Secret with some of the records, and all of them in memory: there is one writer, so whatever else is found in the cluster
 * was done by hand and is written over. Changes that come while a write is under way go out with the next one.
 */
export class SecretShard {
  private readonly values = new Map<string, Uint8Array>();
  private changed = new Set<string>();
  private doubted = false;
  private writing: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private resourceVersion: string | undefined;

  constructor(
    private readonly secrets: Secrets,
    readonly number: number,
    private readonly damaged: (name: string, damage: Damage) => void = () => undefined,
  ) {}

  static numberOf(name: string): number | undefined {
    const number = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN;
    return Number.isInteger(number) ? number : undefined;
  }

  get name(): string {
    return `${PREFIX}${this.number}`;
  }

  /** Bytes of its values, with those on their way. */
  get size(): number {
    let size = 0;
    for (const value of this.values.values()) size += value.length;
    return size;
  }

  get count(): number {
    return this.values.size;
  }

  /** Takes what is stored. */
  read(secret: StoredSecret): [string, Uint8Array][] {
    this.resourceVersion = secret.resourceVersion;
    const records = Object.entries(secret.data).map(([key, value]): [string, Uint8Array] => [fromDataKey(key), value]);
    for (const [key, value] of records) this.values.set(key, value);
    return records;
  }

  put(key: string, value: Uint8Array): Promise<void> {
    this.values.set(key, value);
    this.changed.add(key);
    return this.flush();
  }

  remove(key: string): Promise<void> {
    this.values.delete(key);
    this.changed.add(key);
    return this.flush();
  }

  /** Resolves when what is on its way is durable. */
  settle(): Promise<void> {
    return this.queued ?? this.writing ?? Promise.resolve();
  }

  /**
   * The cluster told of a version of the Secret (undefined: it is gone). Once our own writes are through, one that is not ours
   * is looked at, and put right. False when that failed and must be tried again.
   */
  async seen(resourceVersion: string | undefined): Promise<boolean> {
    await this.settle().catch(() => undefined);
    const isExpected = this.values.size === 0 || this.resourceVersion === undefined;
    if (isExpected || isAtMost(resourceVersion, this.resourceVersion)) return true;
    this.doubted = true;
    return this.flush().then(
      () => true,
      () => false,
    );
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
    const { changed, doubted } = this;
    this.changed = new Set();
    this.doubted = false;
    try {
      await this.send(changed, doubted);
    } catch (error) {
      // Not durable: they go out with the next write.
      for (const key of changed) this.changed.add(key);
      this.doubted ||= doubted;
      throw error;
    }
  }

  private async send(changed: ReadonlySet<string>, doubted: boolean): Promise<void> {
    if (this.values.size === 0) {
      await this.secrets.remove(this.name);
      this.resourceVersion = undefined;
    } else if (doubted) await this.putRight(changed);
    else await this.sendChanges(changed).catch((error: unknown) => this.sendAgain(changed, error));
  }

  private async sendChanges(changed: ReadonlySet<string>): Promise<void> {
    const { resourceVersion } = this;
    const stored =
      resourceVersion === undefined
        ? await this.secrets.create(this.name, this.data())
        : await this.secrets.patch(this.name, resourceVersion, this.pick(changed));
    this.resourceVersion = stored.resourceVersion;
  }

  /** Refused because somebody was there: perhaps we, with a write whose answer was lost. */
  private async sendAgain(changed: ReadonlySet<string>, error: unknown): Promise<void> {
    if (!(error instanceof Fault) || (error.code !== 'conflict' && error.code !== 'notFound')) throw error;
    await this.putRight(changed);
  }

  /** Makes the Secret what it should be, whatever it is. */
  private async putRight(changed: ReadonlySet<string>): Promise<void> {
    const live = await this.secrets.find(this.name);
    if (live === undefined) {
      if (this.resourceVersion !== undefined) this.damaged(this.name, 'deleted');
      this.resourceVersion = (await this.secrets.create(this.name, this.data())).resourceVersion;
      return;
    }
    const different = this.differences(live);
    if ([...different].some((key) => !changed.has(key))) this.damaged(this.name, 'changed');
    const stored =
      different.size === 0 ? live : await this.secrets.patch(this.name, live.resourceVersion, this.pick(different));
    this.resourceVersion = stored.resourceVersion;
  }

  private differences({ data }: StoredSecret): Set<string> {
    const different = new Set(Object.keys(data).map(fromDataKey));
    for (const [key, value] of this.values) {
      const stored = data[toDataKey(key)];
      if (stored !== undefined && Buffer.compare(stored, value) === 0) different.delete(key);
      else different.add(key);
    }
    return different;
  }

  private data(): StoredSecret['data'] {
    return Object.fromEntries([...this.values].map(([key, value]) => [toDataKey(key), value]));
  }

  private pick(keys: ReadonlySet<string>): Readonly<Record<string, Uint8Array | undefined>> {
    return Object.fromEntries([...keys].map((key) => [toDataKey(key), this.values.get(key)]));
  }
}

/** Versions of one object are ordered numbers where the server stores in etcd; others are looked at. */
function isAtMost(version: string | undefined, known: string | undefined): boolean {
  if (version === undefined || known === undefined) return false;
  if (version === known) return true;
  if (!/^\d+$/.test(version) || !/^\d+$/.test(known)) return false;
  return version.length === known.length ? version < known : version.length < known.length;
}

function toDataKey(key: string): string {
  return key.replaceAll('/', SLASH);
}

function fromDataKey(key: string): string {
  return key.replaceAll(SLASH, '/');
}
