import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextFormat, TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import { paintState } from '../output/paint.js';
import { clean } from '../output/table.js';
import { printReason, printRef, shortenMessage } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { printCause } from './print-changes.js';
import { printRelease } from './print-rollout.js';

/** `flotilla why APP | app/APP | rollout/APP | cluster/NAME`. Exit 1 when something is not as it should be. */
export function addWhyCommand(program: Command, { session, answer }: CommandContext): void {
  const command = program
    .command('why <what>')
    .description('What blocks an app or cluster, the evidence with its age, and the next command');
  withTextOutput(command).action(async (what: string, { output }: TextOptions) => {
    const [, kind = 'app', name = what] = /^(app|rollout|cluster)\/(.+)$/.exec(what) ?? [];
    const here = session();
    const fine = kind === 'cluster' ? await whyCluster(here, name, output) : await whyApp(here, name, output);
    if (!fine) answer(EXIT.no);
  });
}

async function whyApp(session: Session, app: string, output: TextFormat): Promise<boolean> {
  const api = await session.api();
  const path = { params: { path: { app } } };
  const [why, problems] = await Promise.all([
    bodyOf(api.GET('/api/v1/apps/{app}/why', path)),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { subject: app } } })),
  ]);
  const lines = whyLines(session, why, { app, problems: problems.items });
  const fine = lines.length === 0;
  if (fine) lines.push(`${why.rollout ? `${printRelease(why.rollout)}: ` : ''}nothing blocks ${app}`);
  if (why.next.length > 0) lines.push(`do    ${why.next.join('   |   ')}`);
  session.out(printAs(why, output, () => lines.join('\n')));
  return fine;
}

interface About {
  readonly app: string;
  readonly problems: readonly Schemas['ProblemDto'][];
}

function whyLines(session: Session, why: Schemas['WhyAppDto'], { app, problems }: About): string[] {
  const now = Date.now();
  return [
    ...frozenLines(session, why.frozenBecause, { app, problems }),
    ...problems.map(({ file, line, message, hint }) =>
      clean(`      ${file}:${line}  ${message}${hint ? `   → ${hint}` : ''}`),
    ),
    ...failuresOf(session, why.failed, now),
    ...why.unhealthy.filter((target) => !isUntouched(target)).map((target) => unhealthyLine(target, now)),
    ...blockLines(why, now),
    ...why.removals.map(
      ({ cluster, life, because, since }) => `${cluster}  leaving (${because}): ${life} since ${printAge(since, now)}`,
    ),
  ];
}

/** The problems below it say why; without any, the reason that the hub keeps does. */
function frozenLines(session: Session, because: string | null, { app, problems }: About): string[] {
  if (because === null) return [];
  const why = problems.length === 0 ? `: ${clean(because)}` : '';
  return [`${app}  ${session.paint('red', 'FROZEN')}  the last good definition stays in force${why}`];
}

/** Waits for its turn and runs nothing yet: what blocks its wave says why. */
function isUntouched({ allowed, applied }: Schemas['UnhealthyTargetDto']): boolean {
  return allowed === null && applied === null;
}

/** What changed is said once, where it is the same for several clusters. */
function failuresOf(session: Session, failed: Schemas['WhyAppDto']['failed'], now: number): string[] {
  const said = new Set<string>();
  return failed.flatMap((target) => {
    const causes = target.causes
      .map((cause) => clean(printCause(cause, target.problems)))
      .filter((text) => !said.has(text));
    causes.forEach((text) => said.add(text));
    return [...failedLines(session, target, now), ...causes.map((text) => `      ${text}`)];
  });
}

