import type { JsonObject, KubeObject } from '../json.js';
import { numberAt, objectAt, objectsAt, stringAt } from '../json.js';
import type { Store } from '../store.js';

const FIRST_NODE_PORT = 30_000;
const RANGE = 65_000;

/** Cluster addresses (10.96.0.0/16) and node ports, as the API server hands them out to Services. */
export class ServiceAddresses {
  private next = 1;
  private nextPort = 0;

  constructor(private readonly store: Store) {}

  allocate(object: KubeObject): KubeObject {
    const spec = objectAt(object, 'spec');
    if (spec.type === 'ExternalName') return object;
    const clusterIP = stringAt(spec, 'clusterIP') || this.freeAddress();
    const ipFamilyPolicy = spec.ipFamilyPolicy ?? 'SingleStack';
    const family = { clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy };
    return this.withNodePorts({ ...object, spec: { ...spec, ...family } });
  }

  /** An update that does not name the address keeps it. */
  keep(live: KubeObject, next: KubeObject): KubeObject {
    const [before, spec] = [objectAt(live, 'spec'), objectAt(next, 'spec')];
    if (spec.type === 'ExternalName') return next;
    if (!before.clusterIP) return this.allocate(next);
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = before;
    const kept = { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, ...(spec.clusterIP ? spec : without(spec)) };
    const ports = objectsAt(spec, 'ports').map((port) => keepNodePort(port, objectsAt(before, 'ports')));
    return this.withNodePorts({ ...next, spec: { ...spec, ...kept, ports } });
  }

  private withNodePorts(object: KubeObject): KubeObject {
    const spec = objectAt(object, 'spec');
    const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
    const ports = objectsAt(spec, 'ports').map(({ nodePort, ...port }) =>
      outside ? { ...port, nodePort: nodePort ?? this.freePort() } : port,
    );
    return ports.length === 0 ? object : { ...object, spec: { ...spec, ports } };
  }

  private freeAddress(): string {
    const used = new Set(this.store.list('services').map((service) => stringAt(service, 'spec', 'clusterIP')));
    for (;;) {
      const address = `10.96.${Math.floor(this.next / 250) % 256}.${(this.next % 250) + 1}`;
      this.next = (this.next + 1) % RANGE;
      if (!used.has(address)) return address;
    }
  }

  private freePort(): number {
    const services = this.store.list('services').flatMap((service) => objectsAt(service, 'spec', 'ports'));
    const used = new Set(services.map((port) => numberAt(port, 'nodePort')));
    for (;;) {
      const port = FIRST_NODE_PORT + (this.nextPort++ % 2768);
      if (!used.has(port)) return port;
    }
  }
}

function without({
  clusterIP: _ip,
  clusterIPs: _ips,
  ipFamilies: _f,
  ipFamilyPolicy: _p,
  ...spec
}: JsonObject): JsonObject {
  return spec;
}

function keepNodePort(port: JsonObject, before: readonly JsonObject[]): JsonObject {
  const same = before.find((other) => other.port === port.port && other.protocol === port.protocol);
  return port.nodePort || !same?.nodePort ? port : { ...port, nodePort: same.nodePort };
}
