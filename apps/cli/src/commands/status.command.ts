import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import { paintState } from '../output/paint.js';
import { printTable } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { printCounts } from './print-counts.js';

/** `flotilla status`: one screen; what needs a person comes first. Exit 1 when something is not healthy. */
export function addStatusCommand(program: Command, { session, answer }: CommandContext): void {
  program
    .command('status')
    .description('Health of the fleet on one screen; what needs a person comes first')
    .action(async () => {
      const healthy = await showStatus(session());
      if (!healthy) answer(EXIT.no);
    });
}

async function showStatus(session: Session): Promise<boolean> {
  const api = await session.api();
  const [summary, problems, unhealthy, apps] = await Promise.all([
    bodyOf(api.GET('/api/v1/summary')),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { limit: 5, severity: 'error' } } })),
    bodyOf(api.GET('/api/v1/targets', { params: { query: { limit: 10, unhealthy: true } } })),
    bodyOf(api.GET('/api/v1/apps', { params: { query: { limit: 50 } } })),
  ]);
  showNeeds(session, { summary, problems: problems.items, unhealthy: unhealthy.items });
  showApps(session, apps.items);
  return summary.healthy;
}

interface Needs {
  readonly summary: Schemas['SummaryDto'];
  readonly problems: readonly Schemas['ProblemDto'][];
  readonly unhealthy: readonly Schemas['TargetDto'][];
}

function showNeeds(session: Session, { summary, problems, unhealthy }: Needs): void {
  const { paint } = session;
  const now = Date.now();
  if (summary.hub.mode !== 'normal')
    session.out(paint('red', `hub: ${summary.hub.mode}: ${summary.hub.reason ?? ''}   → flotilla hub status`));
  for (const problem of problems) {
    session.out(
      `${paint('red', 'problem')}   ${problem.file}:${problem.line}   ${problem.message}   (${problem.subjectKind} ${problem.subjectName} is frozen)`,
    );
  }
  for (const target of unhealthy) {
    const reason = target.problems[0];
    const why = reason ? `${reason.code}: ${reason.summary || reason.message}` : target.lifeBecause;
    session.out(
      `${paintState(paint, target.state)}   ${target.app} on ${target.cluster}   ${why}   observed ${printAge(target.reportedAt, now)} ago`,
    );
  }
  session.out(`clusters  ${printCounts(summary.clusters, paint)}`);
  session.out(`targets   ${printCounts(summary.targets, paint)}`);
}

function showApps(session: Session, apps: readonly Schemas['AppDto'][]): void {
  if (apps.length === 0) return;
  const { paint } = session;
  const now = Date.now();
  session.out('');
  session.out(
    printTable(apps, [
      { title: 'APP', of: ({ name }) => name },
      { title: 'RELEASE', of: ({ release }) => (release ? `#${release.number} ${release.commit.slice(0, 7)}` : '-') },
      { title: 'ROLLOUT', of: ({ rollout }) => (rollout ? paintState(paint, rollout.state) : '-') },
      { title: 'TARGETS', of: ({ targets }) => printCounts(targets, paint) },
      { title: 'REPORTED', of: ({ lastReportAt }) => printAge(lastReportAt, now) },
    ]),
  );
}
