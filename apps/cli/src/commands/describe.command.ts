import type { Command } from 'commander';
import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import { paintState } from '../output/paint.js';
import { clean } from '../output/table.js';
import type { Branch } from '../output/tree.js';
import { printTree } from '../output/tree.js';
import { printLabels, printNames, printPlace, printReleaseHead, shortenMessage } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Ink } from './describe-target.js';
import { targetBranch, targetDetails, targetLine } from './describe-target.js';
import { approvalLines } from './print-approvals.js';
import { LISTED_AT_MOST, readSomeTargets } from './read-targets.js';
import { readHistory } from './read-history.js';
import { printRollout } from './print-rollout.js';

/** A thing as the REST API gives it, and the words for it. */
interface Description {
  readonly body: unknown;
  readonly words: (ink: Ink) => string;
}

type Describe = (api: Api, name: string) => Promise<Description>;

const KINDS: Readonly<Record<string, Describe>> = {
  cluster: describeCluster,
  app: describeApp,
  target: describeTarget,
  release: describeRelease,
  rollout: describeRollout,
  source: describeSource,
};

/** `flotilla describe KIND NAME`. A target is APP/CLUSTER, a release APP/NUMBER. */
export function addDescribeCommand(program: Command, { session }: CommandContext): void {
  const command = program
    .command('describe <kind> <name>')
    .description(`One ${Object.keys(KINDS).join(', ')} as a tree; a target is APP/CLUSTER, a release APP/NUMBER`);
  withTextOutput(command).action(async (kind: string, name: string, { output }: TextOptions) => {
    const here = session();
    const describe = KINDS[kind];
    if (!describe) throw new CliError('usage', `there is no kind ${kind}`, `one of ${Object.keys(KINDS).join(', ')}`);
    const { body, words } = await describe(await here.api(), name);
    here.out(printAs(body, output, () => words({ paint: here.paint, now: Date.now() })));
  });
}

function lines(
  head: string,
  facts: readonly (readonly [title: string, value: string])[],
  tree: readonly Branch[],
): string {
  const shown = facts.filter(([, value]) => value !== '' && value !== '-');
  const width = Math.max(0, ...shown.map(([title]) => title.length));
  return [head, ...shown.map(([title, value]) => `${title.padEnd(width)}  ${value}`), ...printTree(tree)].join('\n');
}

async function describeCluster(api: Api, cluster: string): Promise<Description> {
  const [body, targets, approvals] = await Promise.all([
    bodyOf(api.GET('/api/v1/clusters/{cluster}', { params: { path: { cluster } } })),
    readSomeTargets(api, { cluster }),
    bodyOf(api.GET('/api/v1/approvals', { params: { query: {} } })),
  ]);
  const waiting = approvals.items.filter((approval) => approval.cluster === cluster);
  return { body, words: (ink) => [clusterWords(body, targets, ink), ...approvalLines(waiting, ink)].join('\n') };
}

function clusterWords(body: Schemas['ClusterDto'], targets: readonly Schemas['TargetDto'][], ink: Ink): string {
  const { paint, now } = ink;
  const since = body.state === 'unknown' ? ` since ${printAge(body.lastSeenAt, now)}` : '';
  const versions =
    body.desiredVersion === body.heldVersion
      ? `holds ${body.heldVersion}`
      : `holds ${body.heldVersion}, will get ${body.desiredVersion}`;
  return lines(
    `${body.name}  ${paintState(paint, body.state)}${since}${body.stateReason ? `: ${clean(body.stateReason)}` : ''}`,
    [
      ['labels', clean(printLabels(body.labels))],
      ['cluster', clean(printLabels(body.facts))],
      ['agent', body.agentVersion ?? ''],
      ['joined', body.joinedAt === null ? '' : `${printAge(body.joinedAt, now)} ago`],
      ['seen', body.lastSeenAt === null ? '' : `${printAge(body.lastSeenAt, now)} ago`],
      ['report', body.lastReportAt === null ? '' : `newest ${printAge(body.lastReportAt, now)} ago`],
      ['suspended', isFuture(body.suspendedUntil, now) ? `until ${body.suspendedUntil}` : ''],
      ['state', versions],
      ['refused', body.rejected === null ? '' : clean(JSON.stringify(body.rejected))],
    ],
    [
      ...targets.map((target) => targetBranch(target, target.app, ink)),
      ...moreBranch(totalOf(body.targets) - targets.length, `flotilla get targets --cluster ${body.name}`),
    ],
  );
}

