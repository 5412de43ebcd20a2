import type { ClusterDefinition } from '../definitions/index.js';
import { FACTS_PREFIX } from '../selectors/index.js';

export type Labels = Readonly<Record<string, string>>;

/** What an agent states of its cluster, and which of these an admin made usable in selectors. Keys without prefix. */
export interface StatedFacts {
  readonly facts: Labels;
  readonly usable: readonly string[];
}

/**
 * Labels of a cluster as selectors see them: the `Cluster` document wins key by key over labels given at join; facts
 * come under `facts/` when an admin lists their key, and nobody else can write there.
 */
export function effectiveLabels(
  joinLabels: Labels,
  definition: Pick<ClusterDefinition, 'labels'> | undefined,
  stated: StatedFacts = { facts: {}, usable: [] },
): Record<string, string> {
  const given = { ...joinLabels, ...definition?.labels };
  const labels = Object.entries(given).filter(([key]) => !key.startsWith(FACTS_PREFIX));
  const facts = Object.entries(stated.facts).filter(([key]) => stated.usable.includes(key));
  const prefixed = facts.map(([key, value]): [string, string] => [`${FACTS_PREFIX}${key}`, value]);
  return Object.fromEntries([...labels, ...prefixed]);
}
