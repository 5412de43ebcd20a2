import type { KubeObject } from '../../json/index.js';
import { findCondition, findTrue, needConditions } from '../conditions.js';
import { memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { failed } from '../verdict.js';

/** Ready; an issuance that failed is tried again after an hour at the earliest, so that counts as failed. */
export function assessCertificate(object: KubeObject): HealthVerdict {
  const verdict = needConditions(object, ['Ready']);
  if (verdict.health === 'healthy') return verdict;
  const issuing = findCondition(object, 'Issuing');
  const gaveUp = issuing?.status === 'False' && !issuing.stale && hasFailed(object);
  return gaveUp ? failed(issuing.reason, issuing.message) : verdict;
}

function hasFailed(object: KubeObject): boolean {
  return typeof memberObject(object, 'status')['lastFailureTime'] === 'string';
}

const REFUSED = new Set(['Failed', 'Denied']);

export function assessCertificateRequest(object: KubeObject): HealthVerdict {
  const refused = findTrue(object, 'Denied', 'InvalidRequest');
  if (refused !== undefined) return failed(refused.reason, refused.message);
  const ready = findCondition(object, 'Ready');
  if (ready?.status === 'False' && REFUSED.has(ready.reason)) return failed(ready.reason, ready.message);
  return needConditions(object, ['Ready']);
}
