import type { KubeObject } from '../../json/index.js';
import { findTrue, needConditions } from '../conditions.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { NOT_OBSERVED, progressing } from '../verdict.js';

/**
 * Ready, and for this version: `status.syncedResourceVersion` begins with the generation that was synced. With `CreatedOnce`
 * the first one is the only one.
 */
export function assessExternalSecret(object: KubeObject): HealthVerdict {
  const verdict = needConditions(object, ['Ready']);
  if (verdict.health !== 'healthy' || memberText(memberObject(object, 'spec'), 'refreshPolicy') === 'CreatedOnce')
    return verdict;
  const synced = memberText(memberObject(object, 'status'), 'syncedResourceVersion');
  const { generation } = object.metadata as { readonly generation?: number };
  const isOlder = synced !== '' && generation !== undefined && synced.split('-', 1)[0] !== String(generation);
  return isOlder ? NOT_OBSERVED : verdict;
}

/** It says in which way it is not ready by conditions of their own. */
export function assessClusterExternalSecret(object: KubeObject): HealthVerdict {
  const verdict = needConditions(object, ['Ready']);
  const denied = findTrue(object, 'NotReady', 'PartiallyReady');
  return verdict.health === 'healthy' || denied === undefined ? verdict : progressing(denied.type, denied.message);
}
