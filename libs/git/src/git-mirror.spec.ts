import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile, mkdir, symlink, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { treeAt } from './commit-tree.js';
import { gitEnvironment } from './config/git-environment.js';
import { GitMirror } from './git-mirror.js';

const exec = promisify(execFile);
const AUTHOR = { GIT_AUTHOR_NAME: 'Ana Díaz', GIT_AUTHOR_EMAIL: 'ana@acme.example' };
const COMMITTER = { GIT_COMMITTER_NAME: 'ci', GIT_COMMITTER_EMAIL: 'ci@acme.example' };

/** A repository that people push to, and a mirror of it. */
class Remote implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Remote> {
    const remote = new Remote(await mkdtemp(join(tmpdir(), 'flotilla-git-')));
    await remote.git('init', '--quiet', '--initial-branch=main', remote.work);
    return remote;
  }

  get work(): string {
    return join(this.folder, 'work');
  }

  async git(...args: string[]): Promise<string> {
    const env = gitEnvironment({ ...AUTHOR, ...COMMITTER });
    const { stdout } = await exec('git', ['-C', args[0] === 'init' ? this.folder : this.work, ...args], { env });
    return stdout.trim();
  }

  async push(files: Readonly<Record<string, string>>, subject: string): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.work, path)), { recursive: true });
      await writeFile(join(this.work, path), content);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', subject);
    return this.git('rev-parse', 'HEAD');
  }

  async mirror(url = this.work): Promise<GitMirror> {
    return GitMirror.open({ folder: join(this.folder, 'mirror'), url });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const MAIN = { branch: 'main' };

describe('GitMirror', () => {
  it('fetches a branch and reads its commit, folders and files', async () => {
    await using remote = await Remote.make();
    const pushed = await remote.push(
      { 'apps/web/a.yaml': 'a: 1\n', 'apps/web/deep/b.yaml': 'b: ü\n', 'x.txt': '' },
      'first\n\nbody',
    );
    using mirror = await remote.mirror();
    expect(await mirror.remoteCommit(MAIN)).toBe(pushed);
    expect(await mirror.fetch(MAIN)).toBe(pushed);
    expect(await mirror.repository.commit(pushed)).toMatchObject({ author: 'Ana Díaz', subject: 'first', id: pushed });
    const tree = await treeAt(mirror.repository, pushed);
    const files = await tree.list('apps');
    expect(files.map((file) => file.path)).toEqual(['apps/web/a.yaml', 'apps/web/deep/b.yaml']);
    expect(Buffer.from(await tree.read(files[1]!)).toString()).toBe('b: ü\n');
    expect(await tree.folderId('apps/none')).toBeUndefined();
    expect(await tree.list('apps/web/a.yaml')).toEqual([]);
  });

  it('gives a folder the same id until something in it changes', async () => {
    await using remote = await Remote.make();
    const first = await remote.push({ 'web/a.yaml': '1', 'api/a.yaml': '1' }, 'first');
    const second = await remote.push({ 'api/a.yaml': '2' }, 'second');
    using mirror = await remote.mirror();
    await mirror.fetch(MAIN);
    const [before, after] = [await treeAt(mirror.repository, first), await treeAt(mirror.repository, second)];
    expect(await after.folderId('web')).toBe(await before.folderId('web'));
    expect(await after.folderId('api')).not.toBe(await before.folderId('api'));
  });

  it('sees a new commit through the reader that was open before', async () => {
    await using remote = await Remote.make();
    await remote.push({ a: '1' }, 'first');
    using mirror = await remote.mirror();
    await mirror.fetch(MAIN);
    const second = await remote.push({ a: '2' }, 'second');
    expect(await mirror.fetch(MAIN)).toBe(second);
  });

  it('keeps a pinned commit after a force-push and collection', async () => {
    await using remote = await Remote.make();
    await remote.push({ a: '1' }, 'first');
    const lost = await remote.push({ a: '2' }, 'second');
    using mirror = await remote.mirror();
    await mirror.fetch(MAIN);
    await mirror.pin(lost);
    await remote.git('reset', '--quiet', '--hard', 'HEAD~1');
    const other = await remote.push({ a: '3' }, 'third');
    expect(await mirror.fetch(MAIN)).toBe(other);
    await mirror.keepPins(new Set([lost]));
    expect(await mirror.has(lost)).toBe(true);
  });

  it('follows tags to their commit, and fixed commits', async () => {
    await using remote = await Remote.make();
    const tagged = await remote.push({ a: '1' }, 'first');
    await remote.git('tag', '-a', 'v1', '-m', 'one');
    await remote.push({ a: '2' }, 'second');
    using mirror = await remote.mirror();
    expect(await mirror.remoteCommit({ tag: 'v1' })).toBe(tagged);
    expect(await mirror.fetch({ tag: 'v1' })).toBe(tagged);
    expect(await mirror.fetch({ commit: tagged })).toBe(tagged);
  });

  it('runs no hook, checks nothing out, and shows links as links', async () => {
    await using remote = await Remote.make();
    await mkdir(join(remote.work, 'web'));
    await symlink('/etc/passwd', join(remote.work, 'web', 'link.yaml'));
    const commit = await remote.push({ 'web/a.yaml': '1' }, 'first');
    using mirror = await remote.mirror();
    await mkdir(join(remote.folder, 'mirror', 'hooks'), { recursive: true });
    const trap = join(remote.folder, 'trap');
    const hook = join(remote.folder, 'mirror', 'hooks', 'reference-transaction');
    await writeFile(hook, `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    await mirror.fetch(MAIN);
    expect(await readdir(remote.folder)).not.toContain('trap');
    const files = await (await treeAt(mirror.repository, commit)).list('web');
    expect(files.map(({ type }) => type)).toEqual(['file', 'link']);
  });

  it('says what is wrong with a remote, without credentials', async () => {
    await using remote = await Remote.make();
    await remote.push({ a: '1' }, 'first');
    using mirror = await remote.mirror();
    await expect(mirror.remoteCommit({ branch: 'none' })).rejects.toThrow('the remote has no branch none');
    await expect(mirror.fetch({ branch: 'none' })).rejects.toThrow('the ref does not exist there');
    using away = await remote.mirror(`file://${remote.folder}/away`);
    await expect(away.fetch(MAIN)).rejects.toThrow('there is no repository at this URL');
  });

  it.each([
    'ext::sh -c touch% /tmp/x',
    '--upload-pack=touch /tmp/x',
    'https://ana:geheim@git.example/fleet',
    'https://geheim@git.example/fleet',
    'ftp://git.example/fleet',
    'fleet',
    'file:///a\nb',
  ])('refuses %j', async (url) => {
    await using remote = await Remote.make();
    const refusal = await remote.mirror(url).catch((error: Error) => error.message);
    expect(refusal).toMatch(/Git URL|scheme|credentials/);
    expect(refusal).not.toContain('geheim');
  });
});
