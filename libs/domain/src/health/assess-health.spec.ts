import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { assessHealth, isFinished } from './assess-health.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function object(apiVersion: string, kind: string, parts: JsonObject = {}): KubeObject {
  const { metadata, ...rest } = parts;
  return {
    apiVersion,
    kind,
    metadata: { name: 'x', generation: 2, ...(metadata as JsonObject) },
    ...rest,
  };
}

const conditions = (...list: readonly [string, string, string?][]): Json =>
  list.map(([type, status, reason = '']) => ({ type, status, reason, message: `${type} ${status}` }));

type Row = readonly [name: string, object: KubeObject, health: string, code: string];

const deployment = (status: JsonObject, spec: JsonObject = { replicas: 3 }): KubeObject =>
  object('apps/v1', 'Deployment', { spec, status: { observedGeneration: 2, ...status } });
const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const available = {
  conditions: conditions(['Available', 'True'], ['Progressing', 'True', 'NewReplicaSetAvailable']),
};

const statefulSet = (status: JsonObject, spec: JsonObject = { replicas: 3 }): KubeObject =>
  object('apps/v1', 'StatefulSet', {
    spec,
    status: { observedGeneration: 2, currentRevision: 'a', updateRevision: 'a', ...status },
  });

const daemonSet = (status: JsonObject): KubeObject =>
  object('apps/v1', 'DaemonSet', { status: { observedGeneration: 2, ...status } });
const scheduled = {
  desiredNumberScheduled: 2,
  currentNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberAvailable: 2,
  numberReady: 2,
};

const job = (status: JsonObject): KubeObject => object('batch/v1', 'Job', { spec: { completions: 1 }, status });
const pod = (status: JsonObject): KubeObject => object('v1', 'Pod', { status });
const claim = (phase: string): KubeObject => object('v1', 'PersistentVolumeClaim', { status: { phase } });
const crd = (...list: readonly [string, string, string?][]): KubeObject =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions: conditions(...list) } });
const custom = (parts: JsonObject): KubeObject => object('x.io/v1', 'Thing', parts);
const waitingContainer = (reason: string): Json => [
  { name: 'web', restartCount: 1, state: { waiting: { reason, message: 'why' } } },
];

