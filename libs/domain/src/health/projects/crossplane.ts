import type { KubeObject } from '../../json/index.js';
import { conditionsOf, denyConditions, findCondition, needConditions } from '../conditions.js';
import { settle } from '../kinds/custom-resource.js';
import type { HealthVerdict } from '../verdict.js';

const PACKAGES = new Set(['Provider', 'Configuration', 'Function']);

/** Packages need to be installed and healthy, definitions established, managed resources synced and ready. */
export function assessCrossplane(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  if (PACKAGES.has(object.kind)) return needConditions(object, ['Installed', 'Healthy']);
  if (object.kind === 'CompositeResourceDefinition') return needConditions(object, ['Established']);
  if (findCondition(object, 'Synced') !== undefined) return needConditions(object, ['Synced', 'Ready']);
  // Compositions and configurations of providers have no conditions of these; an inactive definition stays at "Inactive".
  if (findCondition(object, 'Established')?.reason === INACTIVE) return settle(sinceChangeMs);
  const denied = denyConditions(object, ['Established', 'Offered', 'Healthy', 'Ready']);
  return denied.health === 'healthy' && conditionsOf(object).length === 0 ? settle(sinceChangeMs) : denied;
}

const INACTIVE = 'InactiveManagedResource';
