import type { ClusterChoice, FleetDefinitions, Requirement, ScriptedCluster, Wave } from '@flotilla/domain';

export interface ClusterScript {
  /** How many clusters there are. */
  readonly count: number;
  /** How many of them each wave gets; others get 1, 10, 100, … and the last wave what is left. */
  readonly sizes: Readonly<Record<string, number>>;
  /** How many fail fast, and how many are away. */
  readonly fail: number;
  readonly away: number;
  /** Wave of those; spread over all waves when left out. */
  readonly in: string | undefined;
  /** From the assignment to the report that decides. */
  readonly readyAfterMs: number;
}

type Groups = FleetDefinitions['groups'];

/** Clusters that the waves of a strategy would take, with what becomes of the release on each. Deterministic. */
export function scriptClusters(waves: readonly Wave[], groups: Groups, script: ClusterScript): ScriptedCluster[] {
  const clusters = sizesOf(waves, script).flatMap((size, index) => {
    const wave = waves[index];
    return wave === undefined ? [] : Array.from({ length: size }, (_, i) => clusterOf(wave, i, groups));
  });
  const named = clusters.map(({ wave, ...cluster }): ScriptedCluster & { readonly wave: string } => ({
    ...cluster,
    wave,
    behaviour: 'ready',
    afterMs: script.readyAfterMs,
  }));
  const within = named.flatMap(({ wave }, index) => (script.in === undefined || script.in === wave ? [index] : []));
  const chosen = spread(within, script.fail + script.away);
  const failing = new Set(chosen.slice(0, script.fail));
  const away = new Set(chosen.slice(script.fail));
  return named.map(({ wave: _, ...cluster }, index) => {
    if (failing.has(index)) return { ...cluster, behaviour: 'failing' };
    return away.has(index) ? { ...cluster, behaviour: 'away' } : cluster;
  });
}

function sizesOf(waves: readonly Wave[], { count, sizes }: ClusterScript): number[] {
  let left = count;
  return waves.map(({ name }, index) => {
    const isLast = index === waves.length - 1;
    const size = Math.min(left, sizes[name] ?? (isLast ? left : 10 ** index));
    left -= size;
    return size;
  });
}

interface Placed {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly wave: string;
}

function clusterOf({ name: wave, choice }: Wave, index: number, groups: Groups): Placed {
  const named = choice?.by === 'clusters' ? choice.clusters[index] : undefined;
  return { name: named ?? `${wave}-${String(index + 1).padStart(3, '0')}`, labels: labelsFor(choice, groups), wave };
}

/** Labels that satisfy a choice. */
function labelsFor(choice: ClusterChoice | undefined, groups: Groups): Record<string, string> {
  if (choice?.by === 'selector') return Object.fromEntries(choice.selector.requirements.flatMap(labelFor));
  const group = choice?.by === 'group' ? groups[choice.group] : undefined;
  return group === undefined ? {} : Object.fromEntries(group.selector.requirements.flatMap(labelFor));
}

function labelFor(requirement: Requirement): [string, string][] {
  switch (requirement.op) {
    case 'in':
      return [[requirement.key, requirement.values[0] ?? '']];
    case 'exists':
      return [[requirement.key, 'simulated']];
    case 'greaterThan':
      return [[requirement.key, String(requirement.value + 1)]];
    case 'lessThan':
      return [[requirement.key, String(requirement.value - 1)]];
    case 'notIn':
    case 'notExists':
      return [];
  }
}

/** So many of these, evenly. */
function spread(indexes: readonly number[], count: number): number[] {
  const wanted = Math.min(count, indexes.length);
  return Array.from({ length: wanted }, (_, i) => indexes[Math.floor(((i + 0.5) * indexes.length) / wanted)] ?? 0);
}
