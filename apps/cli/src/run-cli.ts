import { Fault } from '@flotilla/domain';
import { Command, CommanderError } from 'commander';
import { addAccessCommands } from './commands/access.commands.js';
import { addAdoptCommands } from './commands/adopt.commands.js';
import { addAgentCommands } from './commands/agent.commands.js';
import { addAppCommands } from './commands/app.commands.js';
import { addClusterCommands } from './commands/cluster.commands.js';
import { addCompletionCommand } from './commands/completion.command.js';
import { addDescribeCommand } from './commands/describe.command.js';
import { addDiffCommand } from './commands/diff.command.js';
import { addDoctorCommand } from './commands/doctor.command.js';
import { addDriftCommands } from './commands/drift.commands.js';
import { addEventsCommand } from './commands/events.command.js';
import { addExplainCommand } from './commands/explain.command.js';
import { addFleetFolderCommands } from './commands/fleet-folder.commands.js';
import { addGetCommand } from './commands/get.command.js';
import { addHubCommands } from './commands/hub.commands.js';
import { addRemovalCommands } from './commands/removal.commands.js';
import { addRolloutCommands } from './commands/rollout.commands.js';
import { addSourceCommands } from './commands/source.commands.js';
import { addStatusCommand } from './commands/status.command.js';
import { addTokenCommands } from './commands/token.commands.js';
import { addVersionCommand } from './commands/version.command.js';
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
  addDescribeCommand,
  addWhyCommand,
  addWaitCommand,
  addEventsCommand,
  addDiffCommand,
  addExplainCommand,
  addRolloutCommands,
  addAppCommands,
  addDriftCommands,
  addAdoptCommands,
  addRemovalCommands,
  addClusterCommands,
  addSourceCommands,
  addHubCommands,
  addTokenCommands,
  addFleetFolderCommands,
  addAccessCommands,
  addAgentCommands,
  addDoctorCommand,
  addVersionCommand,
  addCompletionCommand,
] as const;

function buildProgram(surroundings: Surroundings, answer: Answer): Command {
  const { environment, streams } = surroundings;
  const program = new Command('flotilla')
    .description('Fleet health and rollouts of a Flotilla hub.')
    .option('--context <name>', 'another hub than the current one')
    .exitOverride()
    .configureOutput({ writeOut: (text) => streams.out(text), writeErr: (text) => streams.err(text) })
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
  if (!(error instanceof CliError)) return reportUnexpected(error, streams);
  streams.err(`error: ${error.message}\n`);
  if (error.hint !== undefined) streams.err(`do:    ${error.hint}\n`);
  return EXIT[error.exit];
}

/** A bug or a broken machine: one line, never a stack. */
function reportUnexpected(error: unknown, streams: Streams): number {
  const text = error instanceof Error ? error.message : String(error);
  streams.err(`error: ${text.split('\n')[0] ?? ''}\n`);
  if (error instanceof Fault && error.hint !== undefined) streams.err(`do:    ${error.hint}\n`);
  return error instanceof Fault && error.code === 'timeout' ? EXIT.timeout : EXIT.usage;
}
