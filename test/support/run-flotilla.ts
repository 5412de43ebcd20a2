import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The built command line program. */
export const FLOTILLA = join(import.meta.dirname, '..', '..', 'apps/cli/dist/flotilla.mjs');

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as a user does: a process of its own, no terminal, nothing in its environment but this. */
export function runFlotilla(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [FLOTILLA, ...args], { env: { ...env }, cwd }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

/**
 * A screen without what differs from run to run: ages are AGE, commits COMMIT, and columns stand two spaces apart, whatever
 * the widths of ages make of them.
 */
export function steadyScreen(text: string): string[] {
  const steady = text
    .replace(/\b(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+s\b|\b\d+[dhm](?:\d+[hm])?\b/g, 'AGE')
    .replace(/\b[0-9a-f]{7}\b/g, 'COMMIT')
    .replace(/ {2,}/g, '  ');
  return steady
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}
