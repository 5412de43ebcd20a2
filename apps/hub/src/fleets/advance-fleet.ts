import type { TargetInForce } from '@flotilla/domain';
import type { AppChange } from './fleet-change.js';
import type { FleetInForce, StoredApp } from './fleet-in-force.js';
import type { FleetChange, SavedChange } from './fleet-saver.service.js';

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

function advanceApp({ name, before, columns, plan, leaving }: AppChange, saved: SavedChange): StoredApp {
  const id = before?.id ?? saved.appIds.get(name) ?? 0;
  const release = saved.releaseIds.get(id);
  return {
    ...columns,
    id,
    lastNumber: (before?.lastNumber ?? 0) + (release === undefined ? 0 : 1),
    newestRelease: release ?? before?.newestRelease,
    parts: plan && (release !== undefined || before?.parts) ? plan.parts : before?.parts,
    targets: advanceTargets(before?.targets ?? new Map(), plan?.wanted ?? new Map(), leaving),
  };
}

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