const ROWS: readonly Row[] = [
  ['deployment complete', deployment({ ...full, ...available }), 'healthy', ''],
  ['deployment scaled to zero', deployment({ ...available }, { replicas: 0 }), 'healthy', ''],
  [
    'deployment without replicas means one',
    deployment({ replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, ...available }, {}),
    'healthy',
    '',
  ],
  ['deployment not seen', object('apps/v1', 'Deployment', { status: {} }), 'progressing', 'notObserved'],
  [
    'deployment of an older generation',
    deployment({ ...full, ...available, observedGeneration: 1 }),
    'progressing',
    'notObserved',
  ],
  ['deployment being made', deployment({ replicas: 1 }), 'progressing', 'replicasMissing'],
  ['deployment being updated', deployment({ ...full, updatedReplicas: 1 }), 'progressing', 'replicasOutdated'],
  ['deployment with old replicas', deployment({ ...full, replicas: 4 }), 'progressing', 'replicasLeaving'],
  ['deployment not available', deployment({ ...full, availableReplicas: 2 }), 'progressing', 'replicasUnavailable'],
  ['deployment not ready', deployment({ ...full, readyReplicas: 2 }), 'progressing', 'replicasNotReady'],
  [
    'deployment not Available',
    deployment({ ...full, conditions: conditions(['Available', 'False', 'MinimumReplicasUnavailable']) }),
    'progressing',
    'MinimumReplicasUnavailable',
  ],
  [
    'deployment over its deadline',
    deployment({ conditions: conditions(['Progressing', 'False', 'ProgressDeadlineExceeded']) }),
    'failed',
    'ProgressDeadlineExceeded',
  ],
  [
    'deployment over quota',
    deployment({ conditions: conditions(['ReplicaFailure', 'True', 'FailedCreate']) }),
    'progressing',
    'FailedCreate',
  ],
  [
    'deployment whose newest replica set is not complete, though the counts are',
    deployment(
      { ...full, conditions: conditions(['Available', 'True'], ['Progressing', 'True', 'ReplicaSetUpdated']) },
      { replicas: 3, progressDeadlineSeconds: 600 },
    ),
    'progressing',
    'ReplicaSetUpdated',
  ],
  [
    'deployment without a deadline, which has no condition Progressing',
    deployment(
      { ...full, conditions: conditions(['Available', 'True']) },
      { replicas: 3, progressDeadlineSeconds: 2_147_483_647 },
    ),
    'healthy',
    '',
  ],
  [
    'deployment paused with a change that is not rolled out',
    deployment({ ...full, ...available, updatedReplicas: 0 }, { replicas: 3, paused: true }),
    'progressing',
    'deploymentPaused',
  ],
  [
    'deployment paused, all rolled out: its controller says so and nothing more',
    deployment(
      { ...full, conditions: conditions(['Available', 'True'], ['Progressing', 'Unknown', 'DeploymentPaused']) },
      { replicas: 3, paused: true, progressDeadlineSeconds: 600 },
    ),
    'progressing',
    'deploymentPaused',
  ],
  [
    'deployment observed at a later generation than it has, after a restore',
    deployment({ ...full, ...available, observedGeneration: 3 }),
    'progressing',
    'notObserved',
  ],
  ['stateful set complete', statefulSet({ replicas: 3, readyReplicas: 3, currentReplicas: 3 }), 'healthy', ''],
  [
    'stateful set ready, not updated with a partition of 0',
    statefulSet(
      { replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 2 },
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 0 } } },
    ),
    'progressing',
    'replicasOutdated',
  ],
  [
    'stateful set updated with a partition of 0',
    statefulSet(
      { replicas: 3, readyReplicas: 3, updatedReplicas: 3, updateRevision: 'b' },
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 0 } } },
    ),
    'healthy',
    '',
  ],
  [
    'stateful set with a partition above its replicas',
    statefulSet(
      { replicas: 3, readyReplicas: 3, updateRevision: 'b' },
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 5 } } },
    ),
    'healthy',
    '',
  ],
  [
    'stateful set OnDelete, updated by hand: the controller never moves the current revision',
    statefulSet(
      { replicas: 3, readyReplicas: 3, updatedReplicas: 3, updateRevision: 'b' },
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
    ),
    'healthy',
    '',
  ],
  [
    'stateful set OnDelete, never changed',
    statefulSet(
      { replicas: 3, readyReplicas: 3, currentReplicas: 3 },
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
    ),
    'healthy',
    '',
  ],
  ['stateful set starting', statefulSet({ replicas: 2 }), 'progressing', 'replicasMissing'],
  ['stateful set not ready', statefulSet({ replicas: 3, readyReplicas: 1 }), 'progressing', 'replicasNotReady'],
  ['stateful set shrinking', statefulSet({ replicas: 4, readyReplicas: 4 }), 'progressing', 'replicasLeaving'],
  [
    'stateful set updating',
    statefulSet({ replicas: 3, readyReplicas: 3, updateRevision: 'b', updatedReplicas: 1 }),
    'progressing',
    'replicasOutdated',
  ],
  [
    'stateful set OnDelete, not updated',
    statefulSet(
      { replicas: 3, readyReplicas: 3, updateRevision: 'b' },
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
    ),
    'progressing',
    'replicasOutdated',
  ],
  [
    'stateful set down to its partition',
    statefulSet(
      { replicas: 3, readyReplicas: 3, updateRevision: 'b', updatedReplicas: 1 },
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
    ),
    'healthy',
    '',
  ],
  ['daemon set complete', daemonSet(scheduled), 'healthy', ''],
  ['daemon set without nodes', daemonSet({ desiredNumberScheduled: 0 }), 'healthy', ''],
  ['daemon set not counted yet', daemonSet({}), 'progressing', 'notObserved'],
  ['daemon set updating', daemonSet({ ...scheduled, updatedNumberScheduled: 1 }), 'progressing', 'podsOutdated'],
  ['daemon set unavailable', daemonSet({ ...scheduled, numberAvailable: 1 }), 'progressing', 'podsUnavailable'],
  [
    'replica set complete',
    object('apps/v1', 'ReplicaSet', {
      spec: { replicas: 1 },
      status: { observedGeneration: 2, replicas: 1, fullyLabeledReplicas: 1, availableReplicas: 1, readyReplicas: 1 },
    }),
    'healthy',
    '',
  ],
  [
    'replica set starting',
    object('apps/v1', 'ReplicaSet', {
      spec: { replicas: 1 },
      status: { observedGeneration: 2, replicas: 1, fullyLabeledReplicas: 1 },
    }),
    'progressing',
    'replicasUnavailable',
  ],
  ['job complete', job({ conditions: conditions(['Complete', 'True']) }), 'healthy', ''],
  ['job not started', job({}), 'progressing', 'JobNotStarted'],
  ['job without a status', object('batch/v1', 'Job', { spec: {} }), 'progressing', 'JobNotStarted'],
  ['job running, which kstatus calls current', job({ active: 1, startTime: 'x' }), 'progressing', 'JobRunning'],
  [
    'job done but for its clean-up',
    job({ startTime: 'x', succeeded: 1, conditions: conditions(['SuccessCriteriaMet', 'True']) }),
    'progressing',
    'JobRunning',
  ],
  [
    'job about to fail',
    job({ conditions: conditions(['Failed', 'False'], ['FailureTarget', 'True', 'PodFailurePolicy']) }),
    'failed',
    'PodFailurePolicy',
  ],
  [
    'indexed job with indexes that failed',
    job({ failedIndexes: '1,3', succeeded: 4, conditions: conditions(['Failed', 'True', 'FailedIndexes']) }),
    'failed',
    'FailedIndexes',
  ],
  [
    'job made suspended',
    object('batch/v1', 'Job', { spec: { suspend: true }, status: {} }),
    'progressing',
    'JobSuspended',
  ],
  ['cron job suspended', object('batch/v1', 'CronJob', { spec: { suspend: true } }), 'healthy', ''],
  [
    'job failed',
    job({ conditions: conditions(['Failed', 'True', 'BackoffLimitExceeded']) }),
    'failed',
    'BackoffLimitExceeded',
  ],
  ['job suspended', job({ conditions: conditions(['Suspended', 'True']) }), 'progressing', 'JobSuspended'],
  ['pod ready', pod({ phase: 'Running', conditions: conditions(['Ready', 'True']) }), 'healthy', ''],
  ['pod completed', pod({ phase: 'Succeeded' }), 'healthy', ''],
  ['pod failed, which kstatus calls current', pod({ phase: 'Failed', reason: 'Evicted' }), 'failed', 'Evicted'],
  [
    'pod unschedulable for a moment',
    pod({ phase: 'Pending', conditions: conditions(['PodScheduled', 'False', 'Unschedulable']) }),
    'progressing',
    'Unschedulable',
  ],
  [
    'pod unschedulable for 15 s',
    object('v1', 'Pod', {
      metadata: { creationTimestamp: '2025-12-31T23:59:45Z' },
      status: { phase: 'Pending', conditions: conditions(['PodScheduled', 'False', 'Unschedulable']) },
    }),
    'failed',
    'Unschedulable',
  ],
  [
    'pod held back by a scheduling gate',
    object('v1', 'Pod', {
      metadata: { creationTimestamp: '2025-12-31T20:00:00Z' },
      status: { phase: 'Pending', conditions: conditions(['PodScheduled', 'False', 'SchedulingGated']) },
    }),
    'progressing',
    'SchedulingGated',
  ],
  [
    'pod crash looping',
    pod({ phase: 'Running', containerStatuses: waitingContainer('CrashLoopBackOff') }),
    'failed',
    'CrashLoopBackOff',
  ],
  [
    'pod whose init container crash loops',
    pod({ phase: 'Pending', initContainerStatuses: waitingContainer('CrashLoopBackOff') }),
    'progressing',
    'CrashLoopBackOff',
  ],
  [
    'pod whose sidecar crash loops',
    pod({ phase: 'Running', initContainerStatuses: waitingContainer('CrashLoopBackOff') }),
    'progressing',
    'CrashLoopBackOff',
  ],
  ['pod running, not ready', pod({ phase: 'Running' }), 'progressing', 'PodPending'],
  ['pod without a status', object('v1', 'Pod'), 'progressing', 'PodPending'],
  ['pod on a lost node', pod({ phase: 'Unknown', conditions: conditions(['Ready', 'True']) }), 'unknown', 'oddPhase'],
  [
    'pod cannot pull',
    pod({ phase: 'Pending', containerStatuses: waitingContainer('ImagePullBackOff') }),
    'progressing',
    'ImagePullBackOff',
  ],
  [
    'pod starting',
    pod({ phase: 'Pending', containerStatuses: waitingContainer('ContainerCreating') }),
    'progressing',
    'PodPending',
  ],
  ['service', object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'healthy', ''],
  [
    'load balancer without address',
    object('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' }, status: { loadBalancer: {} } }),
    'progressing',
    'noIngress',
  ],
  [
    'load balancer without a cluster address',
    object('v1', 'Service', {
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    }),
    'progressing',
    'noClusterIP',
  ],
  [
    'load balancer with address',
    object('v1', 'Service', {
      spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    }),
    'healthy',
    '',
  ],
  ['claim bound', claim('Bound'), 'healthy', ''],
  ['claim pending', claim('Pending'), 'progressing', 'ClaimPending'],
  ['claim lost', claim('Lost'), 'failed', 'ClaimLost'],
  ['namespace active', object('v1', 'Namespace', { status: { phase: 'Active' } }), 'healthy', ''],
  [
    'disruption budget met',
    object('policy/v1', 'PodDisruptionBudget', {
      status: { observedGeneration: 2, currentHealthy: 2, desiredHealthy: 1 },
    }),
    'healthy',
    '',
  ],
  [
    'disruption budget with too few Pods, which is for their workload to say',
    object('policy/v1', 'PodDisruptionBudget', {
      status: { observedGeneration: 2, currentHealthy: 0, desiredHealthy: 1 },
    }),
    'healthy',
    '',
  ],
  ['disruption budget not seen', object('policy/v1', 'PodDisruptionBudget'), 'progressing', 'notObserved'],
  ['claim in no known phase', claim('Moved'), 'unknown', 'oddPhase'],
  ['claim without a phase', claim(''), 'progressing', 'ClaimPending'],
  ['namespace without a phase', object('v1', 'Namespace'), 'progressing', 'notActive'],
  ['volume available', object('v1', 'PersistentVolume', { status: { phase: 'Available' } }), 'healthy', ''],
  ['volume failed', object('v1', 'PersistentVolume', { status: { phase: 'Failed' } }), 'failed', 'VolumeFailed'],
  ['ingress without an address', object('networking.k8s.io/v1', 'Ingress', { status: {} }), 'healthy', ''],
  [
    'autoscaler of an older generation',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', { status: { observedGeneration: 1 } }),
    'progressing',
    'notObserved',
  ],
  [
    'a built-in kind that says itself that it stalls',
    object('v1', 'ConfigMap', { status: { conditions: conditions(['Stalled', 'True', 'Why']) } }),
    'failed',
    'Why',
  ],
  [
    'api service unavailable',
    object('apiregistration.k8s.io/v1', 'APIService', {
      status: { conditions: conditions(['Available', 'False', 'MissingEndpoints']) },
    }),
    'progressing',
    'MissingEndpoints',
  ],
  ['crd established', crd(['NamesAccepted', 'True'], ['Established', 'True']), 'healthy', ''],
  [
    'crd installing',
    crd(['NamesAccepted', 'True'], ['Established', 'False', 'Installing']),
    'progressing',
    'Installing',
  ],
  ['crd with taken names', crd(['NamesAccepted', 'False', 'PluralConflict']), 'failed', 'PluralConflict'],
  ['config map', object('v1', 'ConfigMap'), 'healthy', ''],
  ['role', object('rbac.authorization.k8s.io/v1', 'Role'), 'healthy', ''],
  ['custom resource ready', custom({ status: { conditions: conditions(['Ready', 'True']) } }), 'healthy', ''],
  [
    'custom resource not ready',
    custom({ status: { conditions: conditions(['Ready', 'False', 'Issuing']) } }),
    'progressing',
    'Issuing',
  ],
  [
    'custom resource stalled',
    custom({ status: { conditions: conditions(['Stalled', 'True', 'BadSpec'], ['Ready', 'False']) } }),
    'failed',
    'BadSpec',
  ],
  [
    'custom resource reconciling',
    custom({ status: { conditions: conditions(['Reconciling', 'True', 'Busy']) } }),
    'progressing',
    'Busy',
  ],
  [
    'custom resource that reconciles and stalls: the first counts',
    custom({ status: { conditions: conditions(['Reconciling', 'True', 'Busy'], ['Stalled', 'True', 'BadSpec']) } }),
    'progressing',
    'Busy',
  ],
  [
    'custom resource with a Ready that is neither true nor false',
    custom({ status: { conditions: conditions(['Ready', 'Unknown', 'Working']) } }),
    'progressing',
    'Working',
  ],
  [
    'custom resource with an odd Ready',
    custom({ status: { conditions: conditions(['Ready', '']) } }),
    'progressing',
    'notReady',
  ],
  [
    'custom resource whose Ready is about an older version',
    custom({ status: { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] } }),
    'progressing',
    'notObserved',
  ],
  [
    'custom resource whose whole status is about this version',
    custom({
      status: { observedGeneration: 2, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] },
    }),
    'healthy',
    '',
  ],
  [
    'custom resource that stalled at an older version',
    custom({
      metadata: { creationTimestamp: '2025-12-31T00:00:00Z' },
      status: { conditions: [{ type: 'Stalled', status: 'True', observedGeneration: 1 }] },
    }),
    'healthy',
    '',
  ],
  [
    'custom resource with conditions, none of which says Ready, fresh',
    custom({
      metadata: { creationTimestamp: '2025-12-31T23:59:55Z' },
      status: { conditions: conditions(['Accepted', 'True']) },
    }),
    'progressing',
    'noStatus',
  ],
  [
    'custom resource of a group below k8s.io that is not of the API server',
    object('app.k8s.io/v1beta1', 'Application', {
      status: { conditions: conditions(['Ready', 'False', 'Assembling']) },
    }),
    'progressing',
    'Assembling',
  ],
  [
    'custom resource of an older generation',
    custom({ status: { observedGeneration: 1, conditions: conditions(['Ready', 'True']) } }),
    'progressing',
    'notObserved',
  ],
  [
    'custom resource without status, fresh',
    custom({ metadata: { creationTimestamp: '2025-12-31T23:59:55Z' } }),
    'progressing',
    'noStatus',
  ],
  [
    'custom resource without status, settled',
    custom({ metadata: { creationTimestamp: '2025-12-31T23:59:50Z' } }),
    'healthy',
    '',
  ],
  [
    'object that is not being deleted',
    object('v1', 'ConfigMap', { metadata: { deletionTimestamp: '' } }),
    'healthy',
    '',
  ],
  [
    'anything being deleted',
    object('v1', 'ConfigMap', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    'progressing',
    'terminating',
  ],
];

