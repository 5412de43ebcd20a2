import { applyDelta, hashDesiredState, orderVersions, printVersion } from '@flotilla/domain';
import type { Version } from '@flotilla/domain';
import type { Publication, wire } from '@flotilla/protocol';
import { fromWirePublication } from '@flotilla/protocol';
import type { HeldState } from '../store/held-state.js';
import type { AgentClient } from './channel.js';
import { completeContents, ReceivedContents } from './fetch-contents.js';
import { RefusedState } from './refused-state.js';

/** The highest that was ever seen, accepted or not. */
export interface Seen {
  readonly version: Version;
  readonly epoch: number;
}

/**
 * The state after a publication, verified to the last byte: order, base, hash, contents.
 * @throws RefusedState with the reason; Fault when content must be fetched and the hub is away.
 */
export async function receiveDesiredState(
  message: wire.DesiredState,
  at: { readonly held: HeldState; readonly seen: Seen; readonly client: AgentClient },
): Promise<HeldState> {
  const publication = readPublication(message);
  checkOrder(publication, at.seen);
  if (publication.baseHash !== at.held.hash) {
    throw new RefusedState('baseMismatch', 'the difference is against another state than the one held');
  }
  const entries = applyDelta(at.held.entries, publication.delta);
  const hash = hashDesiredState(entries);
  if (hash !== publication.hash)
    throw new RefusedState('hashMismatch', 'the difference does not lead to the hash it names');
  const received = new ReceivedContents();
  received.add(message);
  const contents = await completeContents(entries, { held: at.held, received, client: at.client });
  return { ...contents, version: publication.version, epoch: publication.epoch, hash, entries };
}

function readPublication(message: wire.DesiredState): Publication {
  try {
    return fromWirePublication(message);
  } catch (error) {
    throw new RefusedState('malformed', (error as Error).message);
  }
}

/** A later generation starts its epochs anew: the hub was restored, and its old epochs mean nothing. */
function checkOrder({ version, epoch }: Publication, seen: Seen): void {
  if (orderVersions(version, seen.version) < 0) {
    const versions = `${printVersion(version)} is older than ${printVersion(seen.version)}`;
    throw new RefusedState('staleVersion', `version ${versions}, which this cluster has seen`);
  }
  if (version.generation === seen.version.generation && epoch < seen.epoch) {
    throw new RefusedState(
      'staleEpoch',
      `leader epoch ${epoch} is older than ${seen.epoch}, which this cluster has seen`,
    );
  }
}
