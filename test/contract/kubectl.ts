import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackKubectl } from '@flotilla/render';
import { findKubernetesAssets } from '@flotilla/testing';
import type { Body, ContractCluster } from './contract-cluster.js';

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A kubectl that knows one cluster and nothing of this machine's configuration. */
export interface Kubectl extends AsyncDisposable {
  /** Runs it; the objects, when given, are its standard input. Its exit code is part of the answer. */
  (args: readonly string[], objects?: readonly Body[]): Promise<KubectlResult>;
}

export async function useKubectl(cluster: Pick<ContractCluster, 'writeKubeconfig'>): Promise<Kubectl> {
  const program = await findKubectl();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-kubectl-'));
  const kubeconfig = join(folder, 'config');
  await cluster.writeKubeconfig(kubeconfig);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: kubeconfig };
  const run = (args: readonly string[], objects?: readonly Body[]): Promise<KubectlResult> =>
    new Promise((resolve) => {
      const child = execFile(program, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
        resolve({ code, stdout, stderr });
      });
      child.stdin?.end(objects?.map((object) => JSON.stringify(object)).join('\n---\n'));
    });
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return Object.assign(run, { [Symbol.asyncDispose]: dispose });
}

/** The one built with the control plane, else the one that npm installed, else the one on PATH. */
async function findKubectl(): Promise<string> {
  const assets = findKubernetesAssets();
  if (assets !== undefined) return join(assets, 'kubectl');
  const packaged = await unpackKubectl(join(tmpdir(), 'flotilla-tools'));
  if (packaged !== undefined) return packaged;
  if (spawnSync('kubectl', ['version', '--client']).status === 0) return 'kubectl';
  throw new Error('there is no kubectl here: install it, or run `npm run kubernetes:assets`');
}
