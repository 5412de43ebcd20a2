import type { JsonObject } from '@flotilla/domain';
import { groupOf } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';

const typeOf = (apiVersion: string, kind: string, more: { namespaced: boolean }): ResourceType => ({
  group: groupOf(apiVersion),
  version: apiVersion.slice(apiVersion.indexOf('/') + 1),
  kind,
  resource: `${kind.toLowerCase()}s`,
  verbs: [],
  ...more,
});

/** Kinds of the agent's own objects: every API server has them, so none is looked up. */
export const SECRETS = typeOf('v1', 'Secret', { namespaced: true });
export const CONFIG_MAPS = typeOf('v1', 'ConfigMap', { namespaced: true });
export const NAMESPACES = typeOf('v1', 'Namespace', { namespaced: false });
export const NODES = typeOf('v1', 'Node', { namespaced: false });
export const LEASES = typeOf('coordination.k8s.io/v1', 'Lease', { namespaced: true });

/** Marks the agent's own objects. Frozen. */
export const OWN_LABEL = 'flotilla.dev/agent';
export const OWN_LABELS = { [OWN_LABEL]: 'true' } as const;

/** Type of the agent's Secrets: unlike a label it stays what it is. Frozen. */
export const SECRET_TYPE = 'flotilla.dev/agent';
export const OWN_SECRETS = `type=${SECRET_TYPE}`;

/** A member that is text; empty when it is not there. */
export function textAt(part: JsonObject | undefined, member: string): string {
  const value = part?.[member];
  return typeof value === 'string' ? value : '';
}
