import type { Command } from 'commander';
import { parseDuration } from './duration.js';
import type { CommandContext } from '../run-cli.js';
import type { ActOptions } from './act-options.js';
import { withActOptions } from './act-options.js';
import { actOn } from './act-on.js';

interface AppActOptions extends ActOptions {
  readonly cluster?: string;
  readonly for?: string;
}

/** app suspend, resume. */
export function addAppCommands(program: Command, { session }: CommandContext): void {
  const app = program.command('app').description('Act on apps');
  withActOptions(app.command('suspend <app>').description('Stop applying and healing it for a while'))
    .option('--cluster <cluster>', 'only on this cluster')
    .option('--for <duration>', 'at most 24h', '1h')
    .action((name: string, options: AppActOptions) => {
      parseDuration(options.for ?? '1h');
      return actOn(session(), { app: name, name: 'suspend', kind: 'suspendApp', options });
    });
  withActOptions(app.command('resume <app>').description('End a suspension'))
    .option('--cluster <cluster>', 'only on this cluster')
    .action((name: string, options: AppActOptions) =>
      actOn(session(), { app: name, name: 'resume', kind: 'resumeApp', options }),
    );
}
