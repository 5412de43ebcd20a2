import type { KubeObject, LiveObject } from '@flotilla/domain';
import { refKey, refOf } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { Instant } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';

/** What the watches say of an app's objects. Each answers whether a pass is needed. */

export interface Change {
  readonly needsPass: boolean;
  /** A CRD that just became usable. */
  readonly establishedKind: boolean;
}

const NOTHING: Change = { needsPass: false, establishedKind: false };

/** A watched object changed. Whether it is ours is a matter of the inventory, not of its label. */
export function takeChanged(state: AppState, object: KubeObject, now: Instant): Change {
  const tracked = ownedObject(state, object);
  if (tracked === undefined) return NOTHING;
  if (tracked.writing !== undefined) {
    tracked.missed = object;
    return NOTHING;
  }
  const { live, verdict } = tracked;
  if (!state.observe(tracked, object, now)) return NOTHING;
  const needsPass = JSON.stringify([facts(live), verdict]) !== JSON.stringify([facts(tracked.live), tracked.verdict]);
  const became = tracked.verdict.health === 'healthy' && verdict.health !== 'healthy';
  return { needsPass, establishedKind: became && isCrd(tracked) };
}

/** The watch says deleted; a label that was taken off looks the same, so the object is read before anything is made anew. */
export function takeDeleted(state: AppState, object: KubeObject): boolean {
  const tracked = ownedObject(state, object);
  if (tracked === undefined) return false;
  tracked.live = undefined;
  return true;
}

/** A fresh list of a type came: what is ours and not in it is read. */
export function takeListed(state: AppState, type: ResourceType, present: ReadonlySet<string>): boolean {
  let needsPass = false;
  for (const tracked of state.tracked.values()) {
    if (tracked.type !== type || tracked.entry === undefined) continue;
    tracked.blind = false;
    if (present.has(tracked.key) || tracked.live?.state === 'absent') continue;
    tracked.live = undefined;
    needsPass = true;
  }
  return needsPass;
}

/** The watch of a type is broken (`blind`), or goes on without having missed anything. */
export function setBlind(state: AppState, type: ResourceType, blind: boolean): boolean {
  let needsPass = false;
  for (const tracked of state.tracked.values()) {
    if (tracked.type !== type || tracked.entry === undefined || tracked.blind === blind) continue;
    tracked.blind = blind;
    needsPass = true;
  }
  return needsPass;
}

function ownedObject(state: AppState, object: KubeObject): TrackedObject | undefined {
  const tracked = state.tracked.get(refKey(refOf(object)));
  return tracked?.entry !== undefined && state.isTypeOf(tracked, object) ? tracked : undefined;
}

function facts(live: LiveObject | undefined): unknown {
  return live?.state === 'present' ? { ...live, resourceVersion: '' } : live;
}

export function isCrd({ ref }: TrackedObject): boolean {
  return ref.kind === 'CustomResourceDefinition' && ref.group === 'apiextensions.k8s.io';
}
