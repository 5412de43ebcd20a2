import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { Paint } from '../output/paint.js';
import { paintState } from '../output/paint.js';
import { clean, printTable } from '../output/table.js';
import { printLoud } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { lookOnChange } from './look-on-change.js';
import { printCounts } from './print-counts.js';

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
    here.out(printAs(status.summary, output, () => statusWords(status, here.paint)));
    if (!status.summary.healthy) answer(EXIT.no);
  });
}

/** On a terminal the screen is written over; elsewhere each state follows the one before. */
async function watchStatus(session: Session, output: TextOptions['output']): Promise<void> {
  const clear = session.environment.terminal && output === 'text' ? CLEAR : '';
  let last = '';
  await lookOnChange(session, {}, async () => {
    const status = await readStatus(session);
    const key = JSON.stringify(status, (name, value: unknown) => (name === 'lastSeenAt' ? null : value));
    if (key === last && clear === '') return;
    if (last !== '' && output === 'text' && clear === '') session.out('');
    last = key;
    if (output === 'json') session.out(JSON.stringify(status.summary));
    else session.out(clear + printAs(status.summary, output, () => statusWords(status, session.paint)));
  });
}

const CLEAR = '\u001b[H\u001b[2J';

async function readStatus(session: Session): Promise<Status> {
  const api = await session.api();
  const [summary, problems, unhealthy, approvals, apps] = await Promise.all([
    bodyOf(api.GET('/api/v1/summary')),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { limit: 5, severity: 'error' } } })),
    bodyOf(api.GET('/api/v1/targets', { params: { query: { limit: 10, unhealthy: true } } })),
    bodyOf(api.GET('/api/v1/approvals', { params: { query: {} } })),
    bodyOf(api.GET('/api/v1/apps', { params: { query: { limit: 50 } } })),
  ]);
  return {
    summary,
    problems: problems.items,
    unhealthy: unhealthy.items,
    approvals: approvals.items.slice(0, 10),
    apps: apps.items,
  };
}

interface Status {
  readonly summary: Schemas['SummaryDto'];
  readonly problems: readonly Schemas['ProblemDto'][];
  readonly unhealthy: readonly Schemas['TargetDto'][];
  readonly approvals: readonly Schemas['ApprovalDto'][];
  readonly apps: readonly Schemas['AppDto'][];
}

function statusWords(status: Status, paint: Paint): string {
  const now = Date.now();
  const { summary, apps } = status;
  return [
    ...hubLines(summary, paint),
    ...status.problems.map((problem) => problemLine(problem, paint)),
    ...apps.flatMap((app) => haltedLines(app, paint)),
    ...status.unhealthy.map((target) => unhealthyLine(target, paint, now)),
    ...status.approvals.map((approval) => approvalLine(approval, paint, now)),
    `clusters  ${printCounts(summary.clusters, paint)}`,
    `targets   ${printCounts(summary.targets, paint)}`,
    ...(apps.length === 0 ? [] : ['', appTable(apps, paint, now)]),
  ].join('\n');
}

function hubLines({ hub }: Schemas['SummaryDto'], paint: Paint): string[] {
  return hub.mode === 'normal' ? [] : [paint('red', `hub: ${hub.mode}: ${clean(hub.reason ?? '')}`)];
}

function problemLine(problem: Schemas['ProblemDto'], paint: Paint): string {
  const { file, line, message, subjectKind, subjectName } = problem;
  return `${paint('red', 'problem')}   ${clean(`${file}:${line}   ${message}`)}   (${subjectKind} ${subjectName} is frozen)`;
}

const STOPPED: readonly string[] = ['halted', 'rolledBack', 'aborted'];

function haltedLines({ name, rollout }: Schemas['AppDto'], paint: Paint): string[] {
  if (rollout === null || !STOPPED.includes(rollout.state)) return [];
  return [`${paint('red', printLoud(rollout.state))}   ${name} #${rollout.release}   → flotilla why ${name}`];
}

function unhealthyLine(target: Schemas['TargetDto'], paint: Paint, now: number): string {
  const { state, app, cluster, problems, lifeBecause, reportedAt } = target;
  const [reason] = problems;
  const why = reason ? `${reason.code}: ${reason.summary || reason.message}` : lifeBecause;
  const observed = reportedAt === null ? 'never observed' : `observed ${printAge(reportedAt, now)} ago`;
  return [paintState(paint, state), `${app} on ${cluster}`, clean(why), observed]
    .filter((part) => part !== '')
    .join('   ');
}

function approvalLine({ kind, app, wave, cluster, since }: Schemas['ApprovalDto'], paint: Paint, now: number): string {
  const waits = kind === 'wave' ? `wave ${wave ?? ''} of ${app}` : `${kind} of ${app} on ${cluster ?? ''}`;
  return `${paint('yellow', 'approval')}   ${waits} waits for ${printAge(since, now)}   → flotilla get approvals`;
}

function appTable(apps: readonly Schemas['AppDto'][], paint: Paint, now: number): string {
  return printTable(apps, [
    { title: 'APP', of: ({ name }) => name },
    { title: 'RELEASE', of: ({ release }) => (release ? `#${release.number} ${release.commit.slice(0, 7)}` : '-') },
    { title: 'ROLLOUT', of: ({ rollout }) => (rollout ? paintState(paint, rollout.state) : '-') },
    { title: 'TARGETS', of: ({ targets }) => printCounts(targets, paint) },
    { title: 'REPORTED', of: ({ lastReportAt }) => printAge(lastReportAt, now) },
  ]);
}
