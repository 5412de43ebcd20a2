import type { DefinitionKind } from '../definition.js';
import { appKind } from './app.kind.js';
import { clusterGroupKind, clusterKind } from './cluster.kind.js';
import type { KindRule } from './kind-rule.js';
import { projectKind } from './project.kind.js';
import { rolloutStrategyKind } from './rollout-strategy.kind.js';
import { sourceKind } from './source.kind.js';
import { windowKind } from './window.kind.js';

export const KIND_RULES: Readonly<Record<DefinitionKind, KindRule>> = {
  App: appKind,
  RolloutStrategy: rolloutStrategyKind,
  ClusterGroup: clusterGroupKind,
  Cluster: clusterKind,
  Source: sourceKind,
  Window: windowKind,
  Project: projectKind,
};

/** Every kind, in the order of their pages. */
export const DEFINITION_KINDS = Object.keys(KIND_RULES) as readonly DefinitionKind[];
