import type { ClusterChoice } from './cluster-choice.js';
import type { AppDefinition, Definition, DefinitionKind, ProjectDefinition, StrategyDefinition } from './definition.js';

/** What a definition needs from another. */
export interface DefinitionName {
  readonly kind: DefinitionKind;
  readonly name: string;
}

/** Every definition that a definition refers to. */
export function referencesOf(definition: Definition): DefinitionName[] {
  switch (definition.kind) {
    case 'App':
      return appReferences(definition);
    case 'RolloutStrategy':
      return strategyReferences(definition);
    case 'Project':
      return projectReferences(definition);
    case 'ClusterGroup':
    case 'Cluster':
    case 'Source':
    case 'Window':
      return [];
  }
}

function appReferences(app: AppDefinition): DefinitionName[] {
  const choices = [...app.targets, ...app.except, ...app.overrides.map((override) => override.choice)];
  return [
    ...named('Source', app.source),
    ...named('RolloutStrategy', app.strategy),
    ...app.dependsOn.flatMap((name) => named('App', name)),
    ...choices.flatMap(groupOfChoice),
  ];
}

function strategyReferences(strategy: StrategyDefinition): DefinitionName[] {
  return strategy.waves.flatMap((wave) => [
    ...(wave.choice === undefined ? [] : groupOfChoice(wave.choice)),
    ...wave.windows.flatMap((name) => named('Window', name)),
  ]);
}

function projectReferences(project: ProjectDefinition): DefinitionName[] {
  const choices = [...(project.clusters === undefined ? [] : [project.clusters]), ...project.defaults.targets];
  return [...named('RolloutStrategy', project.defaults.strategy), ...choices.flatMap(groupOfChoice)];
}

function groupOfChoice(choice: ClusterChoice): DefinitionName[] {
  return choice.by === 'group' ? named('ClusterGroup', choice.group) : [];
}

function named(kind: DefinitionKind, name: string | undefined): DefinitionName[] {
  return name === undefined ? [] : [{ kind, name }];
}
