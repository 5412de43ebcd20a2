import type { ClusterChoice, Definition, FleetDefinitions } from '../definitions/index.js';
import { indexDefinitions } from '../definitions/index.js';
import type { Problem } from '../problem/index.js';

/** Warns of clusters that definitions name and that have not joined: a slip, or a cluster that is still to come. */
export function checkClusterNames(
  definitions: FleetDefinitions,
  clusters: Iterable<{ readonly name: string }>,
): Problem[] {
  const known = new Set([...clusters].map((cluster) => cluster.name));
  return [...indexDefinitions(definitions).values()].flatMap((definition) =>
    namesOf(definition).flatMap(([field, choice]) =>
      unknownNames(choice, known).map((name) => warning(definition, field, name)),
    ),
  );
}

const naming = new WeakMap<Definition, readonly PlacedChoice[]>();

/** Choices that name clusters; most definitions have none, and none changes. */
function namesOf(definition: Definition): readonly PlacedChoice[] {
  const known = naming.get(definition);
  if (known !== undefined) return known;
  const choices = choicesOf(definition).filter(([, choice]) => choice?.by === 'clusters');
  naming.set(definition, choices);
  return choices;
}

type PlacedChoice = readonly [field: string, choice: ClusterChoice | undefined];

function choicesOf(definition: Definition): PlacedChoice[] {
  switch (definition.kind) {
    case 'App':
      return [
        ...definition.targets.map((choice, index): PlacedChoice => [`spec.targets[${index}]`, choice]),
        ...definition.except.map((choice, index): PlacedChoice => [`spec.except[${index}]`, choice]),
        ...definition.overrides.map(({ choice }, index): PlacedChoice => [`spec.overrides[${index}]`, choice]),
      ];
    case 'RolloutStrategy':
      return definition.waves.map(({ choice }, index) => [`spec.waves[${index}]`, choice]);
    case 'Project':
      return [['spec.clusters', definition.clusters]];
    case 'ClusterGroup':
    case 'Cluster':
    case 'Source':
    case 'Window':
      return [];
  }
}

function unknownNames(choice: ClusterChoice | undefined, known: ReadonlySet<string>): string[] {
  return choice?.by === 'clusters' ? choice.clusters.filter((name) => !known.has(name)) : [];
}

function warning(definition: Definition, field: string, name: string): Problem {
  const { kind, place } = definition;
  return {
    code: 'unknownReference',
    severity: 'warning',
    subject: { kind, name: definition.name },
    place,
    field: `${field}.clusters`,
    message: `no cluster "${name}" has joined`,
    hint: `Correct the name, or let it join: flotilla cluster join ${name}.`,
  };
}
