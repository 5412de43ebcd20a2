import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, Policy } from '@flotilla/domain';
import { expect, it } from 'vitest';
import { startSimulatedAgent } from '../simulate/simulated-agent.js';
import { FakeHub } from './fake-hub.fixture.js';

const policy = { namespace: 'web', dependsOn: [], formerly: [] } as unknown as Policy;
const configMap = (value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'web' },
  data: { value },
});

it('enrols, accepts a desired state and reports', async () => {
  await using hub = await FakeHub.start();
  await using agent = await startSimulatedAgent({ joinAddress: hub.joinAddress, token: hub.printedToken });
  await expect.poll(() => agent.connected).toBe(true);
  const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
  hub.publish([], [entry]);
  await expect.poll(() => hub.session.of('report').length).toBe(1);
  expect(hub.session.of('accepted')).toHaveLength(1);
  await sleep(1);
});