/** Statuses that no API server of today writes, from which nothing may follow. */
const ODD: readonly Row[] = [
  ['a status that is text', object('apps/v1', 'Deployment', { status: 'fine' }), 'unknown', 'oddStatus'],
  ['a status that is a list', custom({ status: [] }), 'unknown', 'oddStatus'],
  ['a status that is null', deploymentWithout(null), 'progressing', 'notObserved'],
  ['conditions that are no list', custom({ status: { conditions: { Ready: 'True' } } }), 'unknown', 'oddStatus'],
  ['conditions of text', custom({ status: { conditions: ['Ready'] } }), 'unknown', 'oddStatus'],
  ['no conditions', custom({ status: { conditions: [] } }), 'progressing', 'noStatus'],
  ['conditions that are null', custom({ status: { conditions: null } }), 'progressing', 'noStatus'],
  [
    'an observed generation that is text, of a built-in kind',
    deployment({ ...full, ...available, observedGeneration: '2' }),
    'unknown',
    'oddStatus',
  ],
  [
    'an observed generation that is a word',
    custom({ status: { observedGeneration: 'two', conditions: conditions(['Ready', 'True']) } }),
    'unknown',
    'oddStatus',
  ],
  [
    'an observed generation that is text and older',
    custom({ status: { observedGeneration: '1', conditions: conditions(['Ready', 'True']) } }),
    'progressing',
    'notObserved',
  ],
  ['fewer than no replicas', deployment({ ...full, ...available, replicas: -1 }), 'unknown', 'oddStatus'],
  ['replicas in words', deployment({ ...full, ...available, readyReplicas: 'three' }), 'unknown', 'oddStatus'],
  ['wanting fewer than none', deployment({ ...available }, { replicas: -1 }), 'unknown', 'oddStatus'],
  ['wanting a word', statefulSet({}, { replicas: 'none' }), 'unknown', 'oddStatus'],
  ['scheduled in words', daemonSet({ desiredNumberScheduled: '0' }), 'unknown', 'oddStatus'],
  [
    'a daemon set without a generation',
    object('apps/v1', 'DaemonSet', { metadata: { generation: null }, status: { ...scheduled, observedGeneration: 2 } }),
    'progressing',
    'notObserved',
  ],
];

