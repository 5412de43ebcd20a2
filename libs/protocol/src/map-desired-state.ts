import type { AppEntry, AppLife, AppMode, DesiredStateDelta, Digest, Version } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import { fromWireCount, fromWireDigest, fromWireDigestOrNone, fromWireStateHash, toWireDigest } from './bytes.js';
import * as wire from './generated/flotilla/agent/v1/agent.js';
import { fromWireVersion, toWireVersion } from './map-version.js';

const LIFES = {
  active: wire.AppLife.APP_LIFE_ACTIVE,
  prune: wire.AppLife.APP_LIFE_PRUNE,
  orphan: wire.AppLife.APP_LIFE_ORPHAN,
} satisfies Record<AppLife, wire.AppLife>;

const MODES = {
  manage: wire.AppMode.APP_MODE_MANAGE,
  observe: wire.AppMode.APP_MODE_OBSERVE,
} satisfies Record<AppMode, wire.AppMode>;

/** The word for a wire value. @throws Fault badInput: an unknown value must never pass for a known one. */
export function fromWireWord<W extends string>(words: Readonly<Record<W, number>>, value: number, what: string): W {
  for (const word in words) if (words[word] === value) return word;
  throw new Fault('badInput', `${what} ${value} is not known to this version`);
}

export function toWireEntry(entry: AppEntry): wire.AppState {
  return {
    app: entry.app,
    bundle: toWireDigest(entry.bundle),
    policy: toWireDigest(entry.policy),
    life: LIFES[entry.life],
    mode: MODES[entry.mode],
    pendingBundle: toWireDigest(entry.pendingBundle),
    approvedDeletions: entry.approvedDeletions.map(toWireDigest),
    suspendedUntil: BigInt(entry.suspendedUntil),
    retry: entry.retry,
    since: toWireVersion(entry.since),
  };
}

/** @throws Fault badInput for digests that are none and for words this version does not know. */
export function fromWireEntry(state: wire.AppState): AppEntry {
  if (state.app === '') throw new Fault('badInput', 'an app without a name');
  return {
    app: state.app,
    bundle: fromWireDigest(state.bundle),
    policy: fromWireDigest(state.policy),
    life: fromWireWord(LIFES, state.life, 'app life'),
    mode: fromWireWord(MODES, state.mode, 'app mode'),
    pendingBundle: fromWireDigestOrNone(state.pendingBundle),
    approvedDeletions: state.approvedDeletions.map(fromWireDigest),
    suspendedUntil: fromWireCount(state.suspendedUntil),
    retry: state.retry,
    since: fromWireVersion(state.since),
  };
}

/** Header and difference of a desired state, without the contents that travel with it. */
export interface Publication {
  readonly version: Version;
  readonly epoch: number;
  /** Hash of the complete state after the difference. */
  readonly hash: Digest;
  /** Hash of the state that the difference applies to. */
  readonly baseHash: Digest;
  readonly delta: DesiredStateDelta;
}

/** Contents may be added to the result: `{...toWirePublication(p), manifests, contents, policies}`. */
export function toWirePublication(publication: Publication): wire.DesiredState {
  return {
    version: toWireVersion(publication.version),
    epoch: BigInt(publication.epoch),
    hash: toWireDigest(publication.hash),
    baseHash: toWireDigest(publication.baseHash),
    set: publication.delta.set.map(toWireEntry),
    forget: [...publication.delta.forget],
    manifests: [],
    contents: [],
    policies: [],
  };
}

/** @throws Fault badInput for anything malformed, and when an app is named twice. */
export function fromWirePublication(state: wire.DesiredState): Publication {
  const set = state.set.map(fromWireEntry);
  const names = [...set.map((entry) => entry.app), ...state.forget];
  if (new Set(names).size < names.length) throw new Fault('badInput', 'an app is named twice');
  return {
    version: fromWireVersion(state.version),
    epoch: fromWireCount(state.epoch),
    hash: fromWireDigest(state.hash),
    baseHash: fromWireStateHash(state.baseHash),
    delta: { set, forget: [...state.forget] },
  };
}
