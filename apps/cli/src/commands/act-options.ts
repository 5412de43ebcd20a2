import type { Command } from 'commander';

/** What every act takes. */
export interface ActOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly requestId?: string;
}

export function withActOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why, for the audit log')
    .option('--dry-run', 'only say whether it applies')
    .option('--request-id <id>', 'the same id again does nothing and answers the same');
}

/** The members of a request body that every act shares. */
export function actBody({ reason, dryRun, requestId }: ActOptions): {
  reason?: string;
  dryRun?: boolean;
  requestId?: string;
} {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