function deploymentWithout(status: Json): KubeObject {
  return object('apps/v1', 'Deployment', { spec: { replicas: 0 }, status });
}

describe('assessHealth', () => {
  it.each([...ROWS, ...ODD])('%s', (_name, given, health, code) => {
    const verdict = assessHealth(given, NOW);
    expect([verdict.health, verdict.code]).toEqual([health, code]);
  });

  it('a claim that waits for its first consumer holds nothing up', () => {
    expect(assessHealth(claim('Pending'), NOW, { waitsForConsumer: true }).health).toBe('healthy');
  });

  it('that a claim waits for its consumer does not vouch for what its phase does not say', () => {
    for (const phase of ['', 'Moved'])
      expect(assessHealth(claim(phase), NOW, { waitsForConsumer: true }).health).not.toBe('healthy');
  });

  it('says when to look again at a Pod without a place', () => {
    const waiting = pod({ phase: 'Pending', conditions: conditions(['PodScheduled', 'False', 'Unschedulable']) });
    expect(assessHealth(waiting, NOW).lookAgainMs).toBe(15_000);
  });

  it('lets a rule of the policy judge what its own rules cannot read', () => {
    const checks = [{ apiVersion: 'x.io/v1', kind: 'Thing', current: 'status.conditions.Ready == "True"' }];
    expect(assessHealth(custom({ status: { conditions: { Ready: 'True' } } }), NOW, { checks }).health).toBe('healthy');
  });

  it('names how a container last ended by its reason and exit code, never by its words', () => {
    const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled', message: 'password=hunter2' } };
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };
    const crashing = pod({ phase: 'Running', containerStatuses: [{ name: 'web', restartCount: 4, state, lastState }] });
    expect(assessHealth(crashing, NOW).message).toBe('back-off 10s; last ended with OOMKilled, exit code 137');
  });

  it('says when to look again at a resource without status', () => {
    expect(assessHealth(custom({}), NOW, { changedAt: NOW - 4_000 }).lookAgainMs).toBe(6_000);
  });

  it('asks the rules of the policy first', () => {
    const checks = [
      { apiVersion: 'x.io/v1', kind: 'Thing', current: 'status.ok == true', failed: 'status.phase == "Broken"' },
    ];
    const health = (status: JsonObject): string => assessHealth(custom({ status }), NOW, { checks }).health;
    expect(health({ ok: true })).toBe('healthy');
    expect(health({ ok: false })).toBe('progressing');
    expect(health({})).toBe('progressing');
    expect(health({ ok: true, phase: 'Broken' })).toBe('failed');
  });

  it('knows what ran to its end', () => {
    expect(isFinished(job({ conditions: conditions(['Complete', 'True']) }))).toBe(true);
    expect(isFinished(job({ active: 1 }))).toBe(false);
    expect(isFinished(pod({ phase: 'Succeeded' }))).toBe(true);
  });
});

