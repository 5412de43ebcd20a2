import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { readHistory } from './read-history.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import { printAge, printSpan } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { Column } from '../output/table.js';
import { clean, printTable } from '../output/table.js';
import { printCount, shortenMessage } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import type { ActOptions } from './act-options.js';
import { withActOptions } from './act-options.js';
import type { ActKind } from './act-on.js';
import { actOn, releaseNumber } from './act-on.js';
import { lookOnChange } from './look-on-change.js';
import { printRollout } from './print-rollout.js';
import { addSimulateCommand } from './simulate.command.js';

interface Act {
  readonly name: string;
  /** As the API calls it. */
  readonly kind: ActKind;
  readonly description: string;
}

const ACTS: readonly Act[] = [
  { name: 'approve', kind: 'approve', description: 'Let the wave that waits for approval begin' },
  { name: 'pause', kind: 'pause', description: 'Assign nothing new until resumed' },
  { name: 'resume', kind: 'resume', description: 'Go on after a pause' },
  { name: 'promote', kind: 'promote', description: 'End a soak or a wait by hand' },
  { name: 'retry', kind: 'retry', description: 'Forget failures and try again' },
  { name: 'skip', kind: 'skip', description: 'Leave a target on what it has; it counts neither way' },
  { name: 'abort', kind: 'abort', description: 'No new target; moved ones stay; the release is held' },
  { name: 'rollback', kind: 'rollback', description: 'Return moved targets to what was proven healthy there' },
  { name: 'hold', kind: 'hold', description: 'Forbid the release until cleared or superseded' },
  { name: 'clear', kind: 'clear', description: 'Take a hold away' },
  { name: 'override-window', kind: 'overrideWindow', description: 'Go on though a window is closed' },
];

interface RolloutActOptions extends ActOptions {
  readonly wave?: string;
  readonly cluster?: string;
  readonly to?: string;
}

/** rollout status, history and the acts. */
export function addRolloutCommands(program: Command, { session, answer }: CommandContext): void {
  const rollout = program.command('rollout').description('See and steer rollouts');
  addStatus(rollout, { session, answer });
  const plan = rollout
    .command('plan <app>')
    .description('What would be done now, and why the rest waits; changes nothing');
  withTextOutput(plan).action((app: string, { output }: TextOptions) => showPlan(session(), app, output));
  const history = rollout
    .command('history <app>')
    .description('Decisions and acts, oldest first')
    .option('--release <n>', 'the rollout of this release');
  withTextOutput(history).action((app: string, options: StatusOptions) => showHistory(session(), app, options));
  addSimulateCommand(rollout, { session, answer });
  for (const act of ACTS) addAct(rollout, act, session);
}

function addAct(rollout: Command, { name, kind, description }: Act, session: () => Session): void {
  withActOptions(rollout.command(`${name} <app>`).description(description))
    .option('--wave <wave>', 'the wave it is about')
    .option('--cluster <cluster>', 'the cluster it is about')
    .option('--to <release>', 'the release to return to')
    .action((app: string, options: RolloutActOptions) => actOn(session(), { app, name, kind, options }));
}

interface StatusOptions extends TextOptions {
  readonly release?: string;
  readonly watch?: boolean;
}

function addStatus(rollout: Command, { session, answer }: CommandContext): void {
  const status = rollout
    .command('status <app>')
    .description('Waves, counts and what blocks them; exit 1 when it has halted')
    .option('--release <n>', 'the rollout of this release')
    .option('-w, --watch', 'again whenever something changes, until it ends; with -o json one object per line');
  withTextOutput(status).action(async (app: string, options: StatusOptions) => {
    const here = session();
    const show = (): Promise<string> => showStatus(here, app, options);
    const state = options.watch === true ? await watchStatus(here, app, show) : await show();
    if (FAILED.includes(state)) answer(EXIT.no);
  });
}

const FAILED = ['halted', 'rolledBack', 'aborted'];
const ENDED = [...FAILED, 'done', 'superseded'];

