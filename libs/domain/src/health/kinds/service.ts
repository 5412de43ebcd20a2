import type { KubeObject } from '../../json/index.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, progressing } from '../verdict.js';

/** kstatus: a LoadBalancer has a cluster address. Stricter: and an ingress point. */
export function assessService(object: KubeObject): HealthVerdict {
  const spec = memberObject(object, 'spec');
  if (memberText(spec, 'type') !== 'LoadBalancer') return HEALTHY;
  if (memberText(spec, 'clusterIP') === '') return progressing('noClusterIP', 'the service has no cluster address yet');
  const ingress = memberObject(memberObject(object, 'status'), 'loadBalancer')['ingress'];
  return Array.isArray(ingress) && ingress.length > 0
    ? HEALTHY
    : progressing('noIngress', 'the load balancer has no address yet');
}
