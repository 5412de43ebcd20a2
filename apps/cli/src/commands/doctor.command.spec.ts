import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startClusterApi } from '@flotilla/testing';
import { expect, it } from 'vitest';
import { apiClient } from '../api/client.js';
import { readEnvironment } from '../config/environment.js';
import { runCli } from '../run-cli.js';
import { CLI_VERSION } from '../version.js';
import type { Run } from './stub-hub.fixture.js';
import { startStubHub } from './stub-hub.fixture.js';

const now = (): string => new Date().toISOString();
const well = (): Record<string, unknown> => ({
  '/api/v1/version': { version: CLI_VERSION, now: now() },
  '/readyz': { role: 'leader' },
  '/api/v1/whoami': { name: 'ana', role: 'admin' },
  '/api/v1/summary': { hub: { mode: 'normal', reason: null } },
});

async function doctorAt(url: string): Promise<Run> {
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const variables = { FLOTILLA_URL: url, FLOTILLA_TOKEN: 'x', FLOTILLA_CONFIG: '/nonexistent' };
  const code = await runCli(['doctor'], { environment: readEnvironment(variables, {}), streams });
  return { code, out, err };
}

const lastLines = ({ out }: Run): string[] => out.trimEnd().split('\n').slice(-2);

it('goes all the way when everything is well', async () => {
  await using hub = await startStubHub(well());
  const { code, out } = await hub.run('doctor');
  expect(out.split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' '))).toEqual([
    'ok context',
    'ok hub',
    'ok version',
    'ok leader',
    'ok token',
    'ok clock',
    'ok decides',
    '',
  ]);
  expect(code).toBe(0);
});

it('says that nobody listens', async () => {
  const result = await doctorAt('http://127.0.0.1:1');
  expect(result.code).toBe(3);
  expect(lastLines(result)[0]).toMatch(/^failed {2}hub .*does not answer: (ECONNREFUSED|bad port)/);
});

it('says that the certificate is not trusted, and how to trust it', async () => {
  await using other = await startClusterApi();
  const result = await doctorAt(other.url);
  expect(result.code).toBe(3);
  expect(lastLines(result)[0]).toMatch(/^failed {2}hub .*certificate of https.* is not trusted: /);
  expect(lastLines(result)[1]).toBe('do      NODE_EXTRA_CA_CERTS=ca.pem');
});

it.each([
  ['the token is not taken', { '/api/v1/whoami': undefined }, 1, /^failed {2}token/],
  ['the hub is too new', { '/api/v1/version': { version: '9.0.0', now: now() } }, 1, /^failed {2}version .*apart/],
  [
    'the clock is off',
    { '/api/v1/version': { version: CLI_VERSION, now: '2020-01-01T00:00:00Z' } },
    1,
    /^failed {2}clock .*behind this machine: ages/,
  ],
  [
    'the hub decides nothing',
    { '/api/v1/summary': { hub: { mode: 'timeTravel', reason: 'eu-1 is ahead' } } },
    1,
    /^failed {2}decides {3}timeTravel: eu-1 is ahead/,
  ],
  ['another program answers', { '/api/v1/version': undefined }, 3, /^failed {2}hub .*no Flotilla hub/],
])('says that %s', async (_, changes, code, line) => {
  const bodies = Object.entries({ ...well(), ...changes }).filter(([, body]) => body !== undefined);
  await using hub = await startStubHub(Object.fromEntries(bodies));
  const result = await hub.run('doctor');
  expect(result.out).toMatch(new RegExp(line.source, 'm'));
  expect(result.code).toBe(code);
});

it('does not wait for ever for a hub that never answers', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(apiClient({ url, token: 'x' }, 100).GET('/api/v1/summary')).rejects.toMatchObject({
    exit: 'unreachable',
    message: `the hub at ${url} does not answer: no answer within 0.1 s`,
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
