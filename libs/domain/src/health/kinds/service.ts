import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { memberObject, memberText } from '../members.js';
import { HEALTHY, progressing } from '../verdict.js';

/** Stricter than kstatus: a LoadBalancer counts when it has an ingress point. */
export function assessService(object: KubeObject): HealthVerdict {
  if (memberText(memberObject(object, 'spec'), 'type') !== 'LoadBalancer') return HEALTHY;
  const ingress = memberObject(memberObject(object, 'status'), 'loadBalancer')['ingress'];
  return Array.isArray(ingress) && ingress.length > 0
    ? HEALTHY
    : progressing('noIngress', 'the load balancer has no address yet');
}
