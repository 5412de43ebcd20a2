import type { KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { expectSilence } from '../contract/agent-content.contract.js';
import type { AgentCluster, StartAgentCluster } from '../contract/agent-harness.js';
import { AgentHarness, configMap, deployment } from '../contract/agent-harness.js';
import { ContractClient } from '../contract/contract-cluster.js';
import type { MutatingWebhook } from './mutating-webhook.js';
import { startMutatingWebhook } from './mutating-webhook.js';

interface Workload {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly name: string }[] } };
  };
}

/** As policy engines and meshes do: another registry, a sidecar, an annotation that is new at each write. */
function mutateWorkload(object: Workload): unknown[] {
  const { containers } = object.spec.template.spec;
  const hasSidecar = containers.some(({ name }) => name === 'sidecar');
  return [
    ...(object.metadata.annotations === undefined ? [{ op: 'add', path: '/metadata/annotations', value: {} }] : []),
    { op: 'add', path: '/metadata/annotations/mesh.example~1seen', value: new Date().toISOString() },
    { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'mirror.example/web:1.0' },
    { op: 'add', path: '/spec/template/spec/containers/0/resources', value: { requests: { cpu: '10m' } } },
    ...(hasSidecar
      ? []
      : [{ op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'sidecar', image: 'proxy:1.0' } }]),
  ];
}

function webhookConfiguration(cluster: AgentCluster, clientConfig: MutatingWebhook['clientConfig']): KubeObject {
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['deployments'],
  };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } };
  const name = `${cluster.namespace}.mutate.example`;
  const webhook = {
    name,
    clientConfig,
    namespaceSelector,
    sideEffects: 'None',
    rules: [rule],
    admissionReviewVersions: ['v1'],
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [webhook],
  };
}

async function installWebhook(
  cluster: AgentCluster,
  client: ContractClient,
  webhook: MutatingWebhook,
): Promise<string> {
  const hooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const configuration = webhookConfiguration(cluster, webhook.clientConfig);
  await client.create(hooks, configuration);
  await client.create('/api/v1/namespaces', { metadata: { name: cluster.namespace } });
  // Configurations reach the API server's admission a moment later.
  const probe = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments`;
  for (let at = 0; webhook.writes === 0; at += 1) {
    const made = await client.create(probe, deployment(`probe-${at}`, 'web:1.0'));
    await client.ok('DELETE', `${probe}/${made.metadata.name}`);
  }
  return `${hooks}/${configuration.metadata.name}`;
}

/** Admission that changes what is applied, as policy engines and meshes do. Only a real API server asks it. */
export function agentWebhookContract(start: StartAgentCluster): void {
  describe('agent: admission that mutates', () => {
    it('what a webhook changes is left as it is, and is no drift', async () => {
      await using cluster = await start();
      await using webhook = await startMutatingWebhook(mutateWorkload);
      using client = new ContractClient(cluster);
      const installed = await installWebhook(cluster, client, webhook);
      const before = webhook.writes;
      const objects = [deployment('web', 'web:1.0', 2), configMap('settings', { a: '1' })];
      await expectSilence(cluster, objects, (agent) =>
        agent.reported('real', ({ phase, health }) => phase === 'applied' && health === 'healthy'),
      );
      // Its status is written past the webhook: the one write is ours.
      expect(webhook.writes - before).toBe(1);
      await using agent = await AgentHarness.start(cluster);
      const app = agent.app('real', objects);
      agent.want(app);
      await agent.healthy(app);
      await client.patch(`${agent.deployments}/web?fieldManager=kubectl-edit`, { spec: { replicas: 1 } });
      const report = await agent.reported('real', ({ drifts }) => drifts.some(({ healed }) => healed));
      expect(report.drifts.map(({ field, manager }) => [field, manager])).toEqual([['/spec/replicas', 'kubectl-edit']]);
      await agent.healthy(app);
      await client.ok('DELETE', installed);
    });
  });
}
