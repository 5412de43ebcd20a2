import type { KubeObject } from '../../json/index.js';
import { findTrue } from '../conditions.js';
import { memberNumber, memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, failed, progressing } from '../verdict.js';

/** Stricter than kstatus, which calls a running Job current: it counts when Complete. A suspended one waits for a person. */
export function assessJob(object: KubeObject): HealthVerdict {
  const failure = findTrue(object, 'Failed', 'FailureTarget');
  if (failure !== undefined) return failed(failure.reason || 'JobFailed', failure.message);
  if (findTrue(object, 'Complete') !== undefined) return HEALTHY;
  const spec = memberObject(object, 'spec');
  const status = memberObject(object, 'status');
  if (spec['suspend'] === true || findTrue(object, 'Suspended') !== undefined)
    return progressing('JobSuspended', 'the Job is suspended');
  if (typeof status['startTime'] !== 'string') return progressing('JobNotStarted', 'the Job has not started yet');
  const wanted = memberNumber(spec, 'completions', memberNumber(spec, 'parallelism', 1));
  return progressing(
    'JobRunning',
    `${memberNumber(status, 'succeeded')} of ${wanted} completions, ${memberNumber(status, 'active')} active`,
  );
}
