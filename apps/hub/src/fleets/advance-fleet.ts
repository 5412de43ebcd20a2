import type { TargetInForce } from '@flotilla/domain';
import type { AppChange } from './fleet-change.js';
import type { FleetInForce, StoredApp } from './fleet-in-force.js';
import type { FleetChange, SavedChange } from './fleet-change.repository.js';

/** The fleet after a change was saved, as loading it anew would give it. */
export function advanceFleet({ before, evaluation, commits, apps }: FleetChange, saved: SavedChange): FleetInForce {
  const next = new Map(before.apps);
  for (const change of apps) next.set(change.name, advanceApp(change, saved));
  return {
    definitions: evaluation.effective,
    revision: saved.revision,
    snapshot: saved.snapshot,
    commits,
    apps: next,
  };
}

function advanceApp(change: AppChange, saved: SavedChange): StoredApp {
  const { name, columns, plan, leaving } = change;
  const before = change.before ?? { ...NOTHING, id: saved.appIds.get(name) ?? 0 };
  const release = saved.releaseIds.get(before.id);
  const newestRelease = release ?? before.newestRelease;
  return {
    ...columns,
    id: before.id,
    lastNumber: before.lastNumber + (release === undefined ? 0 : 1),
    newestRelease,
    parts: plan && newestRelease !== undefined ? plan.parts : before.parts,
    targets: advanceTargets(before.targets, plan?.wanted ?? new Map(), leaving),
  };
}

const NOTHING = {
  lastNumber: 0,
  newestRelease: undefined,
  parts: undefined,
  targets: new Map<number, TargetInForce>(),
};

function advanceTargets(
  before: ReadonlyMap<number, TargetInForce>,
  wanted: ReadonlyMap<number, string>,
  leaving: AppChange['leaving'],
): ReadonlyMap<number, TargetInForce> {
  if (wanted.size === 0 && leaving.size === 0) return before;
  const targets = new Map(before);
  for (const [id, reason] of wanted) targets.set(id, { life: 'active', reason });
  for (const id of leaving.keys()) targets.set(id, { life: 'leaving', reason: targets.get(id)?.reason ?? '' });
  return targets;
}
