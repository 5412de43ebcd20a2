import type { Command } from 'commander';
import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextFormat, TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import { paintState } from '../output/paint.js';
import { clean } from '../output/table.js';
import { printReason, printRef } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { hubLines } from './print-hub.js';
import { printRelease } from './print-rollout.js';
import { printProblem, whyLines } from './print-why.js';

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

/** A hub that decides nothing is the first answer to every why. */
async function readHub(api: Api, paint: Session['paint']): Promise<string[]> {
  const { hub } = await bodyOf(api.GET('/api/v1/summary'));
  return hubLines(hub, paint, Date.now());
}

async function whyApp(session: Session, app: string, output: TextFormat): Promise<boolean> {
  const api = await session.api();
  const [{ items: problems }, hub] = await Promise.all([
    bodyOf(api.GET('/api/v1/problems', { params: { query: { subject: app } } })),
    readHub(api, session.paint),
  ]);
  const why = await bodyOf(api.GET('/api/v1/apps/{app}/why', { params: { path: { app } } })).catch((error: unknown) => {
    throw neverGood(app, problems) ?? error;
  });
  const lines = whyLines(why, { app, problems, paint: session.paint, now: Date.now() });
  const fine = lines.length + hub.length === 0;
  if (fine) lines.push(`${why.rollout ? `${printRelease(why.rollout)}: ` : ''}nothing blocks ${app}`);
  if (why.next.length > 0) lines.push(`do    ${why.next.join('   |   ')}`);
  session.out(printAs(why, output, () => [...hub, ...lines].join('\n')));
  return fine;
}

/** An app whose first definition is not right is none for the hub, but the person who wrote it asks for it by its name. */
function neverGood(app: string, problems: readonly Schemas['ProblemDto'][]): CliError | undefined {
  const own = problems.filter(({ subjectKind, severity }) => subjectKind === 'App' && severity === 'error');
  if (own.length === 0) return undefined;
  const lines = own.map((problem) => printProblem(problem));
  return new CliError(
    'no',
    [`${app} does not run anywhere: no definition of it was right so far`, ...lines].join('\n'),
  );
}

async function whyCluster(session: Session, cluster: string, output: TextFormat): Promise<boolean> {
  const api = await session.api();
  const [found, unhealthy, hub] = await Promise.all([
    bodyOf(api.GET('/api/v1/clusters/{cluster}', { params: { path: { cluster } } })),
    bodyOf(api.GET('/api/v1/targets', { params: { query: { cluster, unhealthy: true } } })),
    readHub(api, session.paint),
  ]);
  const fine = found.state === 'connected' && unhealthy.items.length + hub.length === 0;
  const lines = (): string[] => [...hub, ...clusterLines(found, unhealthy.items, session.paint)];
  session.out(printAs(found, output, () => lines().join('\n')));
  return fine;
}

function clusterLines(
  found: Schemas['ClusterDto'],
  unhealthy: readonly Schemas['TargetDto'][],
  paint: Session['paint'],
): string[] {
  const now = Date.now();
  const { name, state, stateReason, lastSeenAt, rejected } = found;
  const next = NEXT[state];
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
    ...(next === undefined ? [] : [`do    ${next(name)}`]),
  ];
}

/** What helps a cluster that is not connected. */
const NEXT: Readonly<Record<string, (name: string) => string>> = {
  unknown: () => 'flotilla agent status --context CONTEXT   (works without the hub)',
  rejoin: (name) => `flotilla cluster rejoin ${name} | kubectl --context CONTEXT apply -f -`,
  quarantined: (name) => `flotilla cluster rejoin ${name} | kubectl --context CONTEXT apply -f -`,
};