/** Who failed and how far it got; why, in the words of the cluster; as little as says it. */
function failedLines(session: Session, target: Schemas['FailedTargetDto'], now: number): string[] {
  const { cluster, problems, bundle } = target;
  const [first, ...more] = problems;
  const seen = `observed ${printAge(target.observedAt, now)} ago${bundle === null ? '' : `, bundle ${bundle}`}`;
  const head = `${cluster}  ${session.paint('red', 'FAILED')}`;
  if (!first) {
    const words = clean(shortenMessage(target.message || target.reason));
    return [`${head}  ${words}   ${printAge(target.failedAt, now)} ago`];
  }
  return [
    `${head}  ${clean(objectLine(first, target))}`,
    `      ${clean(printReason(first))}   ${seen}`,
    ...more.map((problem) => `      ${clean(`${objectLine(problem, target)}  ${printReason(problem)}`)}`),
  ];
}

function objectLine({ ref, summary }: Schemas['ObjectProblemDto'], target: Schemas['FailedTargetDto']): string {
  return `${printRef(ref)}  ${summary || `${target.objectsReady} of ${target.objects} objects ready`}`;
}

function unhealthyLine(
  { cluster, health, allowed, applied, problem, observedAt }: Schemas['UnhealthyTargetDto'],
  now: number,
): string {
  const why = problem ? clean(`   ${printRef(problem.ref)}  ${printReason(problem)}`) : '';
  const release = (number: number | null): string => (number === null ? 'nothing' : `#${number}`);
  return `${cluster}  ${health ?? 'no report yet'}   allowed ${release(allowed)}, applied ${release(applied)}${why}   observed ${printAge(observedAt, now)} ago`;
}

/** Failures say it all: the exhausted budget, and what later waves wait for, only follow from them. */
const DERIVED: readonly string[] = [
  'failureBudget',
  'earlierWave',
  'minHealthy',
  'health',
  'approval',
  'window',
  'soak',
];

function blockLines({ rollout, failed }: Schemas['WhyAppDto'], now: number): string[] {
  const blocks = rollout?.blockedBy ?? [];
  const explained = failed.length > 0 && blocks.some(({ kind }) => kind === 'failureBudget');
  const told = blocks.filter(({ kind }) => (explained ? !DERIVED.includes(kind) : kind !== 'earlierWave'));
  return told.map(({ kind, who, wave, cluster, since, unblocks }) => {
    const where = [wave, cluster].filter((part) => part !== undefined).join(', ');
    return clean(
      `${where ? `${where}  ` : ''}waits ${printAge(since, now)} by ${kind}${who ? ` (${who})` : ''}: ${unblocks}`,
    );
  });
}

async function whyCluster(session: Session, cluster: string, output: TextFormat): Promise<boolean> {
  const api = await session.api();
  const [found, unhealthy] = await Promise.all([
    bodyOf(api.GET('/api/v1/clusters/{cluster}', { params: { path: { cluster } } })),
    bodyOf(api.GET('/api/v1/targets', { params: { query: { cluster, unhealthy: true } } })),
  ]);
  const fine = found.state === 'connected' && unhealthy.items.length === 0;
  session.out(printAs(found, output, () => clusterLines(found, unhealthy.items, session.paint).join('\n')));
  return fine;
}

function clusterLines(
  found: Schemas['ClusterDto'],
  unhealthy: readonly Schemas['TargetDto'][],
  paint: Session['paint'],
): string[] {
  const now = Date.now();
  const { name, state, stateReason, lastSeenAt, rejected } = found;
  const head = `${name} is ${paintState(paint, state)}${stateReason ? `: ${clean(stateReason)}` : ''}`;
  const fine = state === 'connected' && unhealthy.length === 0;
  return [
    `${head}${fine ? ' and every app on it is healthy' : ''}; seen ${printAge(lastSeenAt, now)} ago`,
    ...(rejected === null ? [] : [`refused a desired state: ${clean(JSON.stringify(rejected))}`]),
    ...unhealthy.map((target) => {
      const [first] = target.problems;
      const why = first ? clean(`   ${printRef(first.ref)}  ${printReason(first)}`) : '';
      return `${target.app}  ${paintState(paint, target.state)}${why}   observed ${printAge(target.observedAt, now)} ago`;
    }),
  ];
}
