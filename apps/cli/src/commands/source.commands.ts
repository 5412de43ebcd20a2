import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printSpan } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import { printTable } from '../output/table.js';
import { printCommit } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { parseDuration } from './duration.js';

/** source refresh: the daily command. */
export function addSourceCommands(program: Command, { session, answer }: CommandContext): void {
  const source = program.command('source').description('Act on Git sources');
  const refresh = source
    .command('refresh [name]')
    .description('Look at one source, or all, now')
    .option('--wait', 'until every rollout that it starts has ended')
    .option('--timeout <duration>', 'how long to wait', '10m');
  withTextOutput(refresh).action(async (name: string | undefined, options: RefreshOptions) => {
    const here = session();
    const page = await refreshSources(here, name);
    here.out(printAs(page, options.output, () => refreshedTable(page.items)));
    if (options.wait !== true) return;
    const healthy = await waitForRollouts(here, page.items, parseDuration(options.timeout));
    if (!healthy) answer(EXIT.no);
  });
}

async function refreshSources(session: Session, name: string | undefined): Promise<Schemas['RefreshedPageDto']> {
  const api = await session.api();
  return bodyOf(
    name === undefined
      ? api.POST('/api/v1/sources/refresh')
      : api.POST('/api/v1/sources/{source}/refresh', { params: { path: { source: name } } }),
  );
}

function refreshedTable(items: readonly Schemas['RefreshedDto'][]): string {
  return printTable(items, [
    { title: 'SOURCE', of: (row) => row.source },
    { title: 'COMMIT', of: (row) => printCommit(row.commit) },
    { title: 'MOVED', of: (row) => (row.moved ? 'yes' : 'no') },
  ]);
}

const LOOK_MS = 250;
/** How long the hub may take to make releases of a commit. */
const SETTLE_MS = 2_000;

/** Whether every rollout ended well; releases follow a commit within moments, so look for that long at least. */
async function waitForRollouts(
  session: Session,
  sources: readonly Schemas['RefreshedDto'][],
  timeoutMs: number,
): Promise<boolean> {
  const api = await session.api();
  const start = Date.now();
  const settleMs = sources.some(({ moved }) => moved) ? SETTLE_MS : 0;
  for (;;) {
    const { items } = await bodyOf(api.GET('/api/v1/rollouts', { params: { query: { limit: 1_000 } } }));
    const open = items.filter(({ state }) => state === 'running' || state === 'paused');
    if (open.length === 0 && Date.now() - start >= settleMs) return reportEnded(session, items);
    if (Date.now() - start > timeoutMs) {
      const apps = open.map(({ app }) => app).join(', ');
      throw new CliError(
        'timeout',
        `not within ${printSpan(timeoutMs)}: ${apps}`,
        `flotilla why ${open[0]?.app ?? ''}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function reportEnded(session: Session, rollouts: readonly Schemas['RolloutHeadDto'][]): boolean {
  const bad = rollouts.filter(({ state }) => state !== 'done');
  for (const { app, release, state } of bad) session.err(`${app} #${release.number} ${state}   → flotilla why ${app}`);
  if (bad.length === 0) session.err(`${rollouts.length} rollouts done.`);
  return bad.length === 0;
}

interface RefreshOptions extends TextOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}
