import { join } from 'node:path';
import { startControlPlane, until } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import type { Kubectl } from '../contract/kubectl.js';
import { useKubectl } from '../contract/kubectl.js';
import { configApp, configMap, deployment } from '../support/fleet-files.js';
import type { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';

const WEB = {
  'web/flotilla.yaml':
    'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}], createNamespace: true, onDelete: prune}\n',
  'web/deployment.yaml': deployment('web', 'web:1.0', 2),
  'web/config.yaml': configMap('web', { MODE: 'a' }),
  'web/extra.yaml': configMap('extra', { X: '1' }),
};

/** Starts the agent of a cluster that the world did not make. */
async function enrol(world: World, name: string, kubeconfig: string): Promise<TestProcess> {
  const { token } = await world.api.post<{ token: string }>(`/clusters/${name}/join`, { labels: {} });
  return world.startAgent(name, { FLOTILLA_AGENT_JOIN_TOKEN: token, FLOTILLA_AGENT_KUBECONFIG: kubeconfig });
}

/** Runs kubectl until it prints that. */
async function says(kubectl: Kubectl, args: string, wanted: string): Promise<void> {
  let last = '';
  const look = async (): Promise<true | undefined> => {
    const { stdout, stderr } = await kubectl(args.split(' '));
    last = stdout + stderr;
    return stdout === wanted ? true : undefined;
  };
  await until(look, `kubectl ${args} says ${wanted}`, () => last);
}

const MODE = 'get configmap web -n web -o jsonpath={.data.MODE}';
const REPLICAS = 'get deployment web -n web -o jsonpath={.spec.replicas}';

describe('an agent on a real Kubernetes API, with kubectl as the judge', () => {
  it('enrols, applies, follows pushes, heals, prunes, and goes on with the hub away', async () => {
    await using plane = await startControlPlane({ name: 'real-1' });
    await using kubectl = await useKubectl(plane);
    await using world = await World.start({ files: { ...WEB, ...configApp('settings', { A: '1' }) } });
    const kubeconfig = join(world.folder, 'real-1.kubeconfig');
    await plane.writeKubeconfig(kubeconfig);
    await using agent = await enrol(world, 'real-1', kubeconfig);
    expect(agent.running).toBe(true);

    await world.healthy('web', 1);
    await world.healthy('settings', 1);
    const status = await kubectl(['rollout', 'status', 'deployment/web', '-n', 'web', '--timeout=10s']);
    expect(status).toMatchObject({ code: 0 });
    await says(kubectl, MODE, 'a');

    await world.push('mode b', { 'web/config.yaml': configMap('web', { MODE: 'b' }) });
    await world.healthy('web', 2);
    await says(kubectl, MODE, 'b');

    await kubectl(['scale', 'deployment/web', '-n', 'web', '--replicas=5']);
    await says(kubectl, REPLICAS, '2');
    await kubectl(['delete', 'configmap', 'web', '-n', 'web']);
    await says(kubectl, MODE, 'b');

    await world.push('drop extra', { 'web/extra.yaml': null });
    await world.healthy('web', 3);
    const extra = await kubectl(['get', 'configmap', 'extra', '-n', 'web']);
    expect(extra).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): configmaps "extra" not found\n' });

    await world.hub.kill();
    await kubectl(['patch', 'configmap', 'web', '-n', 'web', '--type=merge', '-p', '{"data":{"MODE":"hand"}}']);
    await says(kubectl, MODE, 'b');
    await world.startHub();
    await world.push('mode c', { 'web/config.yaml': configMap('web', { MODE: 'c' }) });
    await world.healthy('web', 4);
    await says(kubectl, MODE, 'c');
  });

  it('reports why Pods of an image that there is not do not get ready', async () => {
    await using plane = await startControlPlane({ name: 'real-1' });
    await using world = await World.start({ files: { ...WEB, 'web/deployment.yaml': deployment('web', 'web:1.5.O') } });
    const kubeconfig = join(world.folder, 'real-1.kubeconfig');
    await plane.writeKubeconfig(kubeconfig);
    await using agent = await enrol(world, 'real-1', kubeconfig);
    const target = await world.targetIs('web', 'real-1', (seen) => JSON.stringify(seen).includes('ImagePullBackOff'));
    expect(target.state).not.toBe('healthy');
    expect(agent.running).toBe(true);
  });
});
