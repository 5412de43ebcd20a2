import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '@flotilla/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractClient } from '../contract/contract-cluster.js';
import { configApp, configMap, deployment } from '../support/fleet-files.js';
import { ApiDescription } from '../support/api-description.js';
import type { Answer } from '../support/run-flotilla.js';
import { FLOTILLA, runFlotilla } from '../support/run-flotilla.js';
import { World } from '../support/world.js';

let world: World;
let home: string;

function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, FLOTILLA_CONFIG: join(home, 'config.json'), ...more };
}

/** Runs a command line as a user does. */
function flotilla(line: string, more: Readonly<Record<string, string>> = {}, cwd = home): Promise<Answer> {
  const args = line.split(' ').filter((word) => word !== '');
  return runFlotilla(args, environment(more), cwd);
}

/** A new leader fails nothing for a minute; this hub is made to have led for an hour. */
async function endGrace(): Promise<void> {
  const client = new pg.Client(world.databaseUrl);
  await client.connect();
  await client.query(`UPDATE leader SET elected_at = now() - interval '1 hour'`);
  await client.end();
}

async function ok(line: string): Promise<string> {
  const { code, out, err } = await flotilla(line);
  expect({ line, code, err }).toMatchObject({ line, code: 0 });
  return out;
}

async function json<T>(line: string): Promise<T> {
  return JSON.parse(await ok(`${line} -o json`)) as T;
}

