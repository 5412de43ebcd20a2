import { describe, expect, it } from 'vitest';
import type { Json, KubeObject } from '../../json/index.js';
import { assessHealth } from '../assess-health.js';

const conditions = (...list: readonly [string, string, string?][]): Json =>
  list.map(([type, status, reason = '']) => ({ type, status, reason, message: '' }));

function object(apiVersion: string, kind: string, status: Json): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name: 'x', generation: 2, creationTimestamp: '2020-01-01T00:00:00Z' },
    status,
  };
}

const gateway = 'gateway.networking.k8s.io/v1';
const parents = (...list: readonly [string, string, string?][]): Json => ({
  parents: [{ conditions: conditions(...list) }],
});

type Row = readonly [name: string, object: KubeObject, health: string, code: string];

const ROWS: readonly Row[] = [
  [
    'cert-manager: issued',
    object('cert-manager.io/v1', 'Certificate', { conditions: conditions(['Ready', 'True']) }),
    'healthy',
    '',
  ],
  [
    'cert-manager: issuing',
    object('cert-manager.io/v1', 'Certificate', { conditions: conditions(['Ready', 'False', 'DoesNotExist']) }),
    'progressing',
    'DoesNotExist',
  ],
  [
    'cert-manager: request denied',
    object('cert-manager.io/v1', 'CertificateRequest', { conditions: conditions(['Denied', 'True', 'Policy']) }),
    'failed',
    'Policy',
  ],
  [
    'External Secrets: synced',
    object('external-secrets.io/v1', 'ExternalSecret', { conditions: conditions(['Ready', 'True']) }),
    'healthy',
    '',
  ],
  [
    'External Secrets: refused',
    object('external-secrets.io/v1', 'ExternalSecret', {
      conditions: conditions(['Ready', 'False', 'SecretSyncedError']),
    }),
    'progressing',
    'SecretSyncedError',
  ],
  [
    'Argo Rollouts: healthy',
    object('argoproj.io/v1alpha1', 'Rollout', { phase: 'Healthy', observedGeneration: '2' }),
    'healthy',
    '',
  ],
  [
    'Argo Rollouts: degraded',
    object('argoproj.io/v1alpha1', 'Rollout', { phase: 'Degraded', observedGeneration: '2' }),
    'failed',
    'Degraded',
  ],
  [
    'Argo Rollouts: paused',
    object('argoproj.io/v1alpha1', 'Rollout', { phase: 'Paused', observedGeneration: '2' }),
    'progressing',
    'Paused',
  ],
  [
    'Argo Rollouts: not seen',
    object('argoproj.io/v1alpha1', 'Rollout', { phase: 'Healthy', observedGeneration: '1' }),
    'progressing',
    'notObserved',
  ],
  [
    'Flux: ready',
    object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', {
      observedGeneration: 2,
      conditions: conditions(['Ready', 'True']),
    }),
    'healthy',
    '',
  ],
  [
    'Flux: stalled',
    object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', {
      observedGeneration: 2,
      conditions: conditions(['Stalled', 'True', 'RetriesExceeded'], ['Ready', 'False']),
    }),
    'failed',
    'RetriesExceeded',
  ],
  [
    'KEDA: ready',
    object('keda.sh/v1alpha1', 'ScaledObject', { conditions: conditions(['Ready', 'True'], ['Active', 'False']) }),
    'healthy',
    '',
  ],
  [
    'KEDA: without target',
    object('keda.sh/v1alpha1', 'ScaledObject', {
      conditions: conditions(['Ready', 'False', 'ScaledObjectCheckFailed']),
    }),
    'progressing',
    'ScaledObjectCheckFailed',
  ],
  [
    'Knative: ready',
    object('serving.knative.dev/v1', 'Service', { observedGeneration: 2, conditions: conditions(['Ready', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Knative: revision missing',
    object('serving.knative.dev/v1', 'Service', {
      observedGeneration: 2,
      conditions: conditions(['Ready', 'False', 'RevisionMissing']),
    }),
    'progressing',
    'RevisionMissing',
  ],
  ['Istio: has no status', object('networking.istio.io/v1', 'VirtualService', {}), 'healthy', ''],
  [
    'Gateway API: class accepted',
    object(gateway, 'GatewayClass', { conditions: conditions(['Accepted', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Gateway API: not programmed',
    object(gateway, 'Gateway', {
      conditions: conditions(['Accepted', 'True'], ['Programmed', 'False', 'AddressNotAssigned']),
    }),
    'progressing',
    'AddressNotAssigned',
  ],
  [
    'Gateway API: route resolved',
    object(gateway, 'HTTPRoute', parents(['Accepted', 'True'], ['ResolvedRefs', 'True'])),
    'healthy',
    '',
  ],
  [
    'Gateway API: route without backend',
    object(gateway, 'HTTPRoute', parents(['Accepted', 'True'], ['ResolvedRefs', 'False', 'BackendNotFound'])),
    'progressing',
    'BackendNotFound',
  ],
  [
    'Crossplane: ready and synced',
    object('s3.aws.upbound.io/v1beta1', 'Bucket', { conditions: conditions(['Ready', 'True'], ['Synced', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Crossplane: ready from before',
    object('s3.aws.upbound.io/v1beta1', 'Bucket', {
      conditions: conditions(['Ready', 'True'], ['Synced', 'False', 'ReconcileError']),
    }),
    'progressing',
    'ReconcileError',
  ],
  [
    'Prometheus operator: available',
    object('monitoring.coreos.com/v1', 'Prometheus', {
      conditions: conditions(['Available', 'True'], ['Reconciled', 'True']),
    }),
    'healthy',
    '',
  ],
  [
    'Prometheus operator: degraded',
    object('monitoring.coreos.com/v1', 'Prometheus', {
      conditions: conditions(['Available', 'Degraded', 'SomePodsNotReady']),
    }),
    'progressing',
    'SomePodsNotReady',
  ],
];

describe('health of custom resources that many people run', () => {
  it.each(ROWS)('%s', (_name, given, health, code) => {
    const verdict = assessHealth(given, Date.parse('2026-01-01T00:00:00Z'));
    expect([verdict.health, verdict.code]).toEqual([health, code]);
  });
});
