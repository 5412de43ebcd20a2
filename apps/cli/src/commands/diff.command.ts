import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { Paint } from '../output/paint.js';
import { printNames, printReleaseHead } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { releaseNumber } from './act-on.js';
import { printObjectChanges } from './print-changes.js';

interface DiffOptions extends TextOptions {
  readonly cluster?: string;
  readonly release?: string;
}

/** `flotilla diff app/APP`. Exit 1 when there is a difference, or when nobody knows. */
export function addDiffCommand(program: Command, { session, answer }: CommandContext): void {
  const command = program
    .command('diff <what>')
    .description('What is live against what is allowed, or one release of an app against another')
    .option('--cluster <cluster>', 'only on this cluster')
    .option('--release <A..B>', 'from release A to release B');
  withTextOutput(command).action(async (what: string, options: DiffOptions) => {
    const app = appOf(what);
    const here = session();
    const same =
      options.release === undefined ? await diffLive(here, app, options) : await diffReleases(here, app, options);
    if (!same) answer(EXIT.no);
  });
}

function appOf(what: string): string {
  const [, kind, name = what] = /^([^/]+)\/(.+)$/.exec(what) ?? [];
  if (kind === undefined || kind === 'app') return name;
  throw new CliError('usage', `${what}: only apps can be compared`, 'flotilla diff app/APP');
}

/** `3..5`, `#3..#5`. */
function rangeOf(text: string): { from: number; to: number } {
  const [from = '', to, ...more] = text.split('..');
  if (to === undefined || more.length > 0)
    throw new CliError('usage', `"${text}" is not two releases`, 'for example --release 3..5');
  return { from: releaseNumber(from), to: releaseNumber(to) };
}

async function diffReleases(session: Session, app: string, options: DiffOptions): Promise<boolean> {
  const { cluster, output, release = '' } = options;
  const query = { ...rangeOf(release), ...(cluster === undefined ? {} : { cluster }) };
  const api = await session.api();
  const body = await bodyOf(api.GET('/api/v1/apps/{app}/differences/releases', { params: { path: { app }, query } }));
  session.out(printAs(body, output, () => releaseLines(body, session.paint).join('\n')));
  return body.items.length === 0;
}

function releaseLines({ app, from, to, releases, items }: Schemas['ReleaseDifferenceDto'], paint: Paint): string[] {
  const heads = releases.map((release) => paint('bold', `${app} ${printReleaseHead(release)}`));
  if (items.length === 0) return [...heads, `no difference from #${from} to #${to}`];
  return [...heads, ...items.flatMap((item) => differenceLines(item, paint))];
}

function differenceLines({ clusters, objects, policy }: Schemas['PartDifferenceDto'], paint: Paint): string[] {
  return [printClusters(clusters), ...printObjectChanges({ objects, policy }, paint)];
}

function printClusters(clusters: readonly string[]): string {
  return printNames(clusters, 'cluster');
}

async function diffLive(session: Session, app: string, { cluster, output }: DiffOptions): Promise<boolean> {
  const query = cluster === undefined ? {} : { cluster };
  const api = await session.api();
  const body = await bodyOf(api.GET('/api/v1/apps/{app}/differences', { params: { path: { app }, query } }));
  session.out(printAs(body, output, () => liveLines(body, session.paint).join('\n')));
  return body.items.length === 0 && body.unobserved.length === 0;
}

const KINDS = { notApplied: 'not applied yet', drift: 'live differs' } as const;

function liveLines({ app, items, unobserved }: Schemas['AppDifferenceDto'], paint: Paint): string[] {
  const now = Date.now();
  const lines = items.flatMap((item) => {
    const head = `${printClusters(item.clusters)}  ${paint('yellow', KINDS[item.kind])}   observed ${printAge(item.observedAt, now)} ago`;
    return [head, ...printObjectChanges(item, paint)];
  });
  const silent =
    unobserved.length === 0 ? [] : [`${printClusters(unobserved)}  ${paint('yellow', 'unknown')}   never observed`];
  return lines.length + silent.length === 0 ? [`${app} is everywhere as it is allowed`] : [...lines, ...silent];
}