const kinds = fc.constantFrom(...new Set(ROWS.map(([, given]) => `${given.apiVersion} ${given.kind}`)));
const condition = fc.record({
  type: fc.constantFrom(
    'Ready',
    'Available',
    'Progressing',
    'Complete',
    'Failed',
    'Stalled',
    'Reconciling',
    'Established',
  ),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: fc.constantFrom('', 'Reason'),
  message: fc.string(),
});
const counts = fc.dictionary(
  fc.constantFrom(
    'replicas',
    'readyReplicas',
    'availableReplicas',
    'updatedReplicas',
    'numberReady',
    'desiredNumberScheduled',
  ),
  fc.integer({ min: 0, max: 3 }),
);
const anyObject = fc
  .record({
    kind: kinds,
    conditions: fc.array(condition, { maxLength: 3 }),
    counts,
    observed: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ kind, conditions: list, counts: numbers, observed }) => {
    const [apiVersion = '', name = ''] = kind.split(' ');
    return object(apiVersion, name, { status: { ...numbers, observedGeneration: observed, conditions: list } });
  });

/** Any JSON where a status has its members, of any kind. */
const strange = fc
  .record({
    kind: kinds,
    status: fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(
          'observedGeneration',
          'conditions',
          'phase',
          'replicas',
          'readyReplicas',
          'numberReady',
          'parents',
        ),
        fc.jsonValue(),
      ),
    ),
    spec: fc.jsonValue(),
  })
  .map(({ kind, status, spec }) => {
    const [apiVersion = '', name = ''] = kind.split(' ');
    return object(apiVersion, name, { status: status as Json, spec: spec as Json });
  });

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Pod'];

