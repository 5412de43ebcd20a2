import type { KubeObject } from '../../json/index.js';
import { findCondition } from '../conditions.js';
import { memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, NOT_OBSERVED, progressing } from '../verdict.js';

/** A resource without any status, or none that says Ready, may still get one: it counts after this time. */
export const SETTLE_MS = 10_000;

/** kstatus for kinds nobody wrote a rule for: the condition Ready. */
export function assessCustomResource(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  if (Object.keys(memberObject(object, 'status')).length === 0) return settle(sinceChangeMs);
  // Crossplane: what is not synced may still be Ready from before.
  const synced = findCondition(object, 'Synced');
  if (synced !== undefined && synced.status !== 'True') return progressing(synced.reason, synced.message);
  return assessReady(object, sinceChangeMs);
}

function assessReady(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  const ready = findCondition(object, 'Ready') ?? findCondition(object, 'Available');
  if (ready === undefined) return settle(sinceChangeMs);
  if (ready.stale) return NOT_OBSERVED;
  return ready.status === 'True' ? HEALTHY : progressing(ready.reason || 'notReady', ready.message);
}

/** Without a word of any controller an object counts once there was time for one. */
export function settle(sinceChangeMs: number): HealthVerdict {
  if (sinceChangeMs >= SETTLE_MS) return HEALTHY;
  return { ...progressing('noStatus', 'no controller has reported yet'), lookAgainMs: SETTLE_MS - sinceChangeMs };
}
