import type { Dirent } from 'node:fs';
import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import type { FileTree, GivenFile } from '@flotilla/domain';
import { FilesTree } from '@flotilla/domain';
import { CliError } from '../exit.js';

const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Never part of a fleet, and often huge. */
const SKIPPED = new Set(['.git', 'node_modules']);

/** The files of a folder as they lie there, committed or not. @throws CliError usage */
export async function readFolder(folder: string): Promise<FileTree> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new CliError('usage', `${folder} is no folder here`);
  const files: GivenFile[] = [];
  await walk(folder, folder, files);
  return new FilesTree(files);
}

async function walk(root: string, folder: string, files: GivenFile[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await walk(root, path, files);
    else await readEntry(entry, { path, name: relative(root, path).split(sep).join(posix.sep) }, files);
  }
}

interface EntryPath {
  readonly path: string;
  /** Relative to the root, as Git has it. */
  readonly name: string;
}

async function readEntry(entry: Dirent, { path, name }: EntryPath, files: GivenFile[]): Promise<void> {
  if (entry.isSymbolicLink()) files.push({ path: name, content: await readlink(path), type: 'link' });
  if (!entry.isFile()) return;
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) return;
  files.push({ path: name, content: await readFile(path) });
}
