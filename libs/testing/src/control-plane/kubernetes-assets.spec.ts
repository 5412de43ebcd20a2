import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ensureKubernetesAssets } from './ensure-assets.js';
import {
  ASSETS,
  assetsCache,
  controlPlaneModule,
  findKubernetesAssets,
  kubernetesVersion,
} from './kubernetes-assets.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-assets-spec-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it('takes the folder that KUBEBUILDER_ASSETS names, when it is complete', async () => {
  vi.stubEnv('KUBEBUILDER_ASSETS', folder);
  for (const name of ASSETS) await writeFile(join(folder, name), '');
  expect(findKubernetesAssets()).toBe(folder);
  expect(await ensureKubernetesAssets()).toBe(folder);
});

it('says what the named folder lacks, instead of passing it over', async () => {
  vi.stubEnv('KUBEBUILDER_ASSETS', folder);
  await writeFile(join(folder, 'etcd'), '');
  await expect(ensureKubernetesAssets()).rejects.toThrow(
    `KUBEBUILDER_ASSETS=${folder} lacks kube-apiserver, kube-controller-manager, kube-scheduler, kwok, kubectl`,
  );
});

it('says how to get them when they are not there and Go is not either', async () => {
  vi.stubEnv('KUBEBUILDER_ASSETS', '');
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('PATH', folder);
  expect(findKubernetesAssets()).toBeUndefined();
  await expect(ensureKubernetesAssets()).rejects.toThrow(
    /set KUBEBUILDER_ASSETS .*install Go .*npm run kubernetes:assets/s,
  );
});

it('keeps what it built per version and content of the module', () => {
  vi.stubEnv('XDG_CACHE_HOME', folder);
  const module = controlPlaneModule();
  expect(kubernetesVersion(module)).toMatch(/^v1\.\d+\.\d+$/);
  const cache = assetsCache(module);
  expect(cache).toMatch(/flotilla\/kubernetes-assets\/v1\.\d+\.\d+-[0-9a-f]{12}$/);
  expect(assetsCache(module)).toBe(cache);
});
