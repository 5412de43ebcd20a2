import { join } from 'node:path';
import type { ClusterApi } from '@flotilla/testing';
import { read, until } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import { runFlotilla } from '../support/run-flotilla.js';
import { World } from '../support/world.js';

/** One for each way in which a value may get out; none is part of another. */
const VALUES = {
  applied: 'Wanted-9f3a71c2',
  next: 'Changed-51d0b8e4',
  byHand: 'ByHand-c7719a0d',
  broken: 'Broken-3be80f66',
  number: '7712093348',
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const SECRETS = { resource: 'secrets', namespace: 'vault' };
const APP = 'kind: App\nmetadata: {name: vault}\nspec: {targets: [{all: true}], createNamespace: true}\n';

function secret(value: string, more = ''): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: ${value}}\n${more}`;
}

/** Whatever form of a value is in a text. */
function found(text: string, where: string): string[] {
  return Object.entries(VALUES).flatMap(([name, value]) =>
    [value, base64(value), base64(value).replace(/=+$/, ''), Buffer.from(value).toString('hex')].some((form) =>
      text.includes(form),
    )
      ? [`${name} in ${where}`]
      : [],
  );
}

/** Every row of every table as text. */
async function database(world: World): Promise<string[]> {
  const tables = await read<{ name: string }>(
    world.databaseUrl,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const leaks: string[] = [];
  for (const { name } of tables) {
    const rows = await read<{ text: string }>(world.databaseUrl, `SELECT t::text AS text FROM ${name} t`);
    leaks.push(...found(rows.map(({ text }) => text).join('\n'), `table ${name}`));
  }
  return leaks;
}

/** Every answer of the API that can be asked for by GET. */
async function answers(world: World): Promise<string[]> {
  const response = await fetch(`${world.api.url}/api/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> };
  const names: Record<string, string> = { app: 'vault', cluster: 'eu-1', number: '1', source: 'fleet' };
  const leaks: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    if (methods['get'] === undefined || path.endsWith('/stream') || !path.startsWith('/api/v1/')) continue;
    const filled = path.slice('/api/v1'.length).replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? 'none');
    const body = await (
      await world.api.fetch('GET', `${filled}?from=1&to=2&cluster=eu-1&field=%2Fdata%2Fpassword`)
    ).text();
    const bare = await (await world.api.fetch('GET', filled)).text();
    leaks.push(...found(body + bare, `GET ${path}`));
  }
  return leaks;
}

/** What people see in a terminal. */
async function screens(world: World): Promise<string[]> {
  const config = join(world.folder, 'cli.json');
  const environment = { PATH: process.env['PATH'] ?? '', HOME: world.folder, FLOTILLA_CONFIG: config };
  const tokenFile = join(world.folder, 'hub', 'admin.token');
  const lines = [
    `login ${world.api.url} --token-file ${tokenFile}`,
    'get problems',
    'get drifts -o json',
    'describe target vault/eu-1',
    'drift show vault',
    'diff app/vault',
    'diff app/vault --release 1..2',
    'why vault',
    'explain vault --cluster eu-1 --field /data/password',
    'events vault',
  ];
  const leaks: string[] = [];
  for (const line of lines) {
    const { out, err } = await runFlotilla(line.split(' '), environment, world.folder);
    expect({ line, said: out + err }).not.toEqual({ line, said: '' });
    leaks.push(...found(out + err, `flotilla ${line}`));
  }
  return leaks;
}

function editByHand(api: ClusterApi): void {
  const live = api.store.get('secrets', 'vault/db');
  if (live === undefined) throw new Error('no Secret');
  api.store.put('secrets', { ...live, data: { password: base64(VALUES.byHand) } });
}

describe('values of Secrets', () => {
  it('are in the cluster and nowhere else: no log, report, row or answer holds one, whatever goes wrong', async () => {
    const files = { 'vault/flotilla.yaml': APP, 'vault/secret.yaml': secret(VALUES.applied) };
    const hub = { FLOTILLA_LOG_LEVEL: 'debug' };
    await using world = await World.start({ files, hub, agents: { FLOTILLA_AGENT_LOG_LEVEL: 'debug' } });
    const { api } = await world.join('eu-1');
    await world.healthy('vault', 1);

    editByHand(api);
    await until(async () => {
      const { items } = await world.api.get<{ items: { app: string }[] }>('/drifts?limit=50');
      return items.some(({ app }) => app === 'vault') || undefined;
    }, 'the drift is told of');

    const told = `admission webhook "strong.acme.example" denied the request: "${VALUES.next}" is weak`;
    api.faults.inject({ ...SECRETS, method: 'PATCH' }, { kind: 'status', code: 403, message: told });
    await world.push('another password', { 'vault/secret.yaml': secret(VALUES.next) });
    const refused = await world.targetIs('vault', 'eu-1', ({ problems }) =>
      problems.some(({ code }) => code === 'admissionDenied'),
    );
    expect(refused.problems[0]?.message).toContain('strong.acme.example');
    api.faults.clear();
    await world.healthy('vault', 2);

    await world.push('broken', { 'vault/secret.yaml': `${secret(VALUES.broken)}  password: "${VALUES.broken}\n` });
    const problems = (): Promise<{ message: string }[]> => world.api.items<{ message: string }>('/problems');
    await until(async () => ((await problems()).length > 0 ? true : undefined), 'the commit is refused');
    const other = `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: ${VALUES.number}}\n`;
    const commit = await world.push('a number', { 'vault/secret.yaml': other });
    await until(async () => {
      const sources = await world.api.items<{ commit: string }>('/sources');
      return sources.some((source) => source.commit === commit) || undefined;
    }, 'the number is looked at');
    const refusesNumber = async (): Promise<true | undefined> =>
      (await problems()).some(({ message }) => message.includes('must be text, but is a number')) || undefined;
    await until(refusesNumber, 'the number is refused');

    const agent = world.member('eu-1').agent.log;
    expect(agent).toContain('"level":"debug"');
    const leaks = [...found(agent, 'log of the agent'), ...found(world.hub.log, 'log of the hub')];
    leaks.push(...(await database(world)), ...(await answers(world)), ...(await screens(world)));
    expect(leaks).toEqual([]);
  });
});
