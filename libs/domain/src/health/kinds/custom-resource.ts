import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberObject } from '../members.js';
import { HEALTHY, NOT_OBSERVED, conditionsOf, failed, findCondition, isStale, progressing } from '../verdict.js';

/** A resource without any status may still get one: it counts after this time. */
export const SETTLE_MS = 10_000;

/** kstatus for kinds nobody wrote a rule for: observed generation, then Stalled, Reconciling, Ready. */
export function assessCustomResource(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  if (isStale(object)) return NOT_OBSERVED;
  if (Object.keys(memberObject(object, 'status')).length === 0) return settle(sinceChangeMs);
  const stalled = findCondition(object, 'Stalled');
  if (stalled?.status === 'True') return failed(stalled.reason, stalled.message);
  const reconciling = findCondition(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(reconciling.reason, reconciling.message);
  // Crossplane: what is not synced may still be Ready from before.
  const synced = findCondition(object, 'Synced');
  if (synced?.status === 'False') return progressing(synced.reason, synced.message);
  return assessReady(object, sinceChangeMs);
}

function assessReady(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  const ready = findCondition(object, 'Ready') ?? findCondition(object, 'Available');
  if (ready === undefined) return conditionsOf(object).length === 0 ? settle(sinceChangeMs) : HEALTHY;
  return ready.status === 'True' ? HEALTHY : progressing(ready.reason || 'notReady', ready.message);
}

function settle(sinceChangeMs: number): HealthVerdict {
  if (sinceChangeMs >= SETTLE_MS) return HEALTHY;
  return { ...progressing('noStatus', 'no controller has reported yet'), lookAgainMs: SETTLE_MS - sinceChangeMs };
}
