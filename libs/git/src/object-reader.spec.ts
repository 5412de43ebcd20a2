import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitEnvironment } from './config/git-environment.js';
import { ObjectReader } from './object-reader.js';
import { parseCommit, parseTree } from './parse-object.js';

const exec = promisify(execFile);
let folder = '';

async function git(...args: string[]): Promise<string> {
  const { stdout } = await exec('git', ['-C', folder, ...args], { env: gitEnvironment() });
  return stdout.trim();
}

async function store(content: string | Buffer): Promise<string> {
  await writeFile(join(folder, 'file'), content);
  return git('hash-object', '-w', 'file');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-objects-'));
  await git('init', '--quiet', '.');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('ObjectReader', () => {
  it('answers many at once, each with its own, whatever their size and bytes', async () => {
    const contents = [
      Buffer.alloc(0),
      Buffer.from('a\n'),
      Buffer.alloc(300_000, 'x\n'),
      Buffer.from([0, 10, 255, 10, 0]),
      Buffer.from('ü'),
    ];
    const ids: string[] = [];
    for (const [index, content] of contents.entries()) ids[index] = await store(content);
    using reader = new ObjectReader(join(folder, '.git'));
    const wanted = Array.from({ length: 200 }, (_, index) => index % contents.length);
    const found = await Promise.all(wanted.map((index) => reader.read(ids[index] ?? '')));
    const same = found.map(({ content }, index) => content.equals(contents[wanted[index] ?? 0] ?? Buffer.from('?')));
    expect(same).toEqual(wanted.map(() => true));
  });

  it('says what is not there, and goes on', async () => {
    const id = await store('here');
    using reader = new ObjectReader(join(folder, '.git'));
    const nothing = '0'.repeat(40);
    expect(await Promise.all([reader.find(nothing), reader.find(id), reader.find('no/such/ref')])).toMatchObject([
      undefined,
      { id },
      undefined,
    ]);
    await expect(reader.read(nothing)).rejects.toThrow('there is no Git object');
    await expect(reader.find(`${id}\n${id}`)).rejects.toThrow('control characters');
  });

  it('starts again after its process ended', async () => {
    const id = await store('again');
    using reader = new ObjectReader(join(folder, '.git'));
    await reader.read(id);
    (reader as unknown as { child: { kill(): void } }).child.kill();
    await expect.poll(() => (reader as unknown as { child: unknown }).child).toBeUndefined();
    expect((await reader.read(id)).content.toString()).toBe('again');
  });

  it('fails whoever waits when there is no repository', async () => {
    using reader = new ObjectReader(join(folder, 'none'));
    await expect(reader.read('HEAD')).rejects.toThrow();
  });
});

describe('parseCommit', () => {
  it('reads author, subject and time, also of signed commits and odd names', () => {
    const head = [
      'tree aa',
      'parent bb',
      'author Ana <Díaz <a@x> 1700000000 +0100',
      'committer ci <c@x> 1700000100 -0200',
    ];
    const signed = Buffer.from(
      `${head.join('\n')}\ngpgsig -----BEGIN\n author Eve <e@x> 1 +0000\n -----END\n\n\n  web 1.5 \n\nbody\n`,
    );
    expect(parseCommit('cc', signed)).toEqual({
      id: 'cc',
      tree: 'aa',
      author: 'Ana',
      subject: 'web 1.5',
      committedAt: 1_700_000_100_000,
    });
    expect(parseCommit('cc', Buffer.from('tree aa\n\n')).subject).toBe('');
  });
});

describe('parseTree', () => {
  it('tells files, folders, links and submodules apart', async () => {
    const entry = (mode: string, name: string): Buffer =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, 1)]);
    const tree = Buffer.concat([
      entry('100644', 'a b'),
      entry('100755', 'x'),
      entry('40000', 'd'),
      entry('120000', 'l'),
      entry('160000', 's'),
    ]);
    expect(parseTree(tree, 20).map(({ name, type }) => `${type} ${name}`)).toEqual([
      'file a b',
      'file x',
      'folder d',
      'link l',
      'submodule s',
    ]);
  });
});
