import type { FleetDefinitions } from '../definitions/index.js';
import type { ClusterFacts, Labels } from '../match/index.js';
import { effectiveLabels } from '../match/index.js';

/** A cluster as it joined and as its agent states it, before the `Cluster` documents are laid over it. */
export interface ClusterInput {
  readonly id: number;
  readonly name: string;
  readonly joinLabels: Labels;
  readonly facts: Labels;
}

/** Lays the `Cluster` documents over what clusters joined with. */
export function clusterFacts(
  clusters: readonly ClusterInput[],
  definitions: FleetDefinitions['clusters'],
  usableFacts: readonly string[],
): ClusterFacts[] {
  return clusters.map(({ id, name, joinLabels, facts }) => {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    const labels = effectiveLabels(joinLabels, definition, { facts, usable: usableFacts });
    return { id, name, labels, values: definition?.values ?? {} };
  });
}
