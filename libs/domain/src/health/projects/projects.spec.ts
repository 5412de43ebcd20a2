import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, KubeObject } from '../../json/index.js';
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

const about = (generation: number, ...list: readonly [string, string, string?][]): JsonObject[] =>
  list.map(([type, status, reason = '']) => ({ type, status, reason, message: '', observedGeneration: generation }));

const withSpec = (given: KubeObject, spec: JsonObject): KubeObject => ({ ...given, spec });

const ready = (apiVersion: string, kind: string, more: JsonObject = {}): KubeObject =>
  object(apiVersion, kind, { conditions: conditions(['Ready', 'True']), ...more });
const notReady = (apiVersion: string, kind: string, reason: string, more: JsonObject = {}): KubeObject =>
  object(apiVersion, kind, { conditions: conditions(['Ready', 'False', reason]), ...more });

const CERT = 'cert-manager.io/v1';
const ESO = 'external-secrets.io/v1';
const ARGO = 'argoproj.io/v1alpha1';
const FLUX = 'kustomize.toolkit.fluxcd.io/v1';
const KEDA = 'keda.sh/v1alpha1';
const KNATIVE = 'serving.knative.dev/v1';
const ISTIO = 'networking.istio.io/v1';
const GATEWAY = 'gateway.networking.k8s.io/v1';
const PKG = 'pkg.crossplane.io/v1';
const BUCKET = 's3.aws.upbound.io/v1beta1';
const PROM = 'monitoring.coreos.com/v1';

const route = (answers: readonly JsonObject[], ...parents: readonly string[]): KubeObject =>
  withSpec(object(GATEWAY, 'HTTPRoute', { parents: answers as Json }), {
    parentRefs: parents.map((name) => ({ name })),
  });
const answer = (name: string, generation: number, ...list: readonly [string, string, string?][]): JsonObject => ({
  parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name },
  conditions: about(generation, ...list),
});
const taken: [string, string][] = [
  ['Accepted', 'True'],
  ['ResolvedRefs', 'True'],
];
const listener = (...list: readonly [string, string, string?][]): Json => [
  { name: 'web', conditions: about(2, ...list) },
];
const programmed = about(2, ['Accepted', 'True'], ['Programmed', 'True']);

type Row = readonly [name: string, object: KubeObject, health: string, code: string];

