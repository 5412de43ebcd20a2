import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import type { Digest } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import type { wire } from '@flotilla/protocol';
import { LEAN_CONTENT_MINOR, MAX_FETCH_IDS, MAX_FETCH_PART_BYTES, fromWireDigest } from '@flotilla/protocol';
import type { CertificateIdentity } from '../clusters/index.js';
import type { AgentSession } from './agent-session.js';
import { ContentService } from './content.service.js';
import { SessionRegistry } from './session-registry.service.js';
import { VisibleContentRepository } from './visible-content.repository.js';

/** Digests per part when their size is small anyway. */
const MANIFESTS_PER_PART = 50;

/** Content by id, for the cluster that may see it and nobody else, in parts that bound the memory they take. */
@Injectable()
export class FetchService {
  constructor(
    @Inject(VisibleContentRepository) private readonly repository: VisibleContentRepository,
    @Inject(ContentService) private readonly contentService: ContentService,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
  ) {}

  /** @throws Fault forbidden for an id outside the caller's state, or without a live session. */
  async contents(
    call: ServerWritableStream<wire.FetchContentRequest, wire.FetchContentResponse>,
    identity: CertificateIdentity,
  ): Promise<void> {
    const ids = read(call.request.objectIds);
    const session = this.sessionOf(identity);
    const { bundles } = await this.repository.loadVisible(session.clusterId);
    await this.checkVisible(ids, [...bundles]);
    const sizes = await this.repository.loadSizes(ids);
    for (const part of cutParts(ids, sizes)) {
      const found = await this.contentService.contents(part, session.protocol);
      await send(call, { contents: part.flatMap((id) => found.get(id)?.value ?? []) });
    }
  }

  /** @throws Fault forbidden for a digest outside the caller's state, or without a live session. */
  async manifests(
    call: ServerWritableStream<wire.FetchManifestsRequest, wire.FetchManifestsResponse>,
    identity: CertificateIdentity,
  ): Promise<void> {
    const [bundles, policies] = [read(call.request.bundles), read(call.request.policies)];
    const session = this.sessionOf(identity);
    const visible = await this.repository.loadVisible(session.clusterId);
    if (!bundles.every((one) => visible.bundles.has(one)) || !policies.every((one) => visible.policies.has(one))) {
      throw new Fault('forbidden', 'a digest is not part of this cluster’s state');
    }
    const found = await this.contentService.policies(policies);
    await send(call, { manifests: [], policies: [...found.values()].map(({ value }) => value) });
    for (let at = 0; at < bundles.length; at += MANIFESTS_PER_PART) {
      const part = await this.contentService.manifests(bundles.slice(at, at + MANIFESTS_PER_PART), session.protocol);
      await send(call, { manifests: [...part.values()].map(({ value }) => value), policies: [] });
    }
  }

  private sessionOf({ serial }: CertificateIdentity): AgentSession {
    const session = this.sessions.bySerial(serial);
    if (!session) throw new Fault('unavailable', 'content is served during a session only');
    return session;
  }

  private async checkVisible(ids: readonly Digest[], bundles: readonly Digest[]): Promise<void> {
    const missing = new Set(ids);
    for (let at = 0; at < bundles.length && missing.size > 0; at += MANIFESTS_PER_PART) {
      const part = bundles.slice(at, at + MANIFESTS_PER_PART);
      const manifests = await this.contentService.manifests(part, LEAN_CONTENT_MINOR);
      for (const { value } of manifests.values()) {
        for (const entry of value.entries) missing.delete(entry.objectId.toString('hex'));
      }
    }
    if (missing.size > 0) throw new Fault('forbidden', 'an object is not part of this cluster’s state');
  }
}

function read(digests: readonly Buffer[]): Digest[] {
  if (digests.length > MAX_FETCH_IDS) throw new Fault('tooLarge', `at most ${MAX_FETCH_IDS} at once`);
  return [...new Set(digests.map(fromWireDigest))];
}

/** Parts of at most `MAX_FETCH_PART_BYTES`, or of one object that is larger. */
function cutParts(ids: readonly Digest[], sizes: ReadonlyMap<Digest, number>): Digest[][] {
  const parts: Digest[][] = [];
  let left = 0;
  for (const id of ids) {
    const bytes = sizes.get(id) ?? 0;
    if (parts.length === 0 || bytes > left) {
      parts.push([]);
      left = MAX_FETCH_PART_BYTES;
    }
    parts.at(-1)?.push(id);
    left -= bytes;
  }
  return parts;
}

async function send<R>(call: ServerWritableStream<unknown, R>, part: R): Promise<void> {
  if (!call.write(part)) await Promise.race([once(call, 'drain'), once(call, 'close')]);
}