/** The state it ends in. */
async function watchStatus(session: Session, app: string, show: () => Promise<string>): Promise<string> {
  let state = '';
  await lookOnChange(session, { app }, async () => {
    state = await show();
    return ENDED.includes(state) ? 'over' : undefined;
  });
  return state;
}

async function readRollout(session: Session, app: string, release: string | undefined): Promise<Schemas['RolloutDto']> {
  const query = release === undefined ? {} : { release: releaseNumber(release) };
  return bodyOf((await session.api()).GET('/api/v1/apps/{app}/rollout', { params: { path: { app }, query } }));
}

async function showStatus(session: Session, app: string, { release, output, watch }: StatusOptions): Promise<string> {
  const rollout = await readRollout(session, app, release);
  if (watch === true && output === 'json') session.out(JSON.stringify(rollout));
  else session.out(printAs(rollout, output, () => printRollout(rollout, session.paint, Date.now())));
  return rollout.state;
}

async function showPlan(session: Session, app: string, output: TextOptions['output']): Promise<void> {
  const plan = await bodyOf(
    (await session.api()).GET('/api/v1/apps/{app}/rollout/plan', { params: { path: { app } } }),
  );
  session.out(printAs(plan, output, () => planLines(plan, Date.now(), session.environment.room).join('\n')));
}

const PLAN_COLUMNS: readonly Column<Schemas['PlanDto']['waves'][number]>[] = [
  { title: 'WAVE', of: ({ name }) => name },
  { title: 'STATE', of: ({ phase }) => phase },
  { title: 'AT ONCE', of: ({ maxConcurrent }) => String(maxConcurrent) },
  { title: 'MAY FAIL', of: ({ maxFailures }) => String(maxFailures) },
  { title: 'SOAK', of: ({ soakMs }) => (soakMs === 0 ? '-' : printSpan(soakMs)) },
  { title: 'CLUSTERS', of: ({ clusters }) => clusters.join(', ') || '-' },
];

function planLines(
  { state, assign, waves, blockedBy, deletions, ...plan }: Schemas['PlanDto'],
  now: number,
  room: number | undefined,
): string[] {
  return [
    `${state}${plan.nextLookAt === null ? '' : `, looks again in ${printSpan(Date.parse(plan.nextLookAt) - now)}`}`,
    `gets it now: ${assign.join(', ') || 'none'}`,
    ...(plan.return.length === 0 ? [] : [`returns now: ${plan.return.join(', ')}`]),
    ...(deletions.objects === 0
      ? []
      : [`deletes: ${printCount(deletions.objects, 'object')} on ${printCount(deletions.targets, 'target')}`]),
    printTable(waves, PLAN_COLUMNS, { room }),
    ...blockedBy.map(({ kind, wave, unblocks }) =>
      clean(`${wave === undefined ? '' : `${wave}  `}${kind}: ${unblocks}`),
    ),
  ];
}

async function showHistory(session: Session, app: string, { release, output }: StatusOptions): Promise<void> {
  const only = release === undefined ? {} : { release: releaseNumber(release) };
  const items = await readHistory(await session.api(), app, only);
  session.out(printAs({ items, next: null }, output, () => historyTable(items, Date.now(), session.environment.room)));
}

function historyTable(items: readonly Schemas['HistoryLineDto'][], now: number, room: number | undefined): string {
  const columns: readonly Column<Schemas['HistoryLineDto']>[] = [
    { title: 'RELEASE', of: (row) => `#${row.release}` },
    { title: 'AGE', of: (row) => printAge(row.at, now) },
    { title: 'WHAT', of: (row) => row.kind },
    { title: 'WAVE', of: (row) => row.wave ?? '-' },
    { title: 'CLUSTERS', of: (row) => row.cluster ?? (row.clusters.join(',') || '-') },
    { title: 'WHY', of: (row) => shortenMessage(row.message) || '-' },
  ];
  return printTable(items, columns, { room });
}
