import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';

/** The first program of these names on PATH. */
export function findOnPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/**
 * Environment of a renderer: nothing of ours, a home of its own, and no way out. Without PATH it can start no program
 * (`git` for a remote base), and every proxy leads nowhere.
 */
export function renderEnvironment(home: string, memoryMb: number): Record<string, string> {
  return {
    HOME: home,
    TMPDIR: home,
    PATH: home,
    LC_ALL: 'C',
    GOMEMLIMIT: `${Math.floor(memoryMb * 0.8)}MiB`,
    GOMAXPROCS: '2',
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '',
    KUBECONFIG: '/dev/null',
  };
}
