/** What the CLI tells the shell. One table for every command (docs/spec/cli.md). */
export const EXIT = {
  yes: 0,
  no: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  timeout: 5,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT;

/** A failure for a person: what is wrong, and what to do about it. */
export class CliError extends Error {
  constructor(
    readonly exit: ExitName,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
