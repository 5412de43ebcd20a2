import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEnvironment } from '../config/environment.js';
import { runCli } from '../run-cli.js';

const run = promisify(execFile);
let folder: string;

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function commit(): Promise<void> {
  const who = ['-c', 'user.name=ana', '-c', 'user.email=ana@acme.example'];
  await run('git', ['-C', folder, 'add', '-A']);
  await run('git', ['-C', folder, ...who, 'commit', '--quiet', '-m', 'change']);
}

async function plan(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(['plan', folder, ...args], { environment: readEnvironment({}, {}), streams });
  return { code, out, err };
}

const secret = (value: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {password: "${value}"}\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-plan-'));
  await run('git', ['init', '--quiet', '--initial-branch=main', folder]);
  await write(
    'fleet/clusters.yaml',
    'kind: Cluster\nmetadata: {name: eu-1}\n---\nkind: Cluster\nmetadata: {name: us-1}\n',
  );
  await write('web/flotilla.yaml', 'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}]}\n');
  await write('web/web.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: "1"}\n');
  await write('web/key.yaml', secret('hunter1'));
  await commit();
});

afterAll(() => rm(folder, { recursive: true }));

it('says nothing, and exits 0, when no cluster gets anything else', async () => {
  expect(await plan()).toEqual({ code: 0, out: '', err: 'Nothing changes on any cluster.\n' });
});

it('tells what the folder would change, of Secrets keys only', async () => {
  await write('web/web.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: "2"}\n');
  await write('web/key.yaml', secret('hunter2'));
  const { code, out, err } = await plan();
  expect(code).toBe(1);
  expect(out).toBe(
    [
      'web   changes on eu-1, us-1',
      '  ~ ConfigMap web',
      '      ~ data.a  1 → 2',
      '  ~ Secret key',
      '      ~ data.password',
      '',
    ].join('\n'),
  );
  expect(err).toMatch(/^1 app, 2 clusters\./);
});

it('tells it between two revisions, in every format', async () => {
  await commit();
  expect((await plan()).code).toBe(0);
  const { items, next } = JSON.parse((await plan('--rev', 'HEAD~1..HEAD', '-o', 'json')).out) as {
    items: object[];
    next: null;
  };
  expect(items).toMatchObject([{ app: 'web', change: 'changed', clusters: ['eu-1', 'us-1'] }]);
  expect(next).toBeNull();
  const { out } = await plan('--rev', 'HEAD~1..HEAD', '-o', 'github');
  expect(out).toMatch(/^::notice file=.*web\/flotilla\.yaml,line=1,col=1,title=plan\.changed::web /);
  const { runs } = JSON.parse((await plan('--rev', 'HEAD~1..HEAD', '-o', 'sarif')).out) as {
    runs: { results: { level: string }[] }[];
  };
  expect(runs[0]?.results).toMatchObject([{ level: 'note', ruleId: 'plan.changed' }]);
  expect(JSON.stringify([items, out, runs])).not.toMatch(/hunter|aHVudGVy/);
  expect((await plan('--rev', 'HEAD..HEAD~1', '--app', 'dns')).code).toBe(0);
});

it('shows problems, and keeps what they are about', async () => {
  await write('web/flotilla.yaml', 'kind: App\nmetadata: {name: web}\nspec: {targts: [{all: true}]}\n');
  const { code, out, err } = await plan();
  expect(code).toBe(1);
  expect(out).toMatch(/^web {3}is frozen on eu-1, us-1; it keeps what it has: .*unknown field "targts"\n$/);
  expect(err).toMatch(/web\/flotilla\.yaml:3:8 {3}error/);
});

it('an app that is gone runs on until somebody decides', async () => {
  await rm(join(folder, 'web'), { recursive: true });
  expect((await plan()).out).toMatch(/^web {3}leaves eu-1, us-1; .*until somebody decides \(onDelete: ask\)\n {2}- /);
});

it.each([['nope..HEAD'], ['HEAD...HEAD~1'], ['..HEAD']])('--rev %s is bad usage', async (rev) => {
  expect((await plan('--rev', rev)).code).toBe(2);
});
