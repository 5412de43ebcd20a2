import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import { clean } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { printRelease } from './print-rollout.js';

/** `flotilla why APP | app/APP | rollout/APP | cluster/NAME`. Exit 1 when something is not as it should be. */
export function addWhyCommand(program: Command, { session, answer }: CommandContext): void {
  program
    .command('why <what>')
    .description('What blocks an app or cluster, the evidence with its age, and the next command')
    .action(async (what: string) => {
      const [, kind = 'app', name = what] = /^(app|rollout|cluster)\/(.+)$/.exec(what) ?? [];
      const fine = kind === 'cluster' ? await whyCluster(session(), name) : await whyApp(session(), name);
      if (!fine) answer(EXIT.no);
    });
}

async function whyApp(session: Session, app: string): Promise<boolean> {
  const api = await session.api();
  const path = { params: { path: { app } } };
  const [why, problems] = await Promise.all([
    bodyOf(api.GET('/api/v1/apps/{app}/why', path)),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { subject: app } } })),
  ]);
  const now = Date.now();
  const lines = [
    ...(why.frozenBecause === null
      ? []
      : [
          `${app}  ${session.paint('red', 'FROZEN')}  ${clean(why.frozenBecause)}; the last good definition stays in force`,
        ]),
    ...problems.items.map(
      ({ file, line, message, hint }) => `  ${file}:${line}  ${clean(message)}${hint ? `   ${clean(hint)}` : ''}`,
    ),
    ...why.failed.flatMap((target) => failedLines(session, target, now)),
    ...why.unhealthy.map((target) => unhealthyLine(target, now)),
    ...blockLines(why.rollout, now),
    ...why.removals.map(
      ({ cluster, life, because, since }) => `${cluster}  leaving (${because}): ${life} since ${printAge(since, now)}`,
    ),
  ];
  for (const line of lines) session.out(line);
  if (lines.length === 0) session.out(`${why.rollout ? `${printRelease(why.rollout)}: ` : ''}nothing blocks ${app}`);
  if (why.next.length > 0) session.out(`do    ${why.next.join('   |   ')}`);
  return lines.length === 0;
}

function failedLines(session: Session, target: Schemas['FailedTargetDto'], now: number): string[] {
  const head = `${target.cluster}  ${session.paint('red', 'FAILED')}  ${clean(target.message || target.reason)}`;
  const problems = target.problems.flatMap(({ ref, code, message, summary }) => [
    `      ${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}${summary ? `  ${clean(summary)}` : ''}`,
    `      ${code}  "${clean(message)}"`,
  ]);
  return [
    head,
    ...problems,
    `      observed ${printAge(target.reportedAt, now)} ago${target.bundle === null ? '' : `, bundle ${target.bundle}`}`,
  ];
}

function unhealthyLine(
  { cluster, health, allowed, applied, reportedAt }: Schemas['UnhealthyTargetDto'],
  now: number,
): string {
  const release = (number: number | null): string => (number === null ? 'nothing' : `#${number}`);
  return `${cluster}  ${health ?? 'no report yet'}   allowed ${release(allowed)}, applied ${release(applied)}   observed ${printAge(reportedAt, now)} ago`;
}

function blockLines(rollout: Schemas['RolloutDto'] | null, now: number): string[] {
  return (rollout?.blockedBy ?? []).map(({ kind, who, wave, cluster, since, unblocks }) => {
    const where = [wave, cluster].filter((part) => part !== undefined).join(', ');
    return `blocked${where ? ` at ${where}` : ''} by ${kind}${who ? ` (${clean(who)})` : ''} for ${printAge(since, now)}: ${clean(unblocks)}`;
  });
}

async function whyCluster(session: Session, cluster: string): Promise<boolean> {
  const api = await session.api();
  const [found, unhealthy] = await Promise.all([
    bodyOf(api.GET('/api/v1/clusters/{cluster}', { params: { path: { cluster } } })),
    bodyOf(api.GET('/api/v1/targets', { params: { query: { cluster, unhealthy: true } } })),
  ]);
  const now = Date.now();
  if (found.state !== 'connected') {
    session.out(
      `${cluster}  ${found.state}${found.stateReason ? `: ${clean(found.stateReason)}` : ''}   last seen ${printAge(found.lastSeenAt, now)} ago`,
    );
  }
  if (found.rejected) session.out(`${cluster}  refused a desired state: ${clean(JSON.stringify(found.rejected))}`);
  for (const { app, state, problems, reportedAt } of unhealthy.items) {
    const [first] = problems;
    session.out(
      `${app}  ${state}${first ? `  ${first.code} "${clean(first.message)}"` : ''}   observed ${printAge(reportedAt, now)} ago`,
    );
  }
  const fine = found.state === 'connected' && unhealthy.items.length === 0;
  if (fine)
    session.out(`${cluster} is connected and every app on it is healthy; seen ${printAge(found.lastSeenAt, now)} ago`);
  return fine;
}
