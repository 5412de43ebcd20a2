/**
 * Prints the folder with the programs of a real Kubernetes control plane, and builds them when they are not there yet:
 *
 *   export KUBEBUILDER_ASSETS=$(npm run --silent kubernetes:assets)
 */
import { ensureKubernetesAssets } from '@flotilla/testing';

try {
  const startedAt = performance.now();
  const folder = await ensureKubernetesAssets((line) => {
    console.error(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  });
  console.log(folder);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
