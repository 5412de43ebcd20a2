import { execFile } from 'node:child_process';
import { chmod, cp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FleetRepository {
  /** Bare repository that the hub follows. */
  readonly url: string;
  /** A clone to work in; `git push` goes to the bare one. */
  readonly clone: string;
}

/** Makes the fleet repository from the example, once. */
export async function openFleetRepository(folder: string, example: string): Promise<FleetRepository> {
  const bare = join(folder, 'fleet.git');
  const clone = join(folder, 'fleet');
  const known = await stat(join(clone, '.git')).catch(() => undefined);
  if (!known) await create({ bare, clone, example });
  return { url: `file://${bare}`, clone };
}

async function create({ bare, clone, example }: { bare: string; clone: string; example: string }): Promise<void> {
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  await cp(example, clone, { recursive: true });
  const git = (...args: string[]): Promise<unknown> => run('git', ['-C', clone, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'ana');
  await git('config', 'user.email', 'ana@acme.example');
  await writeFile(join(clone, '.git', 'info', 'exclude'), '*.bak\n');
  await git('remote', 'add', 'origin', bare);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Start the fleet: web 1.4.0, telemetry 0.9.2');
  await git('push', '--quiet', '--set-upstream', 'origin', 'main');
}

/** After each push the repository tells the hub, as a Git server does by a webhook. */
export async function installWebhook(folder: string, hubUrl: string, tokenFile: string): Promise<void> {
  const script = `fetch('${hubUrl}/api/v1/webhooks/fleet', {method: 'POST', headers: {authorization: 'Bearer ' + require('fs').readFileSync('${tokenFile}', 'utf8').trim()}}).catch(() => {})`;
  const hook = join(folder, 'fleet.git', 'hooks', 'post-receive');
  await writeFile(hook, `#!/bin/sh\nexec '${process.execPath}' -e "${script}"\n`);
  await chmod(hook, 0o755);
}
