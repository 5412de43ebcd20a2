import type { Command } from 'commander';
import { Option } from 'commander';
import type { Change } from '../api/follow-changes.js';
import { followChanges } from '../api/follow-changes.js';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import { clean } from '../output/table.js';
import { printData } from '../output/format.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { parseDuration } from './duration.js';
import { eventLines } from './print-events.js';

interface EventOptions {
  readonly cluster?: string;
  readonly since?: string;
  readonly limit: string;
  readonly follow?: boolean;
  readonly output: 'text' | 'json';
}

/** `flotilla events [APP]`: what happened to targets, oldest first; `--follow` goes on with the live stream. */
export function addEventsCommand(program: Command, { session }: CommandContext): void {
  program
    .command('events [app]')
    .description('What happened to targets, oldest first; --follow goes on as it happens')
    .option('--cluster <cluster>', 'only on this cluster')
    .option('--since <duration>', 'only so far back, for example 1h')
    .option('--limit <n>', 'the newest so many', '50')
    .option('-f, --follow', 'go on with what happens; with -o json one object per line')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action((app: string | undefined, options: EventOptions) => events(session(), app, options));
}

async function events(session: Session, app: string | undefined, options: EventOptions): Promise<void> {
  const { cluster, since, follow, output } = options;
  if (since !== undefined) parseDuration(since);
  const filter = { ...(app === undefined ? {} : { app }), ...(cluster === undefined ? {} : { cluster }) };
  if (follow !== true || since !== undefined) {
    const query = { ...filter, limit: limitOf(options.limit), ...(since === undefined ? {} : { since }) };
    const page = await bodyOf((await session.api()).GET('/api/v1/events', { params: { query } }));
    showHistory(session, page, { output, follow: follow === true });
  }
  if (follow === true) await showLive(session, filter, output);
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= 1_000) return limit;
  throw new CliError('usage', `--limit ${text}: a whole number from 1 to 1000 is needed`);
}

interface HistoryOptions {
  readonly output: 'text' | 'json';
  readonly follow: boolean;
}

function showHistory(session: Session, page: Schemas['EventPageDto'], { output, follow }: HistoryOptions): void {
  if (output === 'json' && !follow) return session.out(printData(page, 'json'));
  const events = [...page.items].reverse();
  if (output === 'json') events.forEach((event) => session.out(JSON.stringify(event)));
  else eventLines(events).forEach((line) => session.out(line));
  if (page.items.length === 0 && !follow) session.err('No events.');
}

async function showLive(session: Session, filter: { app?: string; cluster?: string }, output: string): Promise<void> {
  const onLoss = ({ message }: CliError): void => session.err(`${message}; trying again`);
  let again = false;
  for await (const change of followChanges(await session.hub(), { ...filter, onLoss })) {
    if (change.kind === 'open') {
      if (again) session.err('following again; what happened in between: flotilla events');
      again = true;
    } else session.out(output === 'json' ? JSON.stringify(change) : changeLine(change));
  }
}

function changeLine({ at, message }: Change): string {
  return `${at}   ${clean(message)}`;
}
