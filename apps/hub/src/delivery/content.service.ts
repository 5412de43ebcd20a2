import { Inject, Injectable } from '@nestjs/common';
import type { AppEntry, Digest } from '@flotilla/domain';
import {
  LEAN_CONTENT_MINOR,
  MAX_INLINE_BYTES,
  toEarlierContent,
  toEarlierManifest,
  toWireContent,
  toWireManifest,
  toWirePolicy,
  wire,
} from '@flotilla/protocol';
import { ContentRepository } from '../fleets/index.js';
import { ByteCache } from './byte-cache.js';
import type { HeldState } from './held-state.js';

const CACHE_BYTES = 24 * 1024 * 1024;

/** What travels along with a desired state. */
export type Attachments = Pick<wire.DesiredState, 'manifests' | 'contents' | 'policies'>;

interface Cached<T> {
  readonly value: T;
  readonly bytes: number;
}

/** What an agent has and can read. */
interface Receiver {
  readonly held: HeldState;
  readonly protocol: number;
}

/** One kind of content: how it is loaded, encoded and named. */
interface Kind<T> {
  readonly prefix: string;
  readonly load: (digests: readonly Digest[]) => Promise<readonly (readonly [Digest, T])[]>;
  readonly size: (value: T) => number;
}

/** Manifests, policies and objects in wire form, read once from the database for all sessions. */
@Injectable()
export class ContentService {
  private readonly cache = new ByteCache<unknown>(CACHE_BYTES);
  private readonly kinds: {
    readonly manifest: Kind<wire.Manifest>;
    readonly policy: Kind<wire.PolicyBody>;
    readonly content: Kind<wire.Content>;
  };

  constructor(@Inject(ContentRepository) repository: ContentRepository) {
    this.kinds = {
      manifest: {
        prefix: 'm',
        load: async (digests) => {
          const found = await repository.loadManifests(digests);
          return [...found].map(([digest, entries]) => [digest, toWireManifest(entries)]);
        },
        size: (manifest) => wire.Manifest.encode(manifest).finish().length,
      },
      policy: {
        prefix: 'p',
        load: async (digests) => (await repository.loadPolicies(digests)).map((one) => [one.digest, toWirePolicy(one)]),
        size: ({ body }) => body.length + DIGEST_BYTES,
      },
      content: {
        prefix: 'c',
        load: async (ids) => (await repository.loadContents(ids)).map((one) => [one.id, toWireContent(one)]),
        size: ({ body, salt }) => body.length + salt.length + DIGEST_BYTES,
      },
    };
  }

  /** @param protocol minor that the receiver speaks. */
  async manifests(digests: readonly Digest[], protocol: number): Promise<Map<Digest, Cached<wire.Manifest>>> {
    const found = await this.read(this.kinds.manifest, digests);
    return protocol >= LEAN_CONTENT_MINOR ? found : mapCached(found, toEarlierManifest);
  }

  policies(digests: readonly Digest[]): Promise<Map<Digest, Cached<wire.PolicyBody>>> {
    return this.read(this.kinds.policy, digests);
  }

  /** @param protocol minor that the receiver speaks. */
  async contents(ids: readonly Digest[], protocol: number): Promise<Map<Digest, Cached<wire.Content>>> {
    const found = await this.read(this.kinds.content, ids);
    return protocol >= LEAN_CONTENT_MINOR ? found : mapCached(found, toEarlierContent);
  }

  /**
   * What the agent is likely to lack for these entries, as far as it is small: with it one push is one message. What is left
   * out is fetched by id.
   */
  async attach(entries: readonly AppEntry[], { held, protocol }: Receiver): Promise<Attachments> {
    const moved = entries.filter((entry) => entry.life === 'active' && held.bundleOf(entry.app) !== entry.bundle);
    const budget = { left: MAX_INLINE_BYTES };
    const policies = entries.filter((entry) => held.policyOf(entry.app) !== entry.policy).map((entry) => entry.policy);
    const manifests = await this.manifests(distinct(moved.map((entry) => entry.bundle)), protocol);
    const pending = await this.manifests(distinct(entries.flatMap((entry) => entry.pendingBundle ?? [])), protocol);
    const old = await this.manifests(distinct(moved.flatMap((entry) => held.bundleOf(entry.app) ?? [])), protocol);
    const lacking = newIds([...manifests.values()], [...old.values()]);
    return {
      manifests: fit(new Map([...manifests, ...pending]).values(), budget),
      policies: fit((await this.policies(distinct(policies))).values(), budget),
      contents:
        lacking.length > MAX_INLINE_OBJECTS ? [] : fit((await this.contents(lacking, protocol)).values(), budget),
    };
  }

  private async read<T>(kind: Kind<T>, digests: readonly Digest[]): Promise<Map<Digest, Cached<T>>> {
    const found = new Map<Digest, Cached<T>>();
    const missing: Digest[] = [];
    for (const digest of digests) {
      const cached = this.cache.get(kind.prefix + digest) as Cached<T> | undefined;
      if (cached) found.set(digest, cached);
      else missing.push(digest);
    }
    if (missing.length === 0) return found;
    for (const [digest, value] of await kind.load(missing)) {
      const cached = { value, bytes: kind.size(value) };
      this.cache.set(kind.prefix + digest, cached, cached.bytes);
      found.set(digest, cached);
    }
    return found;
  }
}

const DIGEST_BYTES = 32;
/** Beyond this nearly nothing would fit: not worth loading. */
const MAX_INLINE_OBJECTS = 500;

function mapCached<T>(
  found: ReadonlyMap<Digest, Cached<T>>,
  to: (value: T, digest: Digest) => T,
): Map<Digest, Cached<T>> {
  return new Map([...found].map(([digest, { value, bytes }]) => [digest, { value: to(value, digest), bytes }]));
}

function distinct(digests: readonly Digest[]): Digest[] {
  return [...new Set(digests)];
}

function newIds(manifests: readonly Cached<wire.Manifest>[], old: readonly Cached<wire.Manifest>[]): Digest[] {
  const ids = (list: readonly Cached<wire.Manifest>[]): Digest[] =>
    list.flatMap(({ value }) => value.entries.map((entry) => entry.objectId.toString('hex')));
  const had = new Set(ids(old));
  return distinct(ids(manifests)).filter((id) => !had.has(id));
}

function fit<T>(candidates: Iterable<Cached<T>>, budget: { left: number }): T[] {
  const fitting: T[] = [];
  for (const { value, bytes } of candidates) {
    if (bytes > budget.left) continue;
    budget.left -= bytes;
    fitting.push(value);
  }
  return fitting;
}