/** A command that goes on until interrupted: what it has said so far, and its end. */
function running(line: string): { said: () => string; interrupt: () => Promise<number | null> } {
  const child = spawn(process.execPath, [FLOTILLA, ...line.split(' ')], { env: environment(), cwd: home });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    said: () => text,
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

const STRATEGY = `kind: RolloutStrategy
metadata: {name: rings}
spec:
  waves: [{name: canary, selector: ring=0}, {name: rest, approval: required}]
  deadline: 8s
`;

const WEB = {
  'web/flotilla.yaml':
    'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}], strategy: rings, createNamespace: true}\n',
  'web/deployment.yaml': deployment('web', 'registry.example/web:1.4.0', 3),
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-cli-'));
  world = await World.start({
    files: { 'fleet/strategies.yaml': STRATEGY, ...configApp('settings', { MODE: 'a' }), ...WEB },
  });
  await endGrace();
  await Promise.all([world.join('eu-1', { ring: '0', region: 'eu' }), world.join('us-1', { ring: '1', region: 'us' })]);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

describe('flotilla', () => {
  it('says what to do before the login, and keeps the token for its owner', async () => {
    expect(await flotilla('status')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('flotilla login') as string,
    });
    const tokenFile = join(home, 'token');
    await writeFile(tokenFile, await world.api.token());
    const login = await flotilla(`login ${world.api.url} --token-file ${tokenFile}`);
    expect(login).toMatchObject({ code: 0, out: '' });
    expect(login.err).toContain('(admin)');
    expect((await stat(join(home, 'config.json'))).mode & 0o777).toBe(0o600);
    expect(await ok('whoami')).toMatch(/admin/);
    expect(await ok('context list')).toMatch(/^CURRENT +NAME +URL\n\* /);
    expect(await ok('version')).toMatch(/^flotilla \d+\.\d+\.\d+\nhub {6}\d+\.\d+\.\d+\n$/);
    const doctor = await ok('doctor');
    expect(
      doctor
        .split('\n')
        .filter((text) => text !== '')
        .every((text) => text.startsWith('ok ')),
    ).toBe(true);
  });

  it('waits for an approval, approves, and shows the fleet', async () => {
    await world.healthy('settings', 1, { targets: 2 });
    await until(
      async () => ((await json<{ items: unknown[] }>('get approvals')).items.length > 0 ? true : undefined),
      'an approval waits',
    );
    expect(await ok('get approvals')).toContain('flotilla rollout approve web --wave rest');
    expect((await flotilla('why web')).out).toContain('flotilla rollout approve web');
    expect(await ok('rollout plan web')).toMatch(/rest .*us-1/);

    const dry = await flotilla('rollout approve web --dry-run');
    expect(dry).toMatchObject({ code: 0, out: '', err: expect.stringContaining('dry run') as string });
    expect((await flotilla('rollout approve web --wave rest --reason looks-good --request-id 1')).err).toContain(
      'done',
    );
    expect((await flotilla('rollout approve web --wave rest --request-id 1')).err).toContain('done before');
    expect(await ok('wait app/web --timeout 30s')).toMatch(/^web #1 [0-9a-f]{7} "Start" \(ana\) {3}2 of 2 healthy\n$/);
    expect((await flotilla('rollout approve web')).code).toBe(4);

    const status = await ok('status');
    expect(status).toContain('clusters  2 connected');
    expect(status).toMatch(/web +#1 [0-9a-f]{7} +done +2 healthy/);
    expect(await json('status')).toMatchObject({ healthy: true, clusters: { connected: 2 } });
    expect(await ok('rollout status web')).toMatch(/WAVE +STATE +TARGETS.*\ncanary +done/);
    expect(await ok('rollout history web')).toContain('looks-good');
    expect(await ok('why web')).toContain('nothing blocks web');
    expect(await ok('why cluster/eu-1')).toContain('every app on it is healthy');
  });

  it('lists and describes', async () => {
    expect(await ok('get clusters')).toMatch(/^NAME +STATE.*\neu-1 +connected/);
    expect(await ok('get clusters -l region=us -o name')).toBe('us-1\n');
    expect(await ok('get clusters -o wide')).toContain('KUBERNETES');
    expect(await json('get apps')).toMatchObject({ items: [{ name: 'settings' }, { name: 'web' }], next: null });
    expect(await json('get apps web')).toMatchObject({ name: 'web' });
    expect(await ok('get targets --app web --cluster eu-1 -o name')).toBe('web/eu-1\n');
    expect(await ok('get targets --unhealthy')).toBe('');
    expect(await ok('get targets --limit 1 --sort-by cluster -o name')).toBe('settings/eu-1\n');
    const lists = ['releases', 'rollouts', 'sources', 'tokens', 'audit'].map(async (resource) => {
      expect((await json<{ items: unknown[] }>(`get ${resource}`)).items.length).toBeGreaterThan(0);
      expect((await ok(`get ${resource}`)).split('\n').length).toBeGreaterThan(2);
    });
    const empty = ['problems', 'drift', 'removals', 'windows'].map(async (resource) =>
      expect(await ok(`get ${resource}`)).toBe(''),
    );
    await Promise.all([...lists, ...empty]);
    const words: readonly [line: string, said: RegExp][] = [
      ['describe app web', /^web {2}active\n[^]*├─ eu-1 {2}healthy {2}on #1/],
      ['describe cluster eu-1', /^eu-1 {2}connected\nlabels[^]*└─ web {2}healthy/],
      ['describe target web/eu-1', /^web on eu-1 {2}healthy/],
      ['describe release web/1', /runs on eu-1/],
      ['describe rollout web', /history/],
      ['describe source fleet', /^fleet {2}ok/],
      ['events web', /web #1 on eu-1 {3}applied/],
    ];
    await Promise.all(words.map(async ([line, said]) => expect(await ok(line)).toMatch(said)));
    expect(await json('describe source fleet')).toMatchObject({ name: 'fleet' });
    const events = await json<{ items: { detail: object }[] }>('events web --cluster eu-1');
    expect(events.items.length).toBeGreaterThan(0);
    expect(JSON.stringify(events)).not.toMatch(/[0-9a-f]{64}/);
  });

  it('follows what happens', async () => {
    const follow = running('events --follow -o json');
    const watch = running('get targets --app settings -w -o json');
    await until(async () => (watch.said().includes('us-1') ? true : undefined), 'the rows are there');
    await world.push('mode b', { 'settings/config.yaml': configMap('settings', { MODE: 'b' }) });
    await until(
      async () => (/"message":"settings #2[^"]*eu-1/.test(follow.said()) ? true : undefined),
      'it is told',
      follow.said,
    );
    await until(
      async () => (/"appliedRelease":2/.test(watch.said()) ? true : undefined),
      'the row is told',
      watch.said,
    );
    for (const text of `${follow.said()}${watch.said()}`.trim().split('\n')) JSON.parse(text);
    expect(await Promise.all([follow.interrupt(), watch.interrupt()])).toEqual([130, 130]);
    await world.healthy('settings', 2);
  });

  it('shows a broken release, and the way back', async () => {
    const commit = await world.git.push('web 1.5.0', {
      'web/deployment.yaml': deployment('web', 'registry.example/web:missing', 3),
    });
    expect(await ok('source refresh fleet')).toMatch(new RegExp(`fleet +${commit.slice(0, 7)} +yes`));
    const wait = await flotilla(`wait app/web --commit ${commit} --timeout 30s`);
    expect(wait.code).toBe(1);
    expect(wait.out).toBe(
      'web #2 HALTED at canary: 1 failed, budget 0; 1 target untouched on #1   → flotilla why web\n',
    );
    expect(wait.err).toMatch(
      /^web #2 [0-9a-f]{7} "web 1\.5\.0" \(ana\) {3}wave 1\/2 canary {3}0 of 1 healthy {3}\d+s$/m,
    );
    const why = await flotilla('why web');
    expect(why.code).toBe(1);
    const [first, second, third, fourth, ...rest] = why.out.split('\n');
    expect(first).toMatch(/^eu-1 {2}FAILED {2}Deployment web\/web {2}/);
    expect(second).toMatch(/^ {6}ImagePullBackOff {2}".+" {3}observed \d+s ago, bundle [0-9a-f]{7}$/);
    expect(third).toMatch(
      /^ {6}changed in #2: containers\[web\]\.image {2}\S+ → (\S+\/)?web:missing {3}web\/deployment\.yaml:\d+$/,
    );
    expect([fourth, ...rest].join('\n')).toMatch(/^do {4}push a fix .* flotilla rollout retry web --cluster eu-1\n$/);
    const diff = await flotilla('diff app/web --release 1..2');
    expect(diff.code).toBe(1);
    expect(diff.out).toMatch(
      /^web #1 .*\nweb #2 .*\neu-1, us-1\n {2}~ Deployment web\n {6}~ spec\.template\.spec\.containers/,
    );
    expect((await flotilla('rollout status web')).code).toBe(1);
    const status = await flotilla('status');
    expect(status.code).toBe(1);
    expect(status.out).toMatch(
      /^HALTED {3}web #2 {3}→ flotilla why web\nprogressing {3}web on eu-1 {3}ImagePullBackOff: /,
    );
    expect(await ok('describe app web')).toMatch(
      /eu-1 {2}progressing[^]*└─ Deployment web\/web[^]*└─ ImagePullBackOff/,
    );
    const names = {
      app: 'web',
      cluster: 'eu-1',
      source: 'fleet',
      number: '2',
      from: '1',
      to: '2',
      field: 'spec.replicas',
    };
    expect((await (await ApiDescription.load(world.api)).checkReads(names)).wrong).toEqual([]);
    expect((await flotilla('rollout rollback web --reason broken')).err).toContain('done');
    await world.targetIs('web', 'eu-1', ({ appliedRelease, state }) => appliedRelease === 1 && state !== 'failed');

    await world.git.push('web 1.5.1', { 'web/deployment.yaml': deployment('web', 'registry.example/web:1.5.1', 3) });
    const refresh = flotilla('source refresh --wait --timeout 30s');
    await until(async () => ((await world.app('web')).rollout?.release === 3 ? true : undefined), '#3 has a rollout');
    await until(
      async () => ((await flotilla('rollout approve web --reason fixed')).code === 0 ? true : undefined),
      'it can be approved',
    );
    expect(await refresh).toMatchObject({ code: 0 });
  });

  it('shows problems of Git, and refuses to wait for a frozen commit', async () => {
    const commit = await world.push('typo', {
      'settings/flotilla.yaml': 'kind: App\nmetadata: {name: settings}\nspec: {targts: [{all: true}]}\n',
    });
    await until(async () => ((await ok('get problems')) === '' ? undefined : true), 'the problem is there');
    expect(await ok('get problems')).toMatch(/settings\/flotilla\.yaml:3 +.*targts/);
    expect((await flotilla('why settings')).out).toContain('FROZEN');
    const wait = await flotilla(`wait app/settings --commit ${commit} --timeout 30s`);
    expect(wait).toMatchObject({ code: 1, out: '' });
    expect(wait.err).toContain('settings/flotilla.yaml:3');
    await world.git.revert();
    await ok('source refresh');
  });

  it('asks before it removes, and lets people decide', async () => {
    await world.push('another', configApp('other', { A: '1' }));
    await world.healthy('other');
    await world.push('drop it', { other: null });
    await world.targetIs('other', 'eu-1', ({ life }) => life === 'asked');
    expect(await ok('removal list other')).toMatch(/other +eu-1 +asked/);
    expect(await ok('get approvals')).toContain('flotilla removal approve other --cluster eu-1');
    expect((await flotilla('removal approve other --reason gone')).code).toBe(0);
    await until(async () => ((await ok('removal list other')) === '' ? true : undefined), 'it is removed');
    expect((await flotilla('removal approve other')).code).toBe(4);
  });

  it('says who changed what, what became of it, and how to leave it to them', async () => {
    const { url, caPem, token } = world.member('eu-1').api;
    using client = new ContractClient({ url, caPem, token });
    const path = '/api/v1/namespaces/settings/configmaps/settings';
    await client.ok('PATCH', `${path}?fieldManager=kubectl-edit`, {
      body: { data: { MODE: 'mine' } },
      contentType: 'application/merge-patch+json',
    });
    const list = async (): Promise<string> => ok('drift list settings --cluster eu-1');
    await until(async () => ((await list()).includes('healed') ? true : undefined), 'the drift is told of', list);
    expect(await list()).toMatch(/eu-1 +ConfigMap settings\/settings +\/data\/MODE +kubectl-edit +\d+s +healed after/);
    expect(await ok('drift list settings --open')).toBe('');
    expect(await ok('drift show settings')).toMatch(/wanted {2}"\w"\n +live {4}"mine"\n +by {6}kubectl-edit, changed /);
    expect(await ok('drift ignore settings')).toBe(
      'spec:\n  drift:\n    ignore:\n      - kind: ConfigMap\n        name: settings\n        jsonPointers:\n          - /data/MODE\n',
    );
    expect(await ok('adopt plan settings --cluster eu-1')).toMatch(/^eu-1 {2}1 leave {3}observed /);
    expect((await flotilla('drift list nobody')).code).toBe(0);
    expect((await flotilla('drift show nobody')).code).toBe(2);
  });

  it('suspends and resumes apps and clusters', async () => {
    expect((await flotilla('app suspend settings --cluster eu-1 --for 5m --reason trying')).code).toBe(0);
    expect((await world.target('settings', 'eu-1')).state).toBe('suspended');
    expect((await flotilla('app resume settings --cluster eu-1')).code).toBe(0);
    expect((await flotilla('cluster suspend us-1 --for 5m')).code).toBe(0);
    expect(await ok('get targets --cluster us-1')).toContain('suspended');
    expect((await flotilla('cluster resume us-1 --dry-run')).err).toContain('nothing was done');
    expect((await flotilla('cluster resume us-1 --request-id again --reason done')).code).toBe(0);
    expect((await flotilla('cluster resume us-1 --request-id again')).err).toContain('done before');
    expect((await flotilla('cluster resume us-1')).code).toBe(4);
    expect((await flotilla('app suspend settings --for long')).code).toBe(2);
    expect(await ok('get audit --cluster us-1 --limit 1 --unhealthy')).toMatch(/cluster\.resume +us-1 +refused/);
  });

  it('labels clusters', async () => {
    expect((await flotilla('cluster label us-1 tier=edge --reason moved')).code).toBe(0);
    await until(
      async () => ((await ok('get clusters -l tier=edge -o name')) === 'us-1\n' ? true : undefined),
      'the label selects the cluster',
    );
    expect((await flotilla('cluster label us-1 tier-')).code).toBe(0);
    expect((await flotilla('cluster label us-1 tier')).code).toBe(2);
    expect((await flotilla('cluster label us-1 a=-')).code).toBe(2);
  });

  it('joins and removes clusters: only YAML on stdout', async () => {
    const join = await flotilla('cluster join lab-1 --label env=lab');
    expect(join.code).toBe(0);
    expect(join.out).toMatch(/^# Cluster lab-1[^\n]*\napiVersion: v1\nkind: Namespace/);
    expect(join.err).toContain('flotilla wait cluster/lab-1');
    expect(await flotilla('cluster join lab-2 --dry-run')).toMatchObject({ code: 0, out: '' });
    expect((await flotilla('cluster join eu-1 --dry-run')).code).toBe(4);
    expect((await flotilla('wait cluster/lab-1 --timeout 1s')).code).toBe(5);
    expect(await ok('wait cluster/eu-1 --timeout 10s')).toContain('eu-1 is connected');
    expect((await flotilla('cluster remove lab-1')).code).toBe(2);
    const [token] = (
      await json<{ items: { id: string; cluster: string; state: string }[] }>('get join-tokens --cluster lab-1')
    ).items;
    expect(token).toMatchObject({ cluster: 'lab-1', state: 'waiting' });
    expect((await flotilla(`token revoke-join ${token?.id ?? ''}`)).code).toBe(0);
    expect((await flotilla(`token revoke-join ${token?.id ?? ''}`)).code).toBe(2);
    expect((await flotilla('cluster rejoin us-1')).out).toContain('kind: Namespace');
  });

  it('gives tokens roles, and refuses what a role may not', async () => {
    expect(await flotilla('token create reader --dry-run')).toMatchObject({ code: 0, out: '' });
    const made = await flotilla('token create reader --role viewer --expires-in 1d --reason test');
    expect(made.code).toBe(0);
    expect(made.err).not.toContain(made.out.trim());
    const as = { FLOTILLA_URL: world.api.url, FLOTILLA_TOKEN: made.out.trim() };
    expect((await flotilla('whoami', as)).out).toMatch(/^reader {3}viewer/);
    const refused = await flotilla('rollout pause web', as);
    expect(refused).toMatchObject({ code: 4, out: '' });
    expect((await flotilla('token revoke reader')).code).toBe(0);
    const revoked = await flotilla('doctor', as);
    expect(revoked).toMatchObject({ code: 4 });
    expect(revoked.out).toMatch(/failed {2}token/);
    expect(revoked.out + revoked.err).not.toContain(made.out.trim());
  });

  it('says that the hub is away, in one line and by exit code', async () => {
    const away = { FLOTILLA_URL: `http://127.0.0.1:${await freePort()}`, FLOTILLA_TOKEN: 'none' };
    const lines = ['status', 'get apps', 'wait app/web', 'events --follow', 'doctor'];
    const results = await Promise.all(lines.map(async (line) => ({ line, ...(await flotilla(line, away)) })));
    for (const result of results) expect(result).toMatchObject({ code: 3 });
    const { err } = await flotilla('get apps', away);
    expect(err).toMatch(/^error: the hub at .* does not answer: ECONNREFUSED\ndo: {4}flotilla doctor\n$/);
  });

  it('answers usage with 2 and a hint', async () => {
    const lines = [
      'frobnicate',
      'get nonsense',
      'get apps nobody',
      'get sources --app web',
      'describe app nobody',
      'wait web',
      'get apps --limit 0',
      'events --since long',
      'rollout status nobody',
      'context use nobody',
    ];
    const results = await Promise.all(lines.map(async (line) => ({ line, ...(await flotilla(line)) })));
    for (const result of results) {
      expect(result).toMatchObject({ code: 2, out: '' });
      expect(result.err).toMatch(/^error: /);
    }
    expect((await flotilla('get appps')).err).toContain('clusters, apps');
  });

  it('completes commands and names from the hub', async () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect(await ok(`completion ${shell}`)).toContain('flotilla __complete');
    const complete = async (line: string): Promise<string[]> =>
      (
        await new Promise<string>((resolve) => {
          execFile(
            process.execPath,
            [FLOTILLA, '__complete', '--', ...line.split(' ')],
            { env: environment() },
            (_, out) => resolve(out),
          );
        })
      )
        .trim()
        .split('\n');
    expect(await complete('rol')).toEqual(['rollout']);
    expect(await complete('rollout status ')).toEqual(['settings', 'web']);
    expect(await complete('get clusters e')).toEqual(['eu-1']);
    expect(await complete('get targets --cluster ')).toEqual(expect.arrayContaining(['eu-1', 'us-1']));
    expect(await complete('get apps -o j')).toEqual(['json']);
    expect(await complete('wait cluster/u')).toEqual(['cluster/us-1']);
  });

  it('logs out', async () => {
    expect((await flotilla('logout')).err).toContain('Forgot');
    expect(JSON.parse(await readFile(join(home, 'config.json'), 'utf8'))).toEqual({ contexts: {} });
  });
});