describe('laws of assessHealth', () => {
  it('always answers, and says why when it is not healthy', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyObject,
          fc.dictionary(fc.string(), fc.jsonValue()).map((status) => custom({ status: status })),
        ),
        (given) => {
          const verdict = assessHealth(given, NOW);
          if (verdict.health !== 'healthy') expect(verdict.code).not.toBe('');
        },
      ),
    );
  });

  it('never calls a version healthy that its controller has not seen', () => {
    const observing = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Thing'];
    fc.assert(
      fc.property(anyObject, (given) => {
        const status = given['status'] as { observedGeneration: number };
        fc.pre(observing.includes(given.kind) && status.observedGeneration < 2);
        expect(assessHealth(given, NOW).health).not.toBe('healthy');
      }),
    );
  });

  it('never throws, and never calls a workload healthy by a status that it cannot read', () => {
    fc.assert(
      fc.property(strange, (given) => {
        const verdict = assessHealth(given, NOW);
        if (verdict.health !== 'healthy') expect(verdict.code).not.toBe('');
        else if (WORKLOADS.includes(given.kind)) expect(given['status']).toBeTypeOf('object');
      }),
      { numRuns: 500 },
    );
  });

  it('time alone never makes anything worse', () => {
    fc.assert(
      fc.property(anyObject, fc.nat(100_000), (given, later) => {
        const before = assessHealth(given, NOW, { changedAt: NOW }).health;
        if (before === 'healthy') expect(assessHealth(given, NOW + later, { changedAt: NOW }).health).toBe('healthy');
      }),
    );
  });
});
