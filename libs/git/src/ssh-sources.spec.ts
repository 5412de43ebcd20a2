import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gitEnvironment } from './config/git-environment.js';
import { GitMirror } from './git-mirror.js';
import { readCredentials } from './read-credentials.js';
import { sshCommand } from './ssh-command.js';

const exec = promisify(execFile);
const MAIN = { branch: 'main' };
const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nZ2VoZWlt\n-----END OPENSSH PRIVATE KEY-----\n';
const hasSsh = ((): boolean => {
  try {
    return execFileSync('ssh', ['-V'], { stdio: 'pipe' }) !== undefined;
  } catch {
    return false;
  }
})();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla ssh '));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Puts a program named `ssh` first in PATH: it notes what it was called with, then does what the script says. */
async function standIn(script: string): Promise<() => Promise<string>> {
  await mkdir(join(folder, 'bin'));
  const [program, noted] = [join(folder, 'bin', 'ssh'), join(folder, 'noted')];
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${noted}'\n${script}\n`);
  await chmod(program, 0o755);
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
  return () => readFile(noted, 'utf8');
}

async function keyFile(name = 'apps-key'): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, KEY, { mode: 0o600 });
  await writeFile(`${file}.known_hosts`, 'git.example ssh-ed25519 AAAA\n');
  return file;
}

async function repository(files = 0): Promise<string> {
  const bare = join(folder, 'fleet.git');
  const env = { ...gitEnvironment(), GIT_AUTHOR_NAME: 'ana', GIT_AUTHOR_EMAIL: 'ana@acme.example' };
  const committer = { GIT_COMMITTER_NAME: 'ana', GIT_COMMITTER_EMAIL: 'ana@acme.example' };
  const git = (...args: string[]): Promise<{ stdout: string }> =>
    exec('git', ['-C', bare, ...args], { env: { ...env, ...committer } });
  await mkdir(bare);
  await git('init', '--quiet', '--bare', '--initial-branch=main');
  const names = Array.from({ length: files }, (_, i) => join(folder, `file-${i}`));
  for (const name of names) await writeFile(name, randomBytes(4_000));
  if (files > 0) await git('--work-tree', folder, 'add', '--', ...names);
  const { stdout: tree } = await git('write-tree');
  const { stdout: commit } = await git('commit-tree', tree.trim(), '-m', 'first');
  await git('update-ref', 'refs/heads/main', commit.trim());
  return bare;
}

const mirrorOf = (url: string, file?: string, timeoutMs = 60_000): Promise<GitMirror> =>
  GitMirror.open({
    folder: join(folder, 'mirror'),
    url,
    timeoutMs,
    ...(file === undefined ? {} : { credentials: () => readCredentials(file) }),
  });

const urlOf = (bare: string): string => `ssh://git@git.example${bare.replaceAll(' ', '%20')}`;
/** The last argument is what the server is to run. */
const RUN_LOCALLY = 'for command; do :; done; eval "$command"';
/** All of a small repository takes longer than the silence that is borne below. */
const IN_PIECES = `
  (async () => {
    for await (const chunk of process.stdin)
      for (let at = 0; at < chunk.length; at += 32_000) {
        process.stdout.write(chunk.subarray(at, at + 32_000));
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
  })();`;

describe('a source over ssh', () => {
  it('is fetched with the key of a file and the host keys beside it, and with nothing else', async () => {
    const file = await keyFile();
    const bare = await repository();
    const noted = await standIn(RUN_LOCALLY);
    using mirror = await mirrorOf(urlOf(bare), file);
    expect(await mirror.fetch(MAIN)).toMatch(/^[0-9a-f]{40}$/);
    const args = await noted();
    expect(args).toContain('StrictHostKeyChecking=yes');
    expect(args).toContain('BatchMode=yes');
    expect(args).toContain(`IdentityFile="${file}"`);
    expect(args).toContain(`UserKnownHostsFile="${file}.known_hosts"`);
    expect(args).not.toContain('Z2VoZWlt');
  });

  it.skipIf(!hasSsh)('ssh itself reads the command as it is meant', async () => {
    const file = await keyFile("it's 100%h");
    const command = sshCommand(await readCredentials(file).then((found) => ('keyFile' in found ? found : undefined)));
    const { stdout } = await exec('/bin/sh', ['-c', `${command} -F none -G git.example`]);
    const quoted = file.replaceAll('%', '%%');
    for (const line of [`identityfile ${quoted}`, `userknownhostsfile ${file}.known_hosts`, 'identityagent none']) {
      expect(stdout.split('\n')).toContain(line);
    }
    for (const name of ['stricthostkeychecking', 'identitiesonly', 'batchmode']) {
      expect(stdout).toMatch(new RegExp(`^${name} (true|yes)$`, 'm'));
    }
  });

  // What OpenSSH 9.2 says.
  const failures: [string, RegExp][] = [
    [
      'No ED25519 host key is known for git.example and you have requested strict checking.\r\nHost key verification failed.',
      /^the host key of the Git server is not known/,
    ],
    [
      '@@@@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key for git.example has changed and you have requested strict checking.\r\nHost key verification failed.',
      /^the Git server has another host key/,
    ],
    [
      '@@@@\n@ WARNING: UNPROTECTED PRIVATE KEY FILE! @\nPermissions 0644 for /k are too open.\nLoad key "/k": bad permissions\ngit@git.example: Permission denied (publickey).',
      /^the ssh key may be read by others/,
    ],
    [
      'Load key "/k": error in libcrypto\r\ngit@git.example: Permission denied (publickey).',
      /^the ssh key cannot be read/,
    ],
    [
      'git@git.example: Permission denied (publickey).',
      /^the Git server refuses the credentials \(git@git.example: Permission denied/,
    ],
    [
      'ssh: Could not resolve hostname git.example: Name or service not known',
      /^the Git server cannot be reached \(ssh: /,
    ],
  ];

  it.each(failures)('says what is wrong: %j', async (said, message) => {
    const file = await keyFile();
    await standIn(`printf '%s\\n' '${said}' >&2; exit 255`);
    using mirror = await mirrorOf('git@git.example:acme/fleet.git', file);
    await expect(mirror.fetch(MAIN)).rejects.toThrow(message);
  });

  it('is waited for while it arrives, however long that takes', async () => {
    const bare = await repository(150);
    await standIn(`${RUN_LOCALLY} | '${process.execPath}' -e '${IN_PIECES}'`);
    using mirror = await mirrorOf(urlOf(bare), await keyFile(), 3_000);
    expect(await mirror.fetch(MAIN)).toMatch(/^[0-9a-f]{40}$/);
  });

  it('takes no token, nor https a key', async () => {
    const token = join(folder, 'token');
    await writeFile(token, 'ghp_geheim\n');
    using ssh = await mirrorOf('git@git.example:acme/fleet.git', token);
    await expect(ssh.fetch(MAIN)).rejects.toThrow('the credentials are a token, and this URL needs a private key');
    using https = await mirrorOf('https://git.example/acme/fleet.git', await keyFile());
    await expect(https.fetch(MAIN)).rejects.toThrow(
      'the credentials are an ssh key, and this URL needs an access token',
    );
  });
});
