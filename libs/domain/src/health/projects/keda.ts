import type { KubeObject } from '../../json/index.js';
import { findTrue, needConditions } from '../conditions.js';
import type { HealthVerdict } from '../verdict.js';
import { progressing } from '../verdict.js';

/** Ready, and not scaling by its fallback because a trigger cannot be read. */
export function assessKeda(object: KubeObject): HealthVerdict {
  const fallback = findTrue(object, 'Fallback');
  const verdict = needConditions(object, ['Ready']);
  if (verdict.health !== 'healthy' || fallback === undefined) return verdict;
  return progressing(fallback.reason || 'fallback', fallback.message);
}
