import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  KWOK,
  assetsCache,
  assetsFromEnvironment,
  controlPlaneModule,
  kubernetesVersion,
  missingAssets,
} from './kubernetes-assets.js';

export type Progress = (line: string) => void;

const NO_GO = `The real control plane is neither there nor can it be built: set KUBEBUILDER_ASSETS to a folder with etcd,
kube-apiserver, kube-controller-manager, kube-scheduler, kwok and kubectl, or install Go (1.26 or newer, https://go.dev/dl)
and run \`npm run kubernetes:assets\`, which builds them once.`;

/**
 * Folder with the programs of a control plane: `KUBEBUILDER_ASSETS`, else the cache, else built into the cache from the Go
 * module proxy (minutes, once). @throws Error that says what to do when there is neither.
 */
export async function ensureKubernetesAssets(progress: Progress = () => undefined): Promise<string> {
  const given = assetsFromEnvironment();
  if (given !== undefined) return given;
  const module = controlPlaneModule();
  const folder = assetsCache(module);
  if (missingAssets(folder).length === 0) return folder;
  if (spawnSync('go', ['version']).status !== 0) throw new Error(NO_GO);
  mkdirSync(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, progress, () => buildAssets(module, folder, progress));
  return folder;
}

/** Builds beside the folder and moves it into place when complete: what is there is whole. */
async function buildAssets(module: string, folder: string, progress: Progress): Promise<void> {
  if (missingAssets(folder).length === 0) return;
  const version = kubernetesVersion(module);
  const fresh = mkdtempSync(`${folder}.building-`);
  // Without a version in the binary, kubectl cannot tell which server it talks to.
  const stamp = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
  try {
    progress(`building etcd and Kubernetes ${version} (8 minutes on 2 cores the first time)`);
    await go(['build', '-trimpath', '-v', '-ldflags', stamp, '-o', `${fresh}/`, './cmd/...'], {
      cwd: module,
      env: {},
      progress,
    });
    progress(`building ${KWOK}`);
    await go(['install', '-trimpath', '-v', '-ldflags', '-s -w', KWOK], {
      cwd: fresh,
      env: { GOBIN: fresh },
      progress,
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    progress(`built ${folder}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

interface GoOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly progress: Progress;
}

/** Runs Go. It prints each package it compiled: every hundredth is told, so that one sees it moves. */
async function go(args: string[], { cwd, env, progress }: GoOptions): Promise<void> {
  const child = spawn('go', args, {
    cwd,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let [packages, last] = [0, ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    last = (last + text).slice(-4000);
    const lines = text.split('\n').length - 1;
    if (Math.floor((packages + lines) / 100) > Math.floor(packages / 100)) progress(`  ${packages + lines} packages`);
    packages += lines;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`go ${args[0] ?? ''} failed:\n${last}`);
}

/** Two test files may start at once: one builds, the other waits. A lock left by a process that died is taken over. */
async function withLock(lock: string, progress: Progress, work: () => Promise<void>): Promise<void> {
  for (let told = false; !takeLock(lock); await delay(500)) {
    if (!told) progress('waiting for another build of the same');
    told = true;
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  if (existsSync(lock) && !isAlive(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
  // Linked into place with its content: nobody ever reads a lock without a holder.
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lock);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Whether there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
