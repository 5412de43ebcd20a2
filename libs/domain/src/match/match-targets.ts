import type { AppDefinition, ClusterChoice, GroupDefinition } from '../definitions/index.js';
import { printChoice } from '../definitions/index.js';
import { matchSelector } from '../selectors/index.js';
import type { ClusterFacts } from './cluster-facts.js';

export type Groups = Readonly<Record<string, GroupDefinition>>;

/** A cluster that an app selects, and why. */
export interface MatchedTarget {
  readonly clusterId: number;
  /** For people: `selector env=prod`. The first of the app's targets that chose it. */
  readonly reason: string;
}

/** Whether a choice takes a cluster. A group that is not defined takes none. */
export function clusterMatches(choice: ClusterChoice, cluster: ClusterFacts, groups: Groups): boolean {
  switch (choice.by) {
    case 'selector':
      return matchSelector(choice.selector, cluster.labels);
    case 'group':
      return matchesGroup(choice.group, cluster, groups);
    case 'clusters':
      return choice.clusters.includes(cluster.name);
    case 'all':
      return true;
  }
}

function matchesGroup(name: string, cluster: ClusterFacts, groups: Groups): boolean {
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  return group !== undefined && matchSelector(group.selector, cluster.labels);
}

/** The clusters an app selects: any of `targets`, none of `except`; in the order of the clusters given. */
export function matchTargets(
  app: Pick<AppDefinition, 'targets' | 'except'>,
  clusters: readonly ClusterFacts[],
  groups: Groups,
): MatchedTarget[] {
  const matched: MatchedTarget[] = [];
  for (const cluster of clusters) {
    const choice = app.targets.find((target) => clusterMatches(target, cluster, groups));
    if (choice === undefined) continue;
    if (app.except.some((target) => clusterMatches(target, cluster, groups))) continue;
    matched.push({ clusterId: cluster.id, reason: printChoice(choice) });
  }
  return matched;
}
