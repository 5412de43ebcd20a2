import type { KubeObject } from '../../json/index.js';
import { findCondition } from '../conditions.js';
import { settle } from '../kinds/custom-resource.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, failed, progressing } from '../verdict.js';

/**
 * Istio writes a status only where it is told to: then its analysis must not have found errors, and the proxies must have it.
 * Without a status the object counts once it has settled.
 */
export function assessIstio(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  const passed = findCondition(object, 'PassedAnalysis');
  if (passed?.status === 'False') return failed(passed.reason || 'notPassedAnalysis', passed.message);
  const reconciled = findCondition(object, 'Reconciled');
  if (passed === undefined && reconciled === undefined) return settle(sinceChangeMs);
  if (reconciled === undefined || reconciled.status === 'True') return HEALTHY;
  return progressing(reconciled.reason || 'notReconciled', reconciled.message);
}
