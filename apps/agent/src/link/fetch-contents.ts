import type { AppEntry, Digest, KubeObject, ManifestEntry, Policy } from '@flotilla/domain';
import { canonicalJson, groupOf } from '@flotilla/domain';
import type { ObjectContent, wire } from '@flotilla/protocol';
import { fromWireContent, fromWireManifest, fromWirePolicy, MAX_FETCH_IDS, toWireDigest } from '@flotilla/protocol';
import type { Contents, HeldObject } from '../store/held-state.js';
import { keepNeeded, missingOf, needsOf } from '../store/held-state.js';
import type { AgentClient } from './channel.js';
import { collect } from './channel.js';
import { RefusedState } from './refused-state.js';

/** What came with a desired state, each thing checked against its digest. */
export class ReceivedContents implements Contents {
  readonly objects = new Map<Digest, HeldObject>();
  readonly manifests = new Map<Digest, readonly ManifestEntry[]>();
  readonly policies = new Map<Digest, Policy>();

  /** @throws RefusedState when anything is not what its digest says. */
  add(received: Partial<Pick<wire.DesiredState, 'contents' | 'manifests' | 'policies'>>): void {
    for (const content of received.contents ?? []) this.addObject(verify(() => fromWireContent(content)));
    for (const manifest of received.manifests ?? []) {
      const { digest, entries } = verify(() => fromWireManifest(manifest));
      this.manifests.set(digest, entries);
    }
    for (const policy of received.policies ?? []) {
      const { digest, text } = verify(() => fromWirePolicy(policy));
      this.policies.set(digest, JSON.parse(text) as Policy);
    }
  }

  private addObject({ id, salt, text }: ObjectContent): void {
    const object = verify(() => JSON.parse(text) as KubeObject);
    if (canonicalJson(object) !== text) {
      throw new RefusedState('notCanonical', `object ${id.slice(0, 12)} is not in canonical form`);
    }
    this.objects.set(id, { salt, object });
  }
}

function verify<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RefusedState('contentMismatch', (error as Error).message);
  }
}

/**
 * Everything the entries need, taken from what is held, what was received and, for the rest, the hub.
 * @throws RefusedState when the hub does not have it, or it is not what its digest says; Fault when the hub is away.
 */
export async function completeContents(
  entries: readonly AppEntry[],
  at: { readonly held: Contents; readonly received: ReceivedContents; readonly client: AgentClient },
): Promise<Contents> {
  const { held, received, client } = at;
  const present = (): Contents => {
    const manifests = new Map([...held.manifests, ...received.manifests]);
    return keepNeeded(needsOf(entries, manifests), received, held);
  };
  const { manifests, policies } = missingOf(needsOf(entries, held.manifests), present());
  for (const part of parts([
    ...manifests.map((digest) => ({ bundle: digest })),
    ...policies.map((policy) => ({ policy })),
  ])) {
    await fetchManifests(client, part, received);
  }
  const contents = present();
  for (const ids of parts(missingOf(needsOf(entries, contents.manifests), contents).objects)) {
    const answers = await collect(client.fetchContent({ objectIds: ids.map(toWireDigest) }), MAX_FETCH_IDS);
    for (const answer of answers) received.add(answer);
  }
  return checked(entries, present());
}

async function fetchManifests(
  client: AgentClient,
  wanted: readonly { readonly bundle?: Digest; readonly policy?: Digest }[],
  into: ReceivedContents,
): Promise<void> {
  const request = {
    bundles: wanted.flatMap(({ bundle }) => (bundle === undefined ? [] : [toWireDigest(bundle)])),
    policies: wanted.flatMap(({ policy }) => (policy === undefined ? [] : [toWireDigest(policy)])),
  };
  for (const answer of await collect(client.fetchManifests(request), MAX_FETCH_IDS)) into.add(answer);
}

function parts<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / MAX_FETCH_IDS);
  return Array.from({ length: count }, (_, index) => all.slice(index * MAX_FETCH_IDS, (index + 1) * MAX_FETCH_IDS));
}

/** @throws RefusedState unless the contents are complete and each object is the one its manifest names. */
function checked(entries: readonly AppEntry[], contents: Contents): Contents {
  const missing = Object.entries(missingOf(needsOf(entries, contents.manifests), contents));
  for (const [what, digests] of missing) {
    if (digests.length > 0) throw new RefusedState('contentMissing', `${digests.length} ${what} could not be fetched`);
  }
  for (const manifest of contents.manifests.values()) for (const entry of manifest) checkEntry(entry, contents);
  return contents;
}

function checkEntry({ objectId, apiVersion, ref }: ManifestEntry, contents: Contents): void {
  const object = contents.objects.get(objectId)?.object;
  if (object === undefined) return;
  const { name, namespace = '' } = object.metadata;
  const same =
    object.apiVersion === apiVersion && object.kind === ref.kind && name === ref.name && namespace === ref.namespace;
  if (!same || groupOf(apiVersion) !== ref.group) {
    throw new RefusedState(
      'contentMismatch',
      `object ${objectId.slice(0, 12)} is not the ${ref.kind} its bundle names`,
    );
  }
}
