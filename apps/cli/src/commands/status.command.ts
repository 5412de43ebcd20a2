import type { Command } from 'commander';
import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { lookOnChange } from './look-on-change.js';
import type { Status } from './print-status.js';
import { ATTENTION, printStatus } from './print-status.js';

interface StatusOptions extends TextOptions {
  readonly watch?: boolean;
}

/** `flotilla status`: one screen; what needs a person comes first. Exit 1 when something is not healthy. */
export function addStatusCommand(program: Command, { session, answer }: CommandContext): void {
  const command = program
    .command('status')
    .description('Health of the fleet on one screen; what needs a person comes first')
    .option('-w, --watch', 'again whenever something changes; with -o json one object per line');
  withTextOutput(command).action(async ({ output, watch }: StatusOptions) => {
    const here = session();
    if (watch === true) return watchStatus(here, output);
    const status = await readStatus(here);
    here.out(printAs(status.summary, output, () => printStatus(status, here.paint, Date.now())));
    if (!status.summary.healthy) answer(EXIT.no);
  });
}

/** On a terminal the screen is written over; elsewhere each state follows the one before. */
async function watchStatus(session: Session, output: TextOptions['output']): Promise<void> {
  const clear = session.environment.terminal && output === 'text' ? CLEAR : '';
  let last = '';
  await lookOnChange(session, {}, async () => {
    const status = await readStatus(session);
    const key = JSON.stringify(status, (name, value: unknown) => (CLOCKS.has(name) ? null : value));
    if (key === last && clear === '') return;
    if (last !== '' && output === 'text' && clear === '') session.out('');
    last = key;
    if (output === 'json') session.out(JSON.stringify(status.summary));
    else session.out(clear + printAs(status.summary, output, () => printStatus(status, session.paint, Date.now())));
  });
}

/** Members that rise without anything having happened. */
const CLOCKS = new Set(['lastSeenAt', 'observedAt']);

const CLEAR = '\u001b[H\u001b[2J';

const APPS_READ = 1_000;
/** So many targets of a state are read: more of them say the same. */
const TARGETS_READ = 200;

async function readStatus(session: Session): Promise<Status> {
  const api = await session.api();
  const [summary, problems, approvals, apps] = await Promise.all([
    bodyOf(api.GET('/api/v1/summary')),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { limit: 5, severity: 'error' } } })),
    bodyOf(api.GET('/api/v1/approvals', { params: { query: {} } })),
    bodyOf(api.GET('/api/v1/apps', { params: { query: { limit: APPS_READ } } })),
  ]);
  const unhealthy = await readUnhealthy(api, summary.targets);
  return { summary, problems: problems.items, unhealthy, approvals: approvals.items, apps: apps.items };
}

/** Targets that a person may have to look at, worst first. */
async function readUnhealthy(
  api: Api,
  counts: Readonly<Record<string, number>>,
): Promise<readonly Schemas['TargetDto'][]> {
  const states = ATTENTION.filter((state) => (counts[state] ?? 0) > 0);
  const pages = await Promise.all(
    states.map((state) => bodyOf(api.GET('/api/v1/targets', { params: { query: { limit: TARGETS_READ, state } } }))),
  );
  return pages.flatMap(({ items }) => items);
}
