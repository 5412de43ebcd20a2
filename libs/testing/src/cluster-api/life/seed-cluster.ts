import type { KubeObject } from '../json.js';
import { timestamp } from '../json.js';
import type { Registry } from '../registry/registry.js';
import { settleObject } from '../resources/decode-object.js';
import type { ObjectWriter } from '../resources/object-writer.js';

const MANAGER = 'kube-apiserver';
export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const KUBERNETES_VERSION = 'v1.36.3';

/** What is there when a cluster is new: namespaces, nodes, the `kubernetes` Service. */
export function seedCluster(registry: Registry, writer: ObjectWriter, nodes: number): void {
  const create = (collection: string, object: Partial<KubeObject>): void => {
    const type = registry.stands(collection);
    writer.create(type, settleObject(object, type), { manager: MANAGER });
  };
  for (const name of SYSTEM_NAMESPACES) create('namespaces', { metadata: { name } });
  create('services', {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  });
  for (let index = 0; index < nodes; index++) create('nodes', node(`node-${index}`, index));
}

function node(name: string, index: number): KubeObject {
  const capacity = { cpu: '8', memory: '32Gi', pods: '110' };
  const now = timestamp();
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    spec: { podCIDR: `10.244.${index % 256}.0/24` },
    status: {
      capacity,
      allocatable: capacity,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
      addresses: [{ type: 'InternalIP', address: `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}` }],
      nodeInfo: nodeInfo(),
    },
  };
}

function nodeInfo(): Record<string, string> {
  const unknown = ['machineID', 'systemUUID', 'bootID', 'kernelVersion', 'osImage', 'containerRuntimeVersion'];
  return {
    ...Object.fromEntries(unknown.map((key) => [key, ''])),
    kubeletVersion: KUBERNETES_VERSION,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  };
}
