import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ApiClient, startControlPlane } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from '../contract/eventually.js';

const STARTER = `
import { startControlPlane } from '@flotilla/testing';
const { url } = await startControlPlane();
console.log(url);
setInterval(() => undefined, 1000);
`;

const answers = (url: string): Promise<boolean> =>
  fetch(url.replace('https:', 'http:')).then(
    () => true,
    () => false,
  );

describe('the control plane of tests', () => {
  it('dies with the process that started it, also by SIGKILL', async () => {
    const flags = ['--import', 'tsx', '--conditions=source', '--input-type=module', '--eval', STARTER];
    const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [url] = (await once(lines, 'line')) as [string];
    expect(await answers(url)).toBe(true);
    child.kill('SIGKILL');
    await eventually(async () => !(await answers(url)));
  });

  it('comes back with what it held when its API server crashes', async () => {
    await using plane = await startControlPlane();
    using client = new ApiClient(plane);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
    const made = await client.call('POST', '/api/v1/namespaces/default/configmaps', { body });
    await plane.stopApiServer();
    await expect(client.call('GET', '/api/v1/namespaces/default/configmaps/kept')).rejects.toThrow(/ECONN/);
    await plane.startApiServer();
    expect((await client.call('GET', '/api/v1/namespaces/default/configmaps/kept')).body).toEqual(made.body);
  });
});
