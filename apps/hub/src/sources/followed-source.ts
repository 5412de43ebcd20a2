import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { JsonObject, SourceDefinition } from '@flotilla/domain';
import type { FollowedRef } from '@flotilla/git';
import { GitMirror, printFollowed, readCredentials } from '@flotilla/git';
import type { HubSettings } from '../config/index.js';

/** Name of the source that holds the definitions, as the API shows it. */
export const FLEET_SOURCE = 'fleet';

/** A source that the hub follows, wherever it was declared. */
export interface FollowedSource {
  readonly name: string;
  readonly role: 'fleet' | 'content';
  readonly url: string;
  readonly ref: FollowedRef;
  readonly refText: string;
  readonly intervalMs: number;
  /** File with credentials; absent: none are sent. */
  readonly credentialsFile?: string;
  /** Why it cannot be followed as it is declared. */
  readonly refusal?: string;
  readonly definition: JsonObject;
}

export function fleetSource(settings: HubSettings): FollowedSource {
  const ref = { branch: settings.fleetRef };
  return {
    name: FLEET_SOURCE,
    role: 'fleet',
    url: settings.fleetUrl,
    ref,
    refText: printFollowed(ref),
    intervalMs: settings.pollIntervalMs,
    definition: {},
    ...(settings.fleetTokenFile === undefined ? {} : { credentialsFile: settings.fleetTokenFile }),
  };
}

/** Credentials of content sources are files in a folder that only the operator writes; Git names them and holds none. */
export function contentSource(definition: SourceDefinition, settings: HubSettings): FollowedSource {
  const { name, url, ref, intervalMs, credentials } = definition;
  return {
    name,
    role: 'content',
    url,
    ref,
    refText: printFollowed(ref),
    intervalMs,
    definition: definition as unknown as JsonObject,
    ...(credentials === undefined
      ? {}
      : { credentialsFile: join(settings.credentialsDir ?? join(settings.dataDir, 'credentials'), credentials) }),
    ...(definition.verifyKeys.length > 0 ? { refusal: 'signatures of commits cannot be verified yet' } : {}),
  };
}

/** Whether two declarations follow the same commits. */
export function sameRemote(a: FollowedSource, b: FollowedSource): boolean {
  return (
    a.url === b.url && a.refText === b.refText && a.credentialsFile === b.credentialsFile && a.refusal === b.refusal
  );
}

/** The mirror of a source. Each URL has a folder of its own, so that another URL under the same name starts anew. */
export async function openMirror(
  { name, url, credentialsFile: file }: FollowedSource,
  dataDir: string,
): Promise<GitMirror> {
  const folder = join(dataDir, 'sources', `${name}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}`);
  return GitMirror.open({ folder, url, ...(file === undefined ? {} : { credentials: () => readCredentials(file) }) });
}
