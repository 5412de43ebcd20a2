import { join } from 'node:path';
import { startControlPlane } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';
import type { Measure } from './harness.js';
import { measure } from './harness.js';
import { watchObject } from './watch-object.js';

const WARM_UP = 3;
const RUNS = 30;

/** One agent on a real kube-apiserver: webhook → the object has changed there, and → health is in the API of the hub. */
export async function pushToRealCluster(say: (words: string) => void): Promise<Measure[]> {
  await using plane = await startControlPlane();
  await using world = await World.start({ files: configApp('settings', { ROUND: '0' }) });
  await plane.writeKubeconfig(join(world.folder, 'real.kubeconfig'));
  const { token } = await world.api.post<{ token: string }>('/clusters/real/join', { labels: {} });
  await using agent = TestProcess.start('agent', world.agentProgram, {
    ...world.agentEnv('real'),
    FLOTILLA_AGENT_JOIN_TOKEN: token,
  });
  await world.healthy('settings');
  await using watch = await watchObject(plane, '/api/v1/namespaces/settings/configmaps', 'settings');
  const changed: number[] = [];
  const reported: number[] = [];
  for (let round = 1; round <= WARM_UP + RUNS; round++) {
    await world.git.push(`round ${round}`, { 'settings/config.yaml': configMap('settings', { ROUND: String(round) }) });
    const seen = watch.until(
      (object) => (object as { data?: Record<string, string> }).data?.['ROUND'] === String(round),
    );
    const start = performance.now();
    await world.api.post('/webhooks/fleet');
    const at = await seen;
    await world.healthy('settings', round + 1);
    if (round <= WARM_UP) continue;
    changed.push(at - start);
    reported.push(performance.now() - at);
  }
  say(`real API server: done (agent ${agent.pid})`);
  return [
    measure('push → object changed, 1 real cluster', 'ms', changed, { max: 100, of: 'median' }),
    measure('push → object changed, 1 real cluster, p99', 'ms', changed, { max: 250, of: 'p99' }),
    measure('object changed → healthy in the API (polled)', 'ms', reported),
  ];
}
