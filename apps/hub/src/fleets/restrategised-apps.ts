import type { FleetDefinitions, StrategyDefinition } from '@flotilla/domain';
import { NO_DEFINITIONS, referencesOf } from '@flotilla/domain';

/** Apps whose rollouts must be looked at again because their strategy, or a window or group that it names, is another one. */
export function restrategisedApps(before: FleetDefinitions = NO_DEFINITIONS, after: FleetDefinitions): string[] {
  if (before === after) return [];
  const strategies = Object.values(after.strategies).filter((strategy) => isOther(strategy, before, after));
  const names = new Set([...strategies.map(({ name }) => name), ...gone(before, after)]);
  return Object.values(after.apps).flatMap(({ name, strategy }) => (names.has(strategy ?? 'default') ? [name] : []));
}

function gone(before: FleetDefinitions, after: FleetDefinitions): string[] {
  return Object.keys(before.strategies).filter((name) => !Object.hasOwn(after.strategies, name));
}

function isOther(strategy: StrategyDefinition, before: FleetDefinitions, after: FleetDefinitions): boolean {
  if (before.strategies[strategy.name] !== strategy) return true;
  return referencesOf(strategy).some(({ kind, name }) => {
    if (kind === 'Window') return before.windows[name] !== after.windows[name];
    return kind === 'ClusterGroup' && before.groups[name] !== after.groups[name];
  });
}
