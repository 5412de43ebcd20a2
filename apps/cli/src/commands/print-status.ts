import type { Schemas } from '../api/client.js';
import { printAge } from '../output/age.js';
import type { Paint } from '../output/paint.js';
import { paintState } from '../output/paint.js';
import { clean, printTable } from '../output/table.js';
import { joinAlike, printLoud, printNames, printPlace } from '../output/words.js';
import { printCounts } from './print-counts.js';
import { approvalLines } from './print-approvals.js';
import { hubLines } from './print-hub.js';

export interface Status {
  readonly summary: Schemas['SummaryDto'];
  readonly problems: readonly Schemas['ProblemDto'][];
  /** In states of `ATTENTION`, worst first. */
  readonly unhealthy: readonly Schemas['TargetDto'][];
  readonly approvals: readonly Schemas['ApprovalDto'][];
  readonly apps: readonly Schemas['AppDto'][];
}

/** States that a person may have to do something about, worst first. Those that only wait for their turn are counted. */
export const ATTENTION = ['failed', 'unknown', 'drifted', 'progressing', 'suspended'] as const;

const LINES = 10;

/** One screen; what needs a person comes first. */
export function printStatus(status: Status, paint: Paint, now: number): string {
  const { summary, apps } = status;
  return [
    ...hubLines(summary.hub, paint, now),
    ...status.problems.map((problem) => problemLine(problem, paint)),
    ...apps.flatMap((app) => haltedLines(app, paint)),
    ...cut(unhealthyLines(status.unhealthy, paint, now), 'flotilla get targets --unhealthy'),
    ...cut(approvalLines(status.approvals, { paint, now }), 'flotilla get approvals'),
    `clusters  ${printCounts(summary.clusters, paint)}`,
    `targets   ${printCounts(summary.targets, paint)}`,
    ...(apps.length === 0 ? [] : ['', appTable(apps, paint, now)]),
  ].join('\n');
}

function cut(lines: readonly string[], more: string): string[] {
  const left = lines.length - LINES;
  return left > 0 ? [...lines.slice(0, LINES), `… ${left} more   → ${more}`] : [...lines];
}

/** What befalls what a problem is about. */
const FATES: Readonly<Record<string, string>> = { Source: 'its last good commit stays in force' };

function problemLine({ file, line, message, subjectKind, subjectName }: Schemas['ProblemDto'], paint: Paint): string {
  const place = file === '' ? '' : `${printPlace({ file, line })}   `;
  const fate = FATES[subjectKind] ?? 'is frozen';
  return `${paint('red', 'problem')}   ${clean(`${place}${message}   (${subjectKind} ${subjectName}: ${fate})`)}`;
}

const STOPPED: readonly string[] = ['halted', 'rolledBack', 'aborted'];

function haltedLines({ name, rollout }: Schemas['AppDto'], paint: Paint): string[] {
  if (rollout === null || !STOPPED.includes(rollout.state)) return [];
  return [`${paint('red', printLoud(rollout.state))}   ${name} #${rollout.release}   → flotilla why ${name}`];
}

/** Targets of an app in the same state for the same reason are one line; its age is that of the oldest observation. */
function unhealthyLines(targets: readonly Schemas['TargetDto'][], paint: Paint, now: number): string[] {
  return joinAlike(targets, (target) => JSON.stringify([target.app, target.state, reasonOf(target)])).map((alike) => {
    const [{ app, state }] = alike;
    const seen = alike.map(({ observedAt }) => observedAt ?? '').sort()[0] ?? '';
    const observed = seen === '' ? 'never observed' : `observed ${printAge(seen, now)} ago`;
    const where = `${app} on ${printNames(
      alike.map(({ cluster }) => cluster),
      'cluster',
    )}`;
    return [paintState(paint, state), where, clean(reasonOf(alike[0])), observed]
      .filter((part) => part !== '')
      .join('   ');
  });
}

/** How long something is stuck differs from cluster to cluster and says nothing here. */
function reasonOf({ problems, lifeBecause }: Schemas['TargetDto']): string {
  const [reason] = problems;
  if (!reason) return lifeBecause;
  return `${reason.code}: ${(reason.summary || reason.message).replace(/ stuck \d+s/, ' stuck')}`;
}

const APPS_SHOWN = 30;

/** Apps that are not well come first where there are many. */
function appTable(apps: readonly Schemas['AppDto'][], paint: Paint, now: number): string {
  const well = ({ targets, rollout }: Schemas['AppDto']): boolean =>
    Object.keys(targets).every((state) => state === 'healthy') && rollout?.state !== 'running';
  const ordered = apps.length <= APPS_SHOWN ? apps : [...apps].sort((a, b) => Number(well(a)) - Number(well(b)));
  const left = apps.length - APPS_SHOWN;
  const table = printTable(ordered.slice(0, APPS_SHOWN), [
    { title: 'APP', of: ({ name }) => name },
    { title: 'RELEASE', of: ({ release }) => (release ? `#${release.number} ${release.commit.slice(0, 7)}` : '-') },
    { title: 'ROLLOUT', of: ({ rollout }) => (rollout ? paintState(paint, rollout.state) : '-') },
    { title: 'TARGETS', of: ({ targets }) => printCounts(targets, paint) },
    { title: 'OBSERVED', of: ({ observedAt }) => printAge(observedAt, now) },
  ]);
  return left > 0 ? `${table}\n… ${left} more   → flotilla get apps` : table;
}