function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What a screen has no room for, and where it is. */
function moreBranch(count: number, command: string): Branch[] {
  return count > 0 ? [{ text: `… and ${count} more   → ${command}` }] : [];
}

function isFuture(at: string | null, now: number): boolean {
  return at !== null && Date.parse(at) > now;
}

async function describeApp(api: Api, app: string): Promise<Description> {
  const [body, targets, problems] = await Promise.all([
    bodyOf(api.GET('/api/v1/apps/{app}', { params: { path: { app } } })),
    readSomeTargets(api, { app }),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { subject: app } } })),
  ]);
  return { body, words: (ink) => appWords(body, targets, problems.items, ink) };
}

// eslint-disable-next-line max-params -- one line per fact; an object would only repeat the names
function appWords(
  body: Schemas['AppDto'],
  targets: readonly Schemas['TargetDto'][],
  problems: readonly Schemas['ProblemDto'][],
  ink: Ink,
): string {
  const { paint, now } = ink;
  const { release, rollout } = body;
  return lines(
    `${body.name}  ${body.life}`,
    [
      ['namespace', body.namespace],
      ['project', body.project],
      ['strategy', body.strategy || 'default'],
      [
        'release',
        release === null ? 'none yet' : `${printReleaseHead(release)} ${printAge(release.createdAt, now)} ago`,
      ],
      ['rollout', rollout === null ? '' : `#${rollout.release} ${paintState(paint, rollout.state)}`],
      ['frozen', body.frozenSince === null ? '' : `${printAge(body.frozenSince, now)}: ${clean(body.frozenBecause)}`],
    ],
    [
      ...problems.map(({ file, line, message, hint }) => ({
        text: clean(`problem  ${printPlace({ file, line })}  ${message}${hint ? `   ${hint}` : ''}`),
      })),
      ...targets.map((target) => targetBranch(target, target.cluster, ink)),
      ...moreBranch(totalOf(body.targets) - targets.length, `flotilla get targets --app ${body.name}`),
    ],
  );
}

/** `web/eu-1` in its two parts. @throws CliError */
function pairOf(name: string, example: string): readonly [string, string] {
  const slash = name.indexOf('/');
  if (slash > 0 && slash < name.length - 1) return [name.slice(0, slash), name.slice(slash + 1)];
  throw new CliError('usage', `${name}: say ${example}`);
}

async function describeTarget(api: Api, name: string): Promise<Description> {
  const [app, cluster] = pairOf(name, 'APP/CLUSTER');
  const body = await bodyOf(api.GET('/api/v1/apps/{app}/targets/{cluster}', { params: { path: { app, cluster } } }));
  const words = (ink: Ink): string =>
    lines(
      `${app} on ${cluster}  ${targetLine(body, ink)}`,
      [
        ['matched by', clean(body.matchedBy)],
        ['allowed', body.allowedAt === null ? '' : `#${body.allowedRelease} ${printAge(body.allowedAt, ink.now)} ago`],
        ['applied', body.appliedAt === null ? '' : `#${body.appliedRelease} ${printAge(body.appliedAt, ink.now)} ago`],
        ['health', body.healthAt === null ? '' : `${body.health} for ${printAge(body.healthAt, ink.now)}`],
        ['phase', body.phase ?? ''],
      ],
      targetDetails(body, ink),
    );
  return { body, words };
}