const ROWS: readonly Row[] = [
  ['cert-manager: issued', object(CERT, 'Certificate', { conditions: about(2, ['Ready', 'True']) }), 'healthy', ''],
  ['cert-manager: issuing', notReady(CERT, 'Certificate', 'DoesNotExist'), 'progressing', 'DoesNotExist'],
  ['cert-manager: nothing said yet', object(CERT, 'Certificate', {}), 'progressing', 'notReady'],
  [
    'cert-manager: unsure',
    object(CERT, 'Certificate', { conditions: conditions(['Ready', 'Unknown']) }),
    'progressing',
    'notReady',
  ],
  [
    'cert-manager: issued for an older version',
    object(CERT, 'Certificate', { conditions: about(1, ['Ready', 'True']) }),
    'progressing',
    'notObserved',
  ],
  [
    'cert-manager: gave up until its next try',
    object(CERT, 'Certificate', {
      conditions: about(2, ['Ready', 'False', 'DoesNotExist'], ['Issuing', 'False', 'Failed']),
      lastFailureTime: '2025-12-31T00:00:00Z',
    }),
    'failed',
    'Failed',
  ],
  [
    'cert-manager: tries again',
    object(CERT, 'Certificate', {
      conditions: about(2, ['Ready', 'False', 'DoesNotExist'], ['Issuing', 'True', 'DoesNotExist']),
      lastFailureTime: '2025-12-31T00:00:00Z',
    }),
    'progressing',
    'DoesNotExist',
  ],
  [
    'cert-manager: a renewal failed while the certificate still serves',
    object(CERT, 'Certificate', {
      conditions: about(2, ['Ready', 'True'], ['Issuing', 'False', 'Failed']),
      lastFailureTime: '2025-12-31T00:00:00Z',
    }),
    'healthy',
    '',
  ],
  [
    'cert-manager: request denied',
    object(CERT, 'CertificateRequest', { conditions: conditions(['Denied', 'True', 'Policy']) }),
    'failed',
    'Policy',
  ],
  ['cert-manager: request failed', notReady(CERT, 'CertificateRequest', 'Failed'), 'failed', 'Failed'],
  ['cert-manager: request pending', notReady(CERT, 'CertificateRequest', 'Pending'), 'progressing', 'Pending'],
  ['cert-manager: issuer ready', ready(CERT, 'ClusterIssuer'), 'healthy', ''],
  [
    'cert-manager: issuer without an account',
    notReady(CERT, 'Issuer', 'ErrRegisterACMEAccount'),
    'progressing',
    'ErrRegisterACMEAccount',
  ],

  ['External Secrets: synced', ready(ESO, 'ExternalSecret', { syncedResourceVersion: '2-4f5e' }), 'healthy', ''],
  [
    'External Secrets: refused',
    notReady(ESO, 'ExternalSecret', 'SecretSyncedError'),
    'progressing',
    'SecretSyncedError',
  ],
  ['External Secrets: nothing said yet', object(ESO, 'ExternalSecret', {}), 'progressing', 'notReady'],
  [
    'External Secrets: synced at an older version',
    ready(ESO, 'ExternalSecret', { syncedResourceVersion: '1-4f5e' }),
    'progressing',
    'notObserved',
  ],
  [
    'External Secrets: made once and for all',
    withSpec(ready(ESO, 'ExternalSecret', { syncedResourceVersion: '1-4f5e' }), { refreshPolicy: 'CreatedOnce' }),
    'healthy',
    '',
  ],
  [
    'External Secrets: pushed',
    ready('external-secrets.io/v1alpha1', 'PushSecret', { syncedResourceVersion: '2-1' }),
    'healthy',
    '',
  ],
  ['External Secrets: store valid', ready(ESO, 'SecretStore'), 'healthy', ''],
  [
    'External Secrets: store invalid',
    notReady(ESO, 'ClusterSecretStore', 'ValidationFailed'),
    'progressing',
    'ValidationFailed',
  ],
  [
    'External Secrets: some namespaces left out',
    object(ESO, 'ClusterExternalSecret', { conditions: conditions(['PartiallyReady', 'True']) }),
    'progressing',
    'PartiallyReady',
  ],

  ['Argo Rollouts: healthy', object(ARGO, 'Rollout', { phase: 'Healthy', observedGeneration: '2' }), 'healthy', ''],
  [
    'Argo Rollouts: degraded',
    object(ARGO, 'Rollout', { phase: 'Degraded', observedGeneration: '2' }),
    'failed',
    'Degraded',
  ],
  [
    'Argo Rollouts: paused',
    object(ARGO, 'Rollout', { phase: 'Paused', observedGeneration: '2' }),
    'progressing',
    'Paused',
  ],
  [
    'Argo Rollouts: not seen',
    object(ARGO, 'Rollout', { phase: 'Healthy', observedGeneration: '1' }),
    'progressing',
    'notObserved',
  ],
  ['Argo Rollouts: never seen', object(ARGO, 'Rollout', {}), 'progressing', 'notObserved'],
  ['Argo Rollouts: without a phase', object(ARGO, 'Rollout', { observedGeneration: '2' }), 'progressing', 'noPhase'],
  [
    'Argo Rollouts: in a phase of the future',
    object(ARGO, 'Rollout', { phase: 'Odd', observedGeneration: '2' }),
    'unknown',
    'oddPhase',
  ],
  [
    'Argo Rollouts: invalid',
    object(ARGO, 'Rollout', {
      observedGeneration: '2',
      conditions: conditions(['InvalidSpec', 'True', 'InvalidSpec']),
    }),
    'failed',
    'InvalidSpec',
  ],
  [
    'Argo Rollouts: its workload has changed',
    {
      ...object(ARGO, 'Rollout', { phase: 'Healthy', observedGeneration: '2', workloadObservedGeneration: '4' }),
      metadata: { name: 'x', generation: 2, annotations: { 'rollout.argoproj.io/workload-generation': '5' } },
    },
    'progressing',
    'notObserved',
  ],
  ['Argo Rollouts: analysis passed', object(ARGO, 'AnalysisRun', { phase: 'Successful' }), 'healthy', ''],
  ['Argo Rollouts: analysis under way', object(ARGO, 'AnalysisRun', { phase: 'Running' }), 'progressing', 'Running'],
  ['Argo Rollouts: analysis failed', object(ARGO, 'AnalysisRun', { phase: 'Inconclusive' }), 'failed', 'Inconclusive'],
  [
    'Argo Rollouts: analysis in a phase of the future',
    object(ARGO, 'AnalysisRun', { phase: 'Odd' }),
    'unknown',
    'oddPhase',
  ],

  ['Flux: ready', ready(FLUX, 'Kustomization', { observedGeneration: 2 }), 'healthy', ''],
  ['Flux: never seen', ready(FLUX, 'Kustomization', { observedGeneration: -1 }), 'progressing', 'notObserved'],
  [
    'Flux: ready at an older version',
    ready(FLUX, 'Kustomization', { observedGeneration: 1 }),
    'progressing',
    'notObserved',
  ],
  [
    'Flux: cannot build',
    notReady(FLUX, 'Kustomization', 'BuildFailed', { observedGeneration: 2 }),
    'progressing',
    'BuildFailed',
  ],
  [
    'Flux: at work',
    object('source.toolkit.fluxcd.io/v1', 'GitRepository', {
      observedGeneration: 2,
      conditions: conditions(['Reconciling', 'True', 'Progressing'], ['Ready', 'True']),
    }),
    'progressing',
    'Progressing',
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
    object(KEDA, 'ScaledObject', { conditions: conditions(['Ready', 'True'], ['Active', 'False']) }),
    'healthy',
    '',
  ],
  [
    'KEDA: without target',
    notReady(KEDA, 'ScaledObject', 'ScaledObjectCheckFailed'),
    'progressing',
    'ScaledObjectCheckFailed',
  ],
  [
    'KEDA: just made',
    object(KEDA, 'ScaledJob', { conditions: conditions(['Ready', 'Unknown'], ['Active', 'Unknown']) }),
    'progressing',
    'notReady',
  ],
  ['KEDA: nothing said yet', object(KEDA, 'ScaledObject', {}), 'progressing', 'notReady'],
  [
    'KEDA: scales by its fallback',
    object(KEDA, 'ScaledObject', { conditions: conditions(['Ready', 'True'], ['Fallback', 'True', 'FallbackExists']) }),
    'progressing',
    'FallbackExists',
  ],

  ['Knative: ready', ready(KNATIVE, 'Service', { observedGeneration: 2 }), 'healthy', ''],
  [
    'Knative: ended badly',
    notReady(KNATIVE, 'Service', 'RevisionMissing', { observedGeneration: 2 }),
    'failed',
    'RevisionMissing',
  ],
  [
    'Knative: at work',
    object(KNATIVE, 'Configuration', {
      observedGeneration: 2,
      conditions: conditions(['Ready', 'Unknown', 'Deploying']),
    }),
    'progressing',
    'Deploying',
  ],
  [
    'Knative: ended badly at an older version',
    notReady(KNATIVE, 'Service', 'RevisionMissing', { observedGeneration: 1 }),
    'progressing',
    'notObserved',
  ],
  ['Knative: never seen', object(KNATIVE, 'Service', {}), 'progressing', 'notObserved'],

  ['Istio: has no status', object(ISTIO, 'VirtualService', {}), 'healthy', ''],
  [
    'Istio: proxies have it',
    object(ISTIO, 'VirtualService', { observedGeneration: '2', conditions: conditions(['Reconciled', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Istio: still propagating',
    object(ISTIO, 'VirtualService', {
      observedGeneration: '2',
      conditions: conditions(['Reconciled', 'False', 'stillPropagating']),
    }),
    'progressing',
    'stillPropagating',
  ],
  [
    'Istio: analysis found errors',
    object(ISTIO, 'Gateway', {
      conditions: conditions(['Reconciled', 'True'], ['PassedAnalysis', 'False', 'errorsFound']),
    }),
    'failed',
    'errorsFound',
  ],
  [
    'Istio: propagated an older version',
    object('security.istio.io/v1', 'AuthorizationPolicy', {
      observedGeneration: '1',
      conditions: conditions(['Reconciled', 'True']),
    }),
    'progressing',
    'notObserved',
  ],

  [
    'Gateway API: class accepted',
    object(GATEWAY, 'GatewayClass', { conditions: conditions(['Accepted', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Gateway API: class waiting',
    object(GATEWAY, 'GatewayClass', { conditions: conditions(['Accepted', 'Unknown', 'Pending']) }),
    'progressing',
    'Pending',
  ],
  [
    'Gateway API: programmed',
    object(GATEWAY, 'Gateway', { conditions: programmed, listeners: listener(...taken) }),
    'healthy',
    '',
  ],
  [
    'Gateway API: not programmed',
    object(GATEWAY, 'Gateway', {
      conditions: conditions(['Accepted', 'True'], ['Programmed', 'False', 'AddressNotAssigned']),
    }),
    'progressing',
    'AddressNotAssigned',
  ],
  [
    'Gateway API: programmed at an older version',
    object(GATEWAY, 'Gateway', { conditions: about(1, ['Accepted', 'True'], ['Programmed', 'True']) }),
    'progressing',
    'notObserved',
  ],
  [
    'Gateway API: a listener without its certificate',
    object(GATEWAY, 'Gateway', {
      conditions: programmed,
      listeners: listener(['Accepted', 'True'], ['ResolvedRefs', 'False', 'InvalidCertificateRef']),
    }),
    'progressing',
    'InvalidCertificateRef',
  ],
  ['Gateway API: route resolved', route([answer('a', 2, ...taken)], 'a'), 'healthy', ''],
  [
    'Gateway API: route without backend',
    route([answer('a', 2, ['Accepted', 'True'], ['ResolvedRefs', 'False', 'BackendNotFound'])], 'a'),
    'progressing',
    'BackendNotFound',
  ],
  ['Gateway API: route not answered', route([], 'a'), 'progressing', 'noParent'],
  [
    'Gateway API: one of two parents has not answered',
    route([answer('a', 2, ...taken)], 'a', 'b'),
    'progressing',
    'noParent',
  ],
  [
    'Gateway API: route taken at an older version',
    route([answer('a', 1, ...taken)], 'a'),
    'progressing',
    'notObserved',
  ],
  [
    'Gateway API: a parent that the route names no longer',
    route([answer('old', 1, ['Accepted', 'False', 'NoMatchingParent']), answer('a', 2, ...taken)], 'a'),
    'healthy',
    '',
  ],
  [
    'Gateway API: policy refused',
    object(GATEWAY, 'BackendTLSPolicy', { ancestors: [answer('a', 2, ['Accepted', 'False', 'NoValidCACertificate'])] }),
    'progressing',
    'NoValidCACertificate',
  ],

  [
    'Crossplane: ready and synced',
    object(BUCKET, 'Bucket', { conditions: conditions(['Ready', 'True'], ['Synced', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Crossplane: ready from before',
    object(BUCKET, 'Bucket', { conditions: conditions(['Ready', 'True'], ['Synced', 'False', 'ReconcileError']) }),
    'progressing',
    'ReconcileError',
  ],
  [
    'Crossplane: synced, not ready yet',
    object(BUCKET, 'Bucket', { conditions: conditions(['Synced', 'True']) }),
    'progressing',
    'notReady',
  ],
  [
    'Crossplane: ready at an older version',
    object(BUCKET, 'Bucket', { conditions: about(1, ['Ready', 'True'], ['Synced', 'True']) }),
    'progressing',
    'notObserved',
  ],
  [
    'Crossplane: a composite, of a group of its own, not synced',
    object('platform.example.org/v1', 'Database', {
      conditions: conditions(['Ready', 'True'], ['Synced', 'False', 'ReconcileError']),
    }),
    'progressing',
    'ReconcileError',
  ],
  [
    'Crossplane: provider installed',
    object(PKG, 'Provider', { conditions: conditions(['Installed', 'True'], ['Healthy', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Crossplane: provider unhealthy',
    object(PKG, 'Provider', {
      conditions: conditions(['Installed', 'True'], ['Healthy', 'False', 'UnhealthyPackageRevision']),
    }),
    'progressing',
    'UnhealthyPackageRevision',
  ],
  [
    'Crossplane: function unpacked, nothing more',
    object(PKG, 'Function', { conditions: conditions(['Installed', 'True']) }),
    'progressing',
    'notHealthy',
  ],
  [
    'Crossplane: definition established',
    object('apiextensions.crossplane.io/v1', 'CompositeResourceDefinition', {
      conditions: conditions(['Established', 'True']),
    }),
    'healthy',
    '',
  ],
  [
    'Crossplane: configuration of a provider',
    object('aws.upbound.io/v1beta1', 'ProviderConfig', { users: 3 }),
    'healthy',
    '',
  ],

  [
    'Prometheus operator: available',
    object(PROM, 'Prometheus', { conditions: about(2, ['Available', 'True'], ['Reconciled', 'True']) }),
    'healthy',
    '',
  ],
  [
    'Prometheus operator: degraded',
    object(PROM, 'Prometheus', { conditions: conditions(['Available', 'Degraded', 'SomePodsNotReady']) }),
    'progressing',
    'SomePodsNotReady',
  ],
  [
    'Prometheus operator: not reconciled',
    object(PROM, 'ThanosRuler', {
      conditions: conditions(['Available', 'True'], ['Reconciled', 'False', 'ReconciliationFailed']),
    }),
    'progressing',
    'ReconciliationFailed',
  ],
  [
    'Prometheus operator: reconciled at an older version',
    object(PROM, 'Alertmanager', { conditions: about(1, ['Available', 'True'], ['Reconciled', 'True']) }),
    'progressing',
    'notObserved',
  ],
  [
    'Prometheus operator: nothing said yet',
    object('monitoring.coreos.com/v1alpha1', 'PrometheusAgent', {}),
    'progressing',
    'notAvailable',
  ],
  ['Prometheus operator: monitors have no status', object(PROM, 'ServiceMonitor', {}), 'healthy', ''],
  [
    'Prometheus operator: a monitor refused',
    object(PROM, 'ServiceMonitor', {
      bindings: [{ name: 'k8s', conditions: about(2, ['Accepted', 'False', 'InvalidConfiguration']) }],
    }),
    'progressing',
    'InvalidConfiguration',
  ],
];

describe('health of custom resources that many people run', () => {
  it.each(ROWS)('%s', (_name, given, health, code) => {
    const verdict = assessHealth(given, Date.parse('2026-01-01T00:00:00Z'));
    expect([verdict.health, verdict.code]).toEqual([health, code]);
  });
});
