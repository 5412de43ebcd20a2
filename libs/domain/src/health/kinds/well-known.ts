import type { Json, JsonObject, KubeObject } from '../../json/index.js';
import { isJsonObject } from '../../json/index.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, NOT_OBSERVED, failed, findCondition, isStale, progressing } from '../verdict.js';

/** Custom resources that many people run and whose state is not told by a Ready condition. */
export const WELL_KNOWN: Readonly<Record<string, (object: KubeObject) => HealthVerdict>> = {
  'argoproj.io/Rollout': assessArgoRollout,
  'gateway.networking.k8s.io/GatewayClass': (object) => needs(object, ['Accepted']),
  'gateway.networking.k8s.io/Gateway': (object) => needs(object, ['Accepted', 'Programmed']),
  'gateway.networking.k8s.io/HTTPRoute': assessRoute,
  'gateway.networking.k8s.io/GRPCRoute': assessRoute,
  'cert-manager.io/CertificateRequest': assessCertificateRequest,
  'keda.sh/ScaledObject': (object) => needs(object, ['Ready']),
  'external-secrets.io/ExternalSecret': (object) => needs(object, ['Ready']),
  'monitoring.coreos.com/Prometheus': (object) => needs(object, ['Available', 'Reconciled']),
  'monitoring.coreos.com/Alertmanager': (object) => needs(object, ['Available', 'Reconciled']),
};

/** Every one of the conditions must be true; the first that is not is the reason. */
function needs(object: KubeObject, types: readonly string[]): HealthVerdict {
  if (isStale(object)) return NOT_OBSERVED;
  for (const type of types) {
    const condition = findCondition(object, type);
    if (condition === undefined) return progressing(`not${type}`, `no condition ${type} yet`);
    if (condition.status !== 'True') return progressing(condition.reason || `not${type}`, condition.message);
  }
  return HEALTHY;
}

/** Argo Rollouts writes its observed generation as text. */
function assessArgoRollout(object: KubeObject): HealthVerdict {
  const status = memberObject(object, 'status');
  if (memberText(status, 'observedGeneration') !== String(Number(object.metadata['generation'] ?? 0)))
    return NOT_OBSERVED;
  const phase = memberText(status, 'phase');
  const message = memberText(status, 'message');
  if (phase === 'Healthy') return HEALTHY;
  return phase === 'Degraded' ? failed('Degraded', message) : progressing(phase || 'noPhase', message);
}

/** A route counts when every parent it names accepted it and found what it refers to. */
function assessRoute(object: KubeObject): HealthVerdict {
  const parents = memberObject(object, 'status')['parents'];
  const list = Array.isArray(parents) ? (parents as readonly Json[]).filter(isJsonObject) : [];
  if (list.length === 0) return progressing('noParent', 'no gateway has answered yet');
  return list.map((parent) => assessParent(object, parent)).find(({ health }) => health !== 'healthy') ?? HEALTHY;
}

function assessParent(object: KubeObject, parent: JsonObject): HealthVerdict {
  return needs({ ...object, status: parent }, ['Accepted', 'ResolvedRefs']);
}

function assessCertificateRequest(object: KubeObject): HealthVerdict {
  const denied = findCondition(object, 'Denied') ?? findCondition(object, 'InvalidRequest');
  if (denied?.status === 'True') return failed(denied.reason, denied.message);
  const ready = findCondition(object, 'Ready');
  if (ready?.reason === 'Failed') return failed('Failed', ready.message);
  return needs(object, ['Ready']);
}
