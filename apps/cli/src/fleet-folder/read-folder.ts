import type { Dirent } from 'node:fs';
import { open, readFile, readdir, readlink, stat } from 'node:fs/promises';
import type { FileTree, GivenFile } from '@flotilla/domain';
import { FilesTree } from '@flotilla/domain';
import { CliError } from '../exit.js';

/** What a hub reads of one file at most: of a larger one, just more than any reader of content takes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const TOO_MUCH_BYTES = 17 * 1024 * 1024;
/** Never part of a fleet, and often huge. */
const SKIPPED = new Set(['.git', 'node_modules']);

/** The files of a folder as they lie there, committed or not. @throws CliError usage */
export async function readFolder(folder: string): Promise<FileTree> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new CliError('usage', `${folder} is no folder here`);
  const files: GivenFile[] = [];
  await walk(Buffer.from(folder), '', files);
  return new FilesTree(files);
}

/** Names are bytes: one that is not UTF-8 can be opened all the same. */
async function walk(folder: Buffer, prefix: string, files: GivenFile[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const name = entry.name.toString();
    if (SKIPPED.has(name)) continue;
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) await walk(path, `${prefix}${name}/`, files);
    else await readEntry(entry, { path, name: `${prefix}${name}` }, files);
  }
}

interface EntryPath {
  readonly path: Buffer;
  /** Relative to the root, as Git has it. */
  readonly name: string;
}

async function readEntry(entry: Dirent<Buffer>, { path, name }: EntryPath, files: GivenFile[]): Promise<void> {
  if (entry.isSymbolicLink()) files.push({ path: name, content: await readlink(path), type: 'link' });
  if (!entry.isFile()) return;
  const content = await readContent(path);
  if (content !== undefined) files.push({ path: name, content });
}

/** Undefined when it has gone meanwhile: editors write beside and rename. */
async function readContent(path: Buffer): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    return size > MAX_FILE_BYTES ? await readHead(path) : await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readHead(path: Buffer): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer } = await file.read({ buffer: Buffer.alloc(TOO_MUCH_BYTES) });
  return buffer;
}
