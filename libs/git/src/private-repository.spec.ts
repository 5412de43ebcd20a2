import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { treeAt } from './commit-tree.js';
import { gitEnvironment } from './config/git-environment.js';
import { GitMirror } from './git-mirror.js';
import { parseCredentials, readCredentials } from './read-credentials.js';

const exec = promisify(execFile);
const BACKEND = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
const IDENTITY = ['-c', 'user.name=ana', '-c', 'user.email=ana@acme.example'];

/** A private repository behind a Git server that asks for a name and a password, as hosted ones do. */
class PrivateServer implements AsyncDisposable {
  /** What callers sent: `name:password`, or empty. */
  readonly asked: string[] = [];

  private constructor(
    readonly folder: string,
    private readonly wanted: string,
    private readonly server: Server,
  ) {}

  static async start(wanted: string): Promise<PrivateServer> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-https-'));
    const env = gitEnvironment();
    await mkdir(join(folder, 'work'));
    await writeFile(join(folder, 'work', 'a.yaml'), 'a: 1\n');
    await exec('git', ['-C', join(folder, 'work'), 'init', '--quiet', '--initial-branch=main'], { env });
    await exec('git', ['-C', join(folder, 'work'), 'add', '--all'], { env });
    await exec('git', ['-C', join(folder, 'work'), ...IDENTITY, 'commit', '--quiet', '-m', 'first'], { env });
    await exec('git', ['clone', '--quiet', '--bare', join(folder, 'work'), join(folder, 'fleet.git')], { env });
    const started: PrivateServer = new PrivateServer(
      folder,
      wanted,
      createServer((request, response) => started.answer(request, response)),
    );
    await new Promise<void>((resolve) => started.server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/fleet.git`;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const sent = Buffer.from(encoded, 'base64').toString();
    this.asked.push(sent);
    if (sent === this.wanted) return this.serve(request, response);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no');
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? '/', this.url);
    const child = spawn(BACKEND, {
      env: {
        ...gitEnvironment(),
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      },
    });
    request.pipe(child.stdin);
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('close', () => {
      const all = Buffer.concat(parts);
      const end = all.indexOf('\r\n\r\n');
      for (const line of all.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name !== 'Status') response.setHeader(name, value);
      }
      response.end(all.subarray(end + 4));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}

const MAIN = { branch: 'main' };

describe('a private repository', () => {
  it('is fetched with the credentials of a file, which may change', async () => {
    await using server = await PrivateServer.start('x-token-auth:geheim-2');
    const file = join(server.folder, 'token');
    await writeFile(file, 'username=x-token-auth\npassword=geheim-1\n');
    using mirror = await GitMirror.open({
      folder: join(server.folder, 'mirror'),
      url: server.url,
      credentials: () => readCredentials(file),
    });
    const refusal = await mirror.fetch(MAIN).catch((error: Error) => error.message);
    expect(refusal).toMatch(/the Git server refuses the credentials/);
    expect(refusal).not.toContain('geheim');

    await writeFile(file, 'username=x-token-auth\npassword=geheim-2\n');
    const commit = await mirror.fetch(MAIN);
    expect(await mirror.remoteCommit(MAIN)).toBe(commit);
    const files = await (await treeAt(mirror.repository, commit)).list('');
    expect(files.map(({ path }) => path)).toEqual(['a.yaml']);
    const { stdout } = await exec('grep', ['-rl', 'geheim', join(server.folder, 'mirror')]).catch(() => ({
      stdout: '',
    }));
    expect(stdout, 'credentials stay out of the mirror').toBe('');
  });

  it('takes a token alone for any name', async () => {
    await using server = await PrivateServer.start('git:ghp_1');
    const folder = join(server.folder, 'mirror');
    using mirror = await GitMirror.open({
      folder,
      url: server.url,
      credentials: async () => Promise.resolve(parseCredentials('ghp_1\n')),
    });
    expect(await mirror.fetch(MAIN)).toMatch(/^[0-9a-f]{40}$/);
  });

  it('says that credentials are wanted, or cannot be read', async () => {
    await using server = await PrivateServer.start('git:ghp_1');
    using anonymous = await GitMirror.open({ folder: join(server.folder, 'a'), url: server.url });
    await expect(anonymous.fetch(MAIN)).rejects.toThrow(/refuses the credentials/);
    const credentials = () => readCredentials(join(server.folder, 'none'));
    using without = await GitMirror.open({ folder: join(server.folder, 'b'), url: server.url, credentials });
    await expect(without.fetch(MAIN)).rejects.toThrow(/no credentials can be read from .*none \(ENOENT\)/);
  });
});

describe('a server that takes the call and never answers', () => {
  it('is given up, and asked again later', async () => {
    let isHanging = true;
    await using working = await PrivateServer.start('git:ghp_1');
    const target = new URL(working.url);
    const held = new Set<ServerResponse>();
    const front = createServer((request, response) => {
      if (isHanging) return void held.add(response);
      response.writeHead(302, { location: `http://${target.host}${request.url ?? ''}` }).end();
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    using mirror = await GitMirror.open({
      folder: join(working.folder, 'hung'),
      url: `http://127.0.0.1:${(front.address() as AddressInfo).port}/fleet.git`,
      credentials: async () => Promise.resolve(parseCredentials('ghp_1')),
      timeoutMs: 3_000,
    });
    await expect(mirror.fetch(MAIN)).rejects.toThrow('the Git server did not answer in time');
    expect(held.size).toBeGreaterThan(0);
    isHanging = false;
    expect(await mirror.fetch(MAIN)).toMatch(/^[0-9a-f]{40}$/);
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
  });
});

describe('parseCredentials', () => {
  it.each([
    ['ghp_abc\n', 'git', 'ghp_abc'],
    ['  glpat-a=b \r\n', 'git', 'glpat-a=b'],
    ['username=x-token-auth\npassword=a=b\n', 'x-token-auth', 'a=b'],
    ['protocol=https\nhost=h\nusername=u\r\npassword=p\r\n', 'u', 'p'],
    ['password=p', 'git', 'p'],
  ])('reads %j', (text, username, password) => {
    expect(parseCredentials(text)).toEqual({ username, password });
  });

  it.each(['', '\n', 'password=\n', 'token\nanother\n', 'username=u\n'.concat('token\n')])('refuses %j', (text) => {
    expect(() => parseCredentials(text)).toThrow(/empty|more than one line/);
  });
});
