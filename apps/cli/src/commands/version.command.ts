import type { Command } from 'commander';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { CLI_VERSION } from '../version.js';

interface VersionOptions extends TextOptions {
  readonly client?: boolean;
}

/** `flotilla version`: of this program and of the hub. */
export function addVersionCommand(program: Command, { session }: CommandContext): void {
  const command = program
    .command('version')
    .description('Version of this program and of the hub')
    .option('--client', 'only of this program');
  withTextOutput(command).action((options: VersionOptions) => version(session(), options));
}

async function version(session: Session, { client, output }: VersionOptions): Promise<void> {
  const hub = client === true ? null : await hubVersion(session);
  const words = (): string => `flotilla ${CLI_VERSION}${hub === null ? '' : `\nhub      ${hub}`}`;
  session.out(printAs({ client: CLI_VERSION, hub }, output, words));
}

/** Null when one is not logged in: then there is only one version to tell. */
async function hubVersion(session: Session): Promise<string | null> {
  const api = await session.api().catch((error: unknown) => {
    if (error instanceof CliError && error.exit === 'usage') return undefined;
    throw error;
  });
  return api ? (await bodyOf(api.GET('/api/v1/version'))).version : null;
}
