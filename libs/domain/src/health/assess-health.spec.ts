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
const available = { conditions: conditions(['Available', 'True']) };

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
  ['stateful set complete', statefulSet({ replicas: 3, readyReplicas: 3 }), 'healthy', ''],
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
  ['job running, which kstatus calls current', job({ active: 1 }), 'progressing', 'JobRunning'],
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
    'pod unschedulable',
    pod({ phase: 'Pending', conditions: conditions(['PodScheduled', 'False', 'Unschedulable']) }),
    'progressing',
    'Unschedulable',
  ],
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
    object('v1', 'Service', { spec: { type: 'LoadBalancer' }, status: { loadBalancer: {} } }),
    'progressing',
    'noIngress',
  ],
  [
    'load balancer with address',
    object('v1', 'Service', {
      spec: { type: 'LoadBalancer' },
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
    'disruption budget short',
    object('policy/v1', 'PodDisruptionBudget', {
      status: { observedGeneration: 2, currentHealthy: 0, desiredHealthy: 1 },
    }),
    'progressing',
    'podsUnhealthy',
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
    'anything being deleted',
    object('v1', 'ConfigMap', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    'progressing',
    'terminating',
  ],
];

describe('assessHealth', () => {
  it.each(ROWS)('%s', (_name, given, health, code) => {
    const verdict = assessHealth(given, NOW);
    expect([verdict.health, verdict.code]).toEqual([health, code]);
  });

  it('a claim that waits for its first consumer holds nothing up', () => {
    expect(assessHealth(claim('Pending'), NOW, { waitsForConsumer: true }).health).toBe('healthy');
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

  it('time alone never makes anything worse', () => {
    fc.assert(
      fc.property(anyObject, fc.nat(100_000), (given, later) => {
        const before = assessHealth(given, NOW, { changedAt: NOW }).health;
        if (before === 'healthy') expect(assessHealth(given, NOW + later, { changedAt: NOW }).health).toBe('healthy');
      }),
    );
  });
});
