import type { ReleasedPart, RolloutFacts, RolloutTarget } from './facts.js';
import type { HeldRelease, RolloutMemory, WayBack } from './memory.js';
import type { PlannedAssignment } from './rollout-plan.js';

/** What the targets of these waves would return to, by cluster. */
export function waysBackOf(memory: RolloutMemory, waves: readonly string[]): Record<number, ReleasedPart> {
  const members = new Set(memory.waves.filter(({ name }) => waves.includes(name)).flatMap((wave) => wave.targets));
  const back: Record<number, ReleasedPart> = {};
  for (const { part, clusterIds } of memory.waysBack) {
    for (const id of clusterIds) if (members.has(id)) back[id] = part;
  }
  return back;
}

/**
 * Held releases that something still runs, or ran last in health. They keep their ways back: a release that is held was
 * perhaps healthy on some targets, but nothing returns to it.
 */
export function heldBefore({ memory, targets }: Pick<RolloutFacts, 'memory' | 'targets'>): readonly HeldRelease[] {
  if (memory === undefined) return [];
  const { hold, releaseId, waysBack, held } = memory;
  const all = hold === undefined ? held : [...held, { releaseId, waysBack }];
  return all.filter((each) =>
    targets.some(
      ({ proven, allowed }) => proven?.releaseId === each.releaseId || allowed?.releaseId === each.releaseId,
    ),
  );
}

/** Each target's way back is what was proven on it before its first assignment of the release. */
export function rememberWaysBack(
  targets: readonly RolloutTarget[],
  memory: RolloutMemory,
  assignments: readonly PlannedAssignment[],
): readonly WayBack[] {
  if (assignments.length === 0) return memory.waysBack;
  const known = new Set(memory.waysBack.flatMap(({ clusterIds }) => clusterIds));
  const assigned = new Set(assignments.map(({ clusterId }) => clusterId));
  const moving = targets.filter(({ clusterId }) => assigned.has(clusterId));
  const byCluster = new Map(moving.map((target) => [target.clusterId, target]));
  const trusted = trust(memory.held);
  const byPart = new Map(
    memory.waysBack.map((way) => [keyOf(way.part), { part: way.part, clusterIds: [...way.clusterIds] }]),
  );
  for (const { clusterId } of assignments) {
    const part = trusted(clusterId, byCluster.get(clusterId)?.proven);
    if (part === undefined || known.has(clusterId)) continue;
    const way = byPart.get(keyOf(part)) ?? { part, clusterIds: [] };
    way.clusterIds.push(clusterId);
    byPart.set(keyOf(part), way);
  }
  const ways = [...byPart.values()].map(({ part, clusterIds }) => ({
    part,
    clusterIds: clusterIds.sort((a, b) => a - b),
  }));
  return ways.sort((a, b) => (keyOf(a.part) < keyOf(b.part) ? -1 : 1));
}

type Trust = (clusterId: number, proven: ReleasedPart | undefined) => ReleasedPart | undefined;

/** What was proven, unless its release is held: then what was proven before that. */
function trust(held: readonly HeldRelease[]): Trust {
  const before = new Map(
    held.map(({ releaseId, waysBack }) => [
      releaseId,
      new Map(waysBack.flatMap(({ part, clusterIds }) => clusterIds.map((id) => [id, part]))),
    ]),
  );
  return (clusterId, proven) => {
    const way = proven && before.get(proven.releaseId);
    return way === undefined ? proven : way.get(clusterId);
  };
}

function keyOf(part: ReleasedPart): string {
  return `${part.bundle} ${part.policy} ${part.releaseId}`;
}
