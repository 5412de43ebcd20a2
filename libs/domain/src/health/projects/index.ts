import type { KubeObject } from '../../json/index.js';
import { needConditions } from '../conditions.js';
import type { HealthVerdict } from '../verdict.js';
import { assessArgoAnalysis, assessArgoRollout } from './argo-rollouts.js';
import { assessCertificate, assessCertificateRequest } from './cert-manager.js';
import { assessCrossplane } from './crossplane.js';
import { assessClusterExternalSecret, assessExternalSecret } from './external-secrets.js';
import { assessGateway, assessPolicy, assessRoute } from './gateway-api.js';
import { assessIstio } from './istio.js';
import { assessKeda } from './keda.js';
import { assessKnative } from './knative.js';
import { assessMonitoringConfig, assessMonitoringWorkload } from './prometheus-operator.js';

type Assess = (object: KubeObject, sinceChangeMs: number) => HealthVerdict;

function needs(...types: readonly string[]): Assess {
  return (object) => needConditions(object, types);
}

const GATEWAY = 'gateway.networking.k8s.io';
const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];
const POLICIES = ['BackendTLSPolicy', 'BackendLBPolicy'];

/** Custom resources that many people run and whose state a condition Ready alone does not tell; by group and kind. */
const KINDS: Readonly<Record<string, Assess>> = {
  'argoproj.io/Rollout': assessArgoRollout,
  'argoproj.io/AnalysisRun': assessArgoAnalysis,
  'argoproj.io/Experiment': assessArgoAnalysis,
  'cert-manager.io/Certificate': assessCertificate,
  'cert-manager.io/CertificateRequest': assessCertificateRequest,
  'cert-manager.io/Issuer': needs('Ready'),
  'cert-manager.io/ClusterIssuer': needs('Ready'),
  'external-secrets.io/ExternalSecret': assessExternalSecret,
  'external-secrets.io/PushSecret': assessExternalSecret,
  'external-secrets.io/ClusterExternalSecret': assessClusterExternalSecret,
  'external-secrets.io/SecretStore': needs('Ready'),
  'external-secrets.io/ClusterSecretStore': needs('Ready'),
  'keda.sh/ScaledObject': assessKeda,
  'keda.sh/ScaledJob': assessKeda,
  [`${GATEWAY}/GatewayClass`]: needs('Accepted'),
  [`${GATEWAY}/Gateway`]: assessGateway,
  [`${GATEWAY}/ListenerSet`]: assessGateway,
  ...Object.fromEntries(ROUTES.map((kind) => [`${GATEWAY}/${kind}`, assessRoute])),
  ...Object.fromEntries(POLICIES.map((kind) => [`${GATEWAY}/${kind}`, assessPolicy])),
};

/** Groups whose kinds are all judged alike. */
const GROUPS: Readonly<Record<string, Assess>> = {
  'serving.knative.dev': assessKnative,
  'networking.istio.io': assessIstio,
  'security.istio.io': assessIstio,
  'telemetry.istio.io': assessIstio,
  'extensions.istio.io': assessIstio,
};

/** Its own groups and those of its providers; composite resources, of any group, follow the rule of custom resources. */
const CROSSPLANE = /(^|\.)(crossplane|upbound)\.io$/;

const MONITORING_WORKLOADS = new Set(['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler']);

/** The ready-made rule for a custom resource; undefined when there is none. */
export function ruleOfProject(group: string, kind: string): Assess | undefined {
  if (group === 'monitoring.coreos.com')
    return MONITORING_WORKLOADS.has(kind) ? assessMonitoringWorkload : assessMonitoringConfig;
  return KINDS[`${group}/${kind}`] ?? GROUPS[group] ?? (CROSSPLANE.test(group) ? assessCrossplane : undefined);
}
