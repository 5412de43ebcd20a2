import type { ResourceType } from '@flotilla/kube';

const type = (group: string, version: string, kind: string, resource: string, namespaced = true): ResourceType => ({
  group,
  version,
  kind,
  resource,
  namespaced,
  verbs: [],
});

/** Kinds of the agent's own objects: every API server has them, so none is looked up. */
export const SECRETS = type('', 'v1', 'Secret', 'secrets');
export const NAMESPACES = type('', 'v1', 'Namespace', 'namespaces', false);
export const NODES = type('', 'v1', 'Node', 'nodes', false);
export const LEASES = type('coordination.k8s.io', 'v1', 'Lease', 'leases');

/** Marks the agent's own objects. Frozen. */
export const OWN_LABEL = 'flotilla.dev/agent';
export const OWN_LABELS = { [OWN_LABEL]: 'true' } as const;
