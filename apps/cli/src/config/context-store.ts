import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from '../exit.js';

/** A hub and the token for it. */
export interface HubContext {
  readonly url: string;
  readonly token: string;
}

export interface Contexts {
  readonly current: string | undefined;
  readonly contexts: Readonly<Record<string, HubContext>>;
}

const NONE: Contexts = { current: undefined, contexts: {} };

/** @throws CliError when the file is there and cannot be read as contexts. */
export async function loadContexts(file: string): Promise<Contexts> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new CliError('usage', `${file}: ${error.message}`);
  });
  if (text === undefined) return NONE;
  try {
    return { ...NONE, ...(JSON.parse(text) as Contexts) };
  } catch {
    throw new CliError('usage', `${file}: not valid JSON`, 'remove it and log in again');
  }
}

/** Written beside and renamed, readable by its owner only: it holds tokens. */
export async function saveContexts(file: string, contexts: Contexts): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, file);
}
