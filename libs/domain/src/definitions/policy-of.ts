import type { Policy } from '../policy/index.js';
import type { AppDefinition } from './definition.js';

/** The canonical policy of an app on a target; `resolved` carries what may differ from cluster to cluster. */
export function policyOf(app: AppDefinition, resolved: Pick<Policy, 'namespace' | 'serviceAccount'> = app): Policy {
  const { createNamespace, mode, apply, drift, health, budget, onDelete } = app;
  return {
    namespace: resolved.namespace,
    serviceAccount: resolved.serviceAccount,
    createNamespace,
    mode,
    apply,
    drift,
    health,
    budget,
    onDelete,
    dependsOn: [...app.dependsOn].sort(),
    formerly: [...app.formerly].sort(),
  };
}