async function describeRelease(api: Api, name: string): Promise<Description> {
  const [app, text] = pairOf(name, 'APP/NUMBER');
  const number = Number(text.replace(/^#/, ''));
  if (!Number.isInteger(number)) throw new CliError('usage', `${name}: say APP/NUMBER, such as ${app}/4`);
  const [body, versions] = await Promise.all([
    bodyOf(api.GET('/api/v1/apps/{app}/releases/{number}', { params: { path: { app, number } } })),
    bodyOf(api.GET('/api/v1/versions', { params: { query: { app, limit: 1_000 } } })),
  ]);
  const running = versions.items.filter(({ release }) => release === number);
  const words = ({ now }: Ink): string =>
    lines(
      `${app} ${printReleaseHead(body)}`,
      [
        ['source', body.source],
        ['committed', `${printAge(body.committedAt, now)} ago`],
        ['released', `${printAge(body.createdAt, now)} ago`],
        ['clusters', `${body.clusters} with ${body.bundles} different object sets`],
      ],
      [
        ...running
          .slice(0, LISTED_AT_MOST)
          .map(({ cluster, since }) => ({ text: `runs on ${cluster} for ${printAge(since, now)}` })),
        ...moreBranch(running.length - LISTED_AT_MOST, `flotilla get targets --app ${app}`),
      ],
    );
  return { body, words };
}

async function describeRollout(api: Api, app: string): Promise<Description> {
  const body = await bodyOf(api.GET('/api/v1/apps/{app}/rollout', { params: { path: { app } } }));
  const history = await readHistory(api, app, { release: body.release.number });
  const words = ({ paint, now }: Ink): string =>
    [
      printRollout(body, paint, now),
      ...printTree(
        [
          {
            text: 'waves',
            below: body.waves.map((wave) => ({
              text: `${wave.name}: ${printNames(wave.clusters, 'cluster') || 'no targets'}`,
            })),
          },
          {
            text: 'blocked',
            below: body.blockedBy.map(({ kind, since, unblocks }) => ({
              text: clean(`${kind} for ${printAge(since, now)}: ${unblocks}`),
            })),
          },
          {
            text: 'history',
            below: history.slice(-20).map(({ at, kind, wave, cluster, message, clusters }) => ({
              text: clean(
                [
                  `${printAge(at, now)} ago`,
                  kind,
                  wave ?? '',
                  cluster ?? printNames(clusters, 'cluster'),
                  shortenMessage(message),
                ]
                  .filter((part) => part !== '')
                  .join('  '),
              ),
            })),
          },
        ].filter(({ below }) => below.length > 0),
      ),
    ].join('\n');
  return { body, words };
}

async function describeSource(api: Api, source: string): Promise<Description> {
  const [body, problems] = await Promise.all([
    bodyOf(api.GET('/api/v1/sources/{source}', { params: { path: { source } } })),
    bodyOf(api.GET('/api/v1/problems', { params: { query: { limit: 500 } } })),
  ]);
  const words = ({ paint, now }: Ink): string =>
    lines(
      `${body.name}  ${body.failingSince === null ? 'ok' : paint('red', `failing for ${printAge(body.failingSince, now)}`)}`,
      [
        ['role', body.role],
        ['url', body.url],
        ['ref', body.ref],
        [
          'commit',
          body.commit === null
            ? 'none yet'
            : `${body.commit.slice(0, 7)} "${clean(body.subject)}" (${clean(body.author)})`,
        ],
        ['moved', body.movedAt === null ? '' : `${printAge(body.movedAt, now)} ago`],
        ['checked', body.checkedAt === null ? '' : `${printAge(body.checkedAt, now)} ago`],
        ['failure', clean(body.failure)],
      ],
      problems.items
        .filter((problem) => problem.source === source && problem.message !== body.failure)
        .map(({ file, line, message }) => ({ text: clean(`problem  ${printPlace({ file, line })}  ${message}`) })),
    );
  return { body, words };
}
