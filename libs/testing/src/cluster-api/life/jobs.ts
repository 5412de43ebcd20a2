import type { JsonObject, KubeObject } from '../json.js';
import { numberAt, objectAt, objectsAt, stringAt, timestamp } from '../json.js';
import type { Change } from '../store.js';
import type { Condition } from './conditions.js';
import { mergeConditions } from './conditions.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';
import { isFinished, isReady, isTerminating, podFrom } from './pod-template.js';
import { podOwner } from './replica-sets.js';

const JOBS = 'jobs.batch';

/** Jobs run Pods until enough have succeeded, or too many have failed. */
export class Jobs implements Controller {
  due(change: Change): string[] {
    if (change.collection === JOBS) return keysOf(change, JOBS);
    return podOwner(change, 'Job');
  }

  reconcile(key: string, control: Control): number | undefined {
    const job = control.get(JOBS, key);
    if (!job || isTerminating(job)) return undefined;
    if (outcomeOf(job) !== undefined) return expire(job, control);
    if (objectAt(job, 'spec').suspend !== true) run(job, control);
    report(job, control);
    return undefined;
  }
}

interface Tally {
  readonly active: readonly KubeObject[];
  readonly succeeded: number;
  readonly failed: number;
}

function tally(job: KubeObject, control: Control): Tally {
  const pods = control.owners.objects(job.metadata.uid, 'pods');
  const inPhase = (phase: string): number => pods.filter((pod) => stringAt(pod, 'status', 'phase') === phase).length;
  return {
    active: pods.filter((pod) => !isFinished(pod) && !isTerminating(pod)),
    succeeded: inPhase('Succeeded'),
    failed: inPhase('Failed'),
  };
}

function run(job: KubeObject, control: Control): void {
  const { active, succeeded, failed } = tally(job, control);
  if (failed > numberAt(job, 'spec', 'backoffLimit')) return;
  const left = Math.max(0, completionsOf(job) - succeeded);
  const wanted = Math.min(numberAt(job, 'spec', 'parallelism'), left);
  for (let missing = wanted - active.length; missing > 0; missing--) control.create('pods', podFrom(job, {}));
}

function completionsOf(job: KubeObject): number {
  return numberAt(job, 'spec', 'completions') || numberAt(job, 'spec', 'parallelism');
}

export function outcomeOf(job: KubeObject): 'Complete' | 'Failed' | undefined {
  const found = objectsAt(job, 'status', 'conditions').find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  return found?.type as 'Complete' | 'Failed' | undefined;
}

function report(job: KubeObject, control: Control): void {
  const { active, succeeded, failed } = tally(job, control);
  const conditions = conditionsOf(job, { active, succeeded, failed });
  const done = conditions.some((condition) => condition.type === 'Complete');
  const now = timestamp();
  control.setStatus(JOBS, job, {
    ...(conditions.length > 0 ? { conditions: mergeConditions(job, conditions, ['lastProbeTime']) } : {}),
    ...(objectAt(job, 'spec').suspend === true ? {} : { startTime: stringAt(job, 'status', 'startTime') || now }),
    ...(done ? { completionTime: now } : {}),
    ...(active.length > 0 ? { active: active.length } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    terminating: 0,
    uncountedTerminatedPods: {},
    ready: active.filter(isReady).length,
  });
}

function conditionsOf(job: KubeObject, { succeeded, failed }: Tally): Condition[] {
  if (succeeded >= completionsOf(job)) {
    const message = 'Reached expected number of succeeded pods';
    return [
      { type: 'SuccessCriteriaMet', status: 'True', reason: 'CompletionsReached', message },
      { type: 'Complete', status: 'True', reason: 'CompletionsReached', message },
    ];
  }
  if (failed > numberAt(job, 'spec', 'backoffLimit')) {
    const message = 'Job has reached the specified backoff limit';
    return [
      { type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded', message },
      { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message },
    ];
  }
  return suspension(job);
}

function suspension(job: KubeObject): Condition[] {
  const type = 'Suspended';
  if (objectAt(job, 'spec').suspend === true)
    return [{ type, status: 'True', reason: 'JobSuspended', message: 'Job suspended' }];
  const before = objectsAt(job, 'status', 'conditions').some((condition) => condition.type === type);
  return before ? [{ type, status: 'False', reason: 'JobResumed', message: 'Job resumed' }] : [];
}

/** A finished Job may be set to go after a while. */
function expire(job: KubeObject, control: Control): number | undefined {
  const seconds = objectAt(job, 'spec').ttlSecondsAfterFinished;
  if (typeof seconds !== 'number') return undefined;
  const finishedAt = Date.parse(stringAt(finishedCondition(job), 'lastTransitionTime'));
  const left = finishedAt + seconds * 1000 - Date.now();
  if (left > 0) return left;
  control.remove(JOBS, job, { propagation: 'Foreground' });
  return undefined;
}

function finishedCondition(job: KubeObject): JsonObject | undefined {
  return objectsAt(job, 'status', 'conditions').find(({ type }) => type === outcomeOf(job));
}
