import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs of a control plane, as files of one folder: the convention of controller tests. */
export const ASSETS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'kubectl',
] as const;
export type Asset = (typeof ASSETS)[number];

/** What is built: the Go module beside `test/kubernetes`, and kwok, which is a module of its own. */
export const KWOK = 'sigs.k8s.io/kwok/cmd/kwok@v0.8.0';

/** Folder of the Go module that requires the control plane. @throws Error outside a checkout of the repository. */
export function controlPlaneModule(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const module = join(folder, 'test', 'kubernetes', 'control-plane');
    if (existsSync(join(module, 'go.mod'))) return module;
  }
  throw new Error('test/kubernetes/control-plane is not here: run from a checkout of the repository');
}

/** Version of Kubernetes that the module requires, as `v1.36.3`. */
export function kubernetesVersion(module: string): string {
  const found = /k8s\.io\/kubernetes (v[\d.]+)/.exec(readFileSync(join(module, 'go.mod'), 'utf8'));
  if (!found?.[1]) throw new Error(`${module}/go.mod names no version of k8s.io/kubernetes`);
  return found[1];
}

/** Where built assets lie: one folder per version, and per content of the module, so that a changed one is built anew. */
export function assetsCache(module: string): string {
  const hash = createHash('sha256').update(KWOK).update(`${process.platform}-${process.arch}`);
  const mains = readdirSync(join(module, 'cmd')).map((name) => join('cmd', name, 'main.go'));
  for (const file of ['go.mod', 'go.sum', ...mains.sort()]) hash.update(file).update(readFileSync(join(module, file)));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const name = `${kubernetesVersion(module)}-${hash.digest('hex').slice(0, 12)}`;
  return join(cache, 'flotilla', 'kubernetes-assets', name);
}

/** Assets that the folder lacks. */
export function missingAssets(folder: string): Asset[] {
  return ASSETS.filter((name) => !existsSync(join(folder, name)));
}

/** Folder of a control plane's programs when they are there already: nothing is built. */
export function findKubernetesAssets(): string | undefined {
  const given = assetsFromEnvironment();
  if (given !== undefined) return given;
  const cached = assetsCache(controlPlaneModule());
  return missingAssets(cached).length === 0 ? cached : undefined;
}

/**
 * The folder named by `KUBEBUILDER_ASSETS`, when it is set.
 * @throws Error when it is set and lacks something: a wrong setting is never passed over in silence.
 */
export function assetsFromEnvironment(): string | undefined {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || folder === '') return undefined;
  const missing = missingAssets(folder);
  if (missing.length > 0) throw new Error(`KUBEBUILDER_ASSETS=${folder} lacks ${missing.join(', ')}`);
  return folder;
}
