import { Command, CommanderError } from 'commander';
import { addAccessCommands } from './commands/access.commands.js';
import { addClusterCommands } from './commands/cluster.commands.js';
import { addGetCommand } from './commands/get.command.js';
import { addRolloutCommands } from './commands/rollout.commands.js';
import { addSourceCommands } from './commands/source.commands.js';
import { addStatusCommand } from './commands/status.command.js';
import { addTokenCommands } from './commands/token.commands.js';
import { addWaitCommand } from './commands/wait.command.js';
import { addWhyCommand } from './commands/why.command.js';
import type { Environment } from './config/environment.js';
import { CliError, EXIT } from './exit.js';
import type { Streams } from './session.js';
import { Session } from './session.js';

export interface Surroundings {
  readonly environment: Environment;
  readonly streams: Streams;
}

/** Runs one command line. Resolves with the exit code. */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { streams } = surroundings;
  let code: number = EXIT.yes;
  const program = buildProgram(surroundings, (exit) => (code = exit));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, streams);
  }
}

/** Set by commands whose answer is no. */
export type Answer = (exit: number) => void;

/** What every command is given. */
export interface CommandContext {
  readonly session: () => Session;
  readonly answer: Answer;
}

const COMMANDS = [
  addStatusCommand,
  addGetCommand,
  addWhyCommand,
  addWaitCommand,
  addRolloutCommands,
  addClusterCommands,
  addSourceCommands,
  addTokenCommands,
  addAccessCommands,
] as const;

function buildProgram(surroundings: Surroundings, answer: Answer): Command {
  const { environment, streams } = surroundings;
  const program = new Command('flotilla')
    .description('Fleet health and rollouts of a Flotilla hub.')
    .option('--context <name>', 'another hub than the current one')
    .exitOverride()
    .configureOutput({ writeOut: streams.out, writeErr: streams.err })
    .showSuggestionAfterError()
    .enablePositionalOptions();
  const session = (): Session =>
    new Session(environment, streams, program.opts<{ context?: string }>().context ?? environment.context);
  const context: CommandContext = { session, answer };
  for (const add of COMMANDS) add(program, context);
  return program;
}

function report(error: unknown, streams: Streams): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage;
  if (!(error instanceof CliError)) throw error;
  streams.err(`error: ${error.message}\n`);
  if (error.hint !== undefined) streams.err(`do:    ${error.hint}\n`);
  return EXIT[error.exit];
}
