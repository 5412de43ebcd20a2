import { describe, expect, it } from 'vitest';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from './config/environment.js';
import { EXIT } from './exit.js';
import { runCli } from './run-cli.js';

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-cli-'));
  const environment = readEnvironment({ FLOTILLA_CONFIG: join(folder, 'config.json'), XDG_CACHE_HOME: folder }, {});
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(args, { environment, streams });
  return { code, out, err };
}

async function fleet(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-fleet-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const CLUSTER = 'kind: Cluster\nmetadata: {name: eu-1, labels: {env: prod}}\n';
const APP = 'kind: App\nmetadata: {name: web}\nspec: {targets: [{selector: env=prod}]}\n';
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {password: hunter2}\n';
const ENCODED = Buffer.from('hunter2').toString('base64');

it('has one table of exit codes', () => {
  expect(EXIT).toEqual({ yes: 0, no: 1, usage: 2, unreachable: 3, refused: 4, timeout: 5, interrupted: 130 });
});

describe('usage', () => {
  it('prints help to stdout and nothing is wrong', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('Usage: flotilla') as string,
    });
  });

  it('refuses what it does not know, on stderr', async () => {
    expect(await run('statsu')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('status') as string });
    expect(await run('get', 'apps', '-o', 'xml')).toMatchObject({ code: 2, out: '' });
    expect(await run('cluster', 'remove', 'eu-1')).toMatchObject({ code: 2, out: '' });
  });
});

describe('without a hub', () => {
  it('validates a folder', async () => {
    const folder = await fleet({ 'fleet/eu.yaml': CLUSTER, 'web/flotilla.yaml': APP, 'web/secret.yaml': SECRET });
    expect(await run('validate', folder)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^1 app, 1 target, 0 errors/) as string,
    });
  });

  it('tells every problem with its place, in each format', async () => {
    const folder = await fleet({ 'web/flotilla.yaml': APP.replace('targets', 'targts'), 'web/secret.yaml': SECRET });
    const text = await run('validate', folder);
    expect(text).toMatchObject({
      code: 1,
      out: expect.stringContaining(`${folder}/web/flotilla.yaml:3:8   error`) as string,
    });
    expect((await run('validate', folder, '-o', 'github')).out).toMatch(
      /^::error file=.*flotilla\.yaml,line=3,col=8,title=unknownField::/,
    );
    expect(JSON.parse((await run('validate', folder, '-o', 'json')).out)).toMatchObject({
      items: [{ line: 3, column: 8 }],
      next: null,
    });
    const sarif = JSON.parse((await run('validate', folder, '-o', 'sarif')).out) as object;
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [{ results: [{ ruleId: 'unknownField', level: 'error' }] }],
    });
  });

  it('renders for the clusters of the repository, or for one by its labels, and masks Secrets', async () => {
    const folder = await fleet({ 'fleet/eu.yaml': CLUSTER, 'web/flotilla.yaml': APP, 'web/secret.yaml': SECRET });
    const all = await run('render', folder);
    expect(all).toMatchObject({ code: 0, out: expect.stringContaining('# web on eu-1') as string });
    expect(all.out).not.toContain(ENCODED);
    expect((await run('render', folder, '--show-secrets')).out).toContain(ENCODED);
    expect((await run('render', folder, '--cluster', 'us-1', '--label', 'env=prod', '-o', 'text')).out).toMatch(
      /^web on us-1 {3}1 object/,
    );
    expect((await run('render', folder, '--cluster', 'us-1', '--label', 'env=lab')).out).toBe('');
  });

  it('refuses folders and revisions that are not there', async () => {
    expect(await run('validate', '/nowhere/at/all')).toMatchObject({ code: 2, out: '' });
    expect(await run('validate', await fleet({}), '--rev', 'HEAD')).toMatchObject({ code: 2, out: '' });
    expect(await run('render', '--label', 'a=b')).toMatchObject({ code: 2, out: '' });
  });

  it('generates the least rights of an agent, as YAML only, and says no when they are not all', async () => {
    const app = 'kind: App\nmetadata: {name: web}\nspec: {targets: [{selector: env=prod}], serviceAccount: deployer}\n';
    const folder = await fleet({ 'fleet/eu.yaml': CLUSTER, 'web/flotilla.yaml': app, 'web/secret.yaml': SECRET });
    const { code, out } = await run('agent', 'rbac', folder);
    expect(code).toBe(0);
    expect(out).toMatch(/^apiVersion: v1\nkind: Namespace\n/);
    expect(out).toContain('name: flotilla-web-deployer');
    expect(out).not.toContain(ENCODED);
    await writeFile(join(folder, 'web/flotilla.yaml'), APP);
    expect(await run('agent', 'rbac', folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining('web has no spec.serviceAccount') as string,
    });
  });
});
