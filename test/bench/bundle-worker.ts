import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'flotilla-bench');

/**
 * One plain file of a worker and the sources it imports, with the built libraries beside it: what is measured is not to
 * share the machine with a loader that compiles, or with the names it keeps for every function made.
 * @returns the file's path.
 */
export async function bundleWorker(source: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const outfile = join(FOLDER, `${source.replace(/^.*\/|\.ts$/g, '')}.mjs`);
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}
