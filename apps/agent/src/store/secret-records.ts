import { createHash } from 'node:crypto';
import type { Records } from './records.port.js';
import type { Damage } from './secret-shard.js';
import { SecretShard } from './secret-shard.js';
import type { Secrets } from './secrets.port.js';

/** Bytes of values in one Secret before the next one is begun: small, because a change of one value writes all of it. */
const SHARD_SIZE = 64 * 1024;
/** Bytes of one value in one Secret; base64 keeps that under the 900 KiB that every API server takes. */
const PART_SIZE = 640 * 1024;
const PART = /^(.+)\/part-[0-9a-f]{12}-\d+$/;

/** After a failure to put right what was done by hand. */
const REPAIR_RETRY_MS = 2_000;

/** What the records have to say to people. */
export interface RecordsNews {
  /** Somebody deleted or changed the Secret by hand; it is written again, whole. */
  damaged(secret: string, damage: Damage): void;
  /** A record that cannot be put together any more: it counts as lost. */
  unreadable(key: string): void;
}

const SILENT: RecordsNews = { damaged: () => undefined, unreadable: () => undefined };

interface Place {
  readonly shard: SecretShard;
  /** Keys of the parts of a value that is too large for one Secret. */
  readonly parts: readonly string[];
  readonly sum: string;
}

/**
 * Records in Secrets of the agent's namespace. Many small values share a Secret, writes that come while one is under way
 * go out together, and a large value is split into parts that take effect all at once.
 */
export class SecretRecords implements Records {
  private readonly shards: SecretShard[] = [];
  private readonly places = new Map<string, Place>();
  private nextShard = 0;

  constructor(
    private readonly secrets: Secrets,
    private readonly news: RecordsNews = SILENT,
  ) {}

  /** Numbers of the Secrets in use, in order: which of them are missing can be told later. */
  get inUse(): readonly number[] {
    return this.shards.filter(({ count }) => count > 0).map(({ number }) => number);
  }

  /** The cluster told of a version of a Secret (undefined: it is gone): what somebody did to it by hand is put right. */
  seen(name: string, resourceVersion: string | undefined, signal: AbortSignal): void {
    const shard = this.shards.find((one) => one.name === name);
    if (shard !== undefined) void this.putRight(shard, resourceVersion, signal);
  }

  private async putRight(shard: SecretShard, version: string | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (await shard.seen(version))) return;
    setTimeout(() => void this.putRight(shard, version, signal), REPAIR_RETRY_MS).unref();
  }

  async load(): Promise<ReadonlyMap<string, Uint8Array>> {
    this.shards.length = 0;
    this.places.clear();
    const raw = new Map<string, { shard: SecretShard; value: Uint8Array }>();
    for (const secret of await this.secrets.list()) {
      const number = SecretShard.numberOf(secret.name);
      if (number === undefined) continue;
      const shard = this.newShard(number);
      this.nextShard = Math.max(this.nextShard, number + 1);
      for (const [key, value] of shard.read(secret)) raw.set(key, { shard, value });
    }
    return this.assemble(raw);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const sum = createHash('sha256').update(value).digest('hex');
    const old = this.places.get(key);
    if (old?.sum === sum) return old.shard.settle();
    const parts = value.length > PART_SIZE ? await this.putParts(key, value, sum) : [];
    const stored = parts.length > 0 ? Buffer.from(JSON.stringify(parts)) : value;
    const shard = this.shardFor(stored.length, old?.shard);
    // The place is taken before the write, so that a write of another key sees the room that is left.
    this.places.set(key, { shard, parts, sum });
    await shard.put(key, stored).catch((error: unknown) => {
      this.places.set(key, { shard, parts, sum: '' });
      throw error;
    });
    if (old !== undefined && old.shard !== shard) await old.shard.remove(key);
    await this.removeAll(old?.parts ?? []);
  }

  async remove(key: string): Promise<void> {
    const place = this.places.get(key);
    if (place === undefined) return;
    this.places.delete(key);
    await place.shard.remove(key);
    await this.removeAll(place.parts);
  }

  private async putParts(key: string, value: Uint8Array, sum: string): Promise<string[]> {
    const names: string[] = [];
    for (let from = 0; from < value.length; from += PART_SIZE) {
      const name = `${key}/part-${sum.slice(0, 12)}-${names.length}`;
      names.push(name);
      await this.put(name, value.subarray(from, from + PART_SIZE));
    }
    return names;
  }

  private async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.remove(key);
  }

  /** The shard that has it, when it still fits; else the first with room, else a new one. */
  private shardFor(size: number, present: SecretShard | undefined): SecretShard {
    if (present !== undefined && (size <= SHARD_SIZE / 2 || present.count === 1)) return present;
    const found = this.shards.find((shard) => shard.size + size <= SHARD_SIZE);
    if (found !== undefined) return found;
    this.nextShard += 1;
    return this.newShard(this.nextShard - 1);
  }

  private newShard(number: number): SecretShard {
    const shard = new SecretShard(this.secrets, number, (name, damage) => this.news.damaged(name, damage));
    this.shards.push(shard);
    return shard;
  }

  /** Puts large values together and drops what a crash left behind: parts without a value that names them. */
  private async assemble(
    raw: ReadonlyMap<string, { shard: SecretShard; value: Uint8Array }>,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const values = new Map<string, Uint8Array>();
    for (const [key, { shard, value }] of raw) {
      const parts = PART.test(key) ? [] : partNames(key, value);
      const whole = parts.length === 0 ? value : joinParts(parts.map((name) => raw.get(name)?.value));
      const sum = whole === undefined ? '' : createHash('sha256').update(whole).digest('hex');
      this.places.set(key, { shard, parts, sum });
      if (whole === undefined) this.news.unreadable(key);
      else if (!PART.test(key)) values.set(key, whole);
    }
    const named = new Set([...this.places.values()].flatMap((place) => place.parts));
    await this.removeAll([...raw.keys()].filter((key) => PART.test(key) && !named.has(key)));
    return values;
  }
}

/** Names of parts, when that is what the value is. No other record begins like that: they are deflated. */
function partNames(key: string, value: Uint8Array): readonly string[] {
  const text = Buffer.from(value.subarray(0, 8192)).toString('latin1');
  return text.startsWith(`["${key}/part-`) ? (JSON.parse(Buffer.from(value).toString('utf8')) as string[]) : [];
}

/** Undefined when some of them are gone. */
function joinParts(parts: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length < parts.length ? undefined : Buffer.concat(present);
}
