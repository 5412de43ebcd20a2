import type { AppEntry, KubeObject, ObjectRef } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import type { Desired, DesiredApp } from '../reconcile/reconciler.port.js';
import type { HeldState } from './held-state.js';

/** The held state as the reconciler takes it. @throws Fault internal when something needed is not held. */
export function toDesired(state: HeldState): Desired {
  return { version: state.version, apps: state.entries.map((entry) => toDesiredApp(entry, state)) };
}

function toDesiredApp(entry: AppEntry, state: HeldState): DesiredApp {
  const policy = state.policies.get(entry.policy);
  if (policy === undefined) throw notHeld(entry);
  const objects = entry.life === 'active' ? objectsOf(entry, state) : [];
  return { entry, objects, policy, pendingRefs: pendingRefsOf(entry, state) };
}

function objectsOf(entry: AppEntry, state: HeldState): readonly KubeObject[] {
  const manifest = state.manifests.get(entry.bundle);
  if (manifest === undefined) throw notHeld(entry);
  return manifest.map(({ objectId }) => {
    const held = state.objects.get(objectId);
    if (held === undefined) throw notHeld(entry);
    return held.object;
  });
}

function pendingRefsOf(entry: AppEntry, state: HeldState): readonly ObjectRef[] {
  if (entry.pendingBundle === undefined) return [];
  return (state.manifests.get(entry.pendingBundle) ?? []).map(({ ref }) => ref);
}

function notHeld(entry: AppEntry): Fault {
  return new Fault('internal', `the content of ${entry.app} is not held`);
}
