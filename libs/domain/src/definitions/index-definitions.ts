import type { Definition, DefinitionKind, FleetDefinitions } from './definition.js';
import { NO_DEFINITIONS } from './definition.js';
import type { DefinitionName } from './references-of.js';

/** Definitions of all kinds by `Kind/name`. */
export type DefinitionIndex = ReadonlyMap<string, Definition>;

const COLLECTIONS: Readonly<Record<DefinitionKind, keyof FleetDefinitions>> = {
  App: 'apps',
  RolloutStrategy: 'strategies',
  ClusterGroup: 'groups',
  Cluster: 'clusters',
  Source: 'sources',
  Window: 'windows',
  Project: 'projects',
};

export function keyOf({ kind, name }: DefinitionName): string {
  return `${kind}/${name}`;
}

export function indexDefinitions(definitions: FleetDefinitions): DefinitionIndex {
  const all = Object.values(definitions).flatMap((byName: Readonly<Record<string, Definition>>) =>
    Object.values(byName),
  );
  return new Map(all.map((definition) => [keyOf(definition), definition]));
}

export function collectDefinitions(definitions: Iterable<Definition>): FleetDefinitions {
  const collections: Partial<Record<keyof FleetDefinitions, Record<string, Definition>>> = {};
  for (const definition of definitions)
    (collections[COLLECTIONS[definition.kind]] ??= {})[definition.name] = definition;
  return { ...NO_DEFINITIONS, ...(collections as Partial<FleetDefinitions>) };
}
