import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import { printTable } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import type { ActOptions } from './act-options.js';
import { actBody, withActOptions } from './act-options.js';
import { printRollout } from './print-rollout.js';

interface Act {
  readonly name: string;
  /** As the API calls it. */
  readonly kind: string;
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
  rollout
    .command('status <app>')
    .description('Waves, counts and what blocks them; exit 1 when it has halted')
    .option('--release <n>', 'the rollout of this release')
    .action(async (app: string, options: { release?: string }) => {
      const state = await status(session(), app, options.release);
      if (['halted', 'rolledBack', 'aborted'].includes(state)) answer(EXIT.no);
    });
  rollout
    .command('history <app>')
    .description('Decisions and acts, oldest first')
    .option('--release <n>', 'the rollout of this release')
    .action((app: string, options: { release?: string }) => history(session(), app, options.release));
  for (const act of ACTS) addAct(rollout, act, session);
}

function addAct(rollout: Command, { name, kind, description }: Act, session: () => Session): void {
  withActOptions(rollout.command(`${name} <app>`).description(description))
    .option('--wave <wave>', 'the wave it is about')
    .option('--cluster <cluster>', 'the cluster it is about')
    .option('--to <release>', 'the release to return to')
    .action((app: string, options: RolloutActOptions) => act(session(), { app, name, kind, options }));
}

export function releaseNumber(text: string): number {
  const number = Number(text.replace(/^#/, ''));
  if (Number.isInteger(number) && number > 0) return number;
  throw new CliError('usage', `"${text}" is not a release number`);
}

async function status(session: Session, app: string, release: string | undefined): Promise<string> {
  const query = release === undefined ? {} : { release: releaseNumber(release) };
  const rollout = await bodyOf(
    (await session.api()).GET('/api/v1/apps/{app}/rollout', { params: { path: { app }, query } }),
  );
  session.out(printRollout(rollout, session.paint, Date.now()));
  return rollout.state;
}

async function history(session: Session, app: string, release: string | undefined): Promise<void> {
  const query = release === undefined ? {} : { release: releaseNumber(release) };
  const page = await bodyOf(
    (await session.api()).GET('/api/v1/apps/{app}/rollout/history', { params: { path: { app }, query } }),
  );
  const now = Date.now();
  session.out(
    printTable(page.items, [
      { title: 'AGE', of: (row) => printAge(row.at, now) },
      { title: 'WHAT', of: (row) => row.kind },
      { title: 'WAVE', of: (row) => row.wave ?? '-' },
      { title: 'CLUSTERS', of: (row) => row.cluster ?? (row.clusters.join(',') || '-') },
      { title: 'WHY', of: (row) => row.message || '-' },
    ]),
  );
}

interface ActCall {
  readonly app: string;
  readonly name: string;
  readonly kind: string;
  readonly options: RolloutActOptions;
}

async function act(session: Session, { app, name, kind, options }: ActCall): Promise<void> {
  const { wave, cluster, to } = options;
  const body = {
    ...actBody(options),
    ...(wave === undefined ? {} : { wave }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(to === undefined ? {} : { release: releaseNumber(to) }),
  };
  const path = { app, act: kind as never };
  const api = await session.api();
  const result = await bodyOf(api.POST('/api/v1/apps/{app}/rollout/acts/{act}', { params: { path }, body }));
  session.err(`${name}: ${describe(result)}`);
}

function describe({ app, release, wave, cluster, done, repeated }: Schemas['ActResultDto']): string {
  const what = [`${app}${release === null ? '' : ` #${release}`}`, wave, cluster]
    .filter((part) => part !== null)
    .join(', ');
  if (!done) return `${what}: it applies; nothing was done (dry run)`;
  return repeated ? `${what}: done before by this request id` : `${what}: done   → flotilla rollout status ${app}`;
}
