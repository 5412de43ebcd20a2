import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberNumber, memberObject } from '../members.js';
import { HEALTHY, failed, findCondition, progressing } from '../verdict.js';

/** Stricter than kstatus, which calls a running Job current: it counts when Complete. A suspended one waits for a person. */
export function assessJob(object: KubeObject): HealthVerdict {
  const failure = findCondition(object, 'Failed') ?? findCondition(object, 'FailureTarget');
  if (failure?.status === 'True') return failed(failure.reason || 'JobFailed', failure.message);
  if (findCondition(object, 'Complete')?.status === 'True') return HEALTHY;
  if (findCondition(object, 'Suspended')?.status === 'True') return progressing('JobSuspended', 'the Job is suspended');
  const status = memberObject(object, 'status');
  const wanted = memberNumber(memberObject(object, 'spec'), 'completions', 1);
  return progressing(
    'JobRunning',
    `${memberNumber(status, 'succeeded')} of ${wanted} completions, ${memberNumber(status, 'active')} active`,
  );
}
