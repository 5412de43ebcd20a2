import type { KubeObject } from '../../json/index.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, partOf, progressing, textOf } from '../verdict.js';

/** Stricter than kstatus: a LoadBalancer counts when it has an ingress point. */
export function assessService(object: KubeObject): HealthVerdict {
  if (textOf(partOf(object, 'spec'), 'type') !== 'LoadBalancer') return HEALTHY;
  const ingress = partOf(partOf(object, 'status'), 'loadBalancer')['ingress'];
  return Array.isArray(ingress) && ingress.length > 0
    ? HEALTHY
    : progressing('noIngress', 'the load balancer has no address yet');
}
