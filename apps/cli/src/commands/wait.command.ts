import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printSpan } from '../output/age.js';
import { printCount, printLoud } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { parseDuration } from './duration.js';
import { releaseNumber } from './act-on.js';

const CONDITIONS = ['healthy', 'applied', 'connected', 'done'] as const;
type Condition = (typeof CONDITIONS)[number];

interface WaitOptions {
  readonly commit?: string;
  readonly release?: string;
  readonly for?: Condition;
  readonly timeout: string;
}

/** What one look says: whether it holds, can never hold, and what to tell. */
export interface Look {
  readonly verdict: 'yes' | 'no' | 'notYet';
  readonly words: string;
}

const POLL_MS = 250;
const run = promisify(execFile);

/** `flotilla wait app/A | cluster/C | rollout/A`. */
export function addWaitCommand(program: Command, { session, answer }: CommandContext): void {
  program
    .command('wait <what>')
    .description('Wait until an app or rollout is done or healthy, or a cluster is connected')
    .option('--commit <sha>', 'the release of this commit; HEAD is that of the repository you stand in')
    .option('--release <n>', 'this release')
    .addOption(new Option('--for <condition>', 'what to wait for').choices(CONDITIONS))
    .option('--timeout <duration>', 'how long', '10m')
    .action(async (what: string, options: WaitOptions) => {
      const held = await wait(session(), what, options);
      if (!held) answer(EXIT.no);
    });
}

async function wait(session: Session, what: string, options: WaitOptions): Promise<boolean> {
  const [, kind, name] = /^(app|cluster|rollout)\/(.+)$/.exec(what) ?? [];
  if (kind === undefined || name === undefined)
    throw new CliError('usage', `${what}: say app/NAME, rollout/NAME or cluster/NAME`);
  const api = await session.api();
  const look = kind === 'cluster' ? clusterLook(api, name, options) : await appLook(api, name, options);
  return poll(session, look, parseDuration(options.timeout));
}

async function poll(session: Session, look: () => Promise<Look>, timeoutMs: number): Promise<boolean> {
  const start = Date.now();
  let said = '';
  for (;;) {
    const { verdict, words } = await look();
    if (words !== said && verdict === 'notYet') session.err(`${words}   ${printSpan(Date.now() - start)}`);
    said = words;
    if (verdict !== 'notYet') {
      session.out(words);
      return verdict === 'yes';
    }
    if (Date.now() - start > timeoutMs) throw new CliError('timeout', `not within ${printSpan(timeoutMs)}: ${words}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function clusterLook(api: Api, cluster: string, options: WaitOptions): () => Promise<Look> {
  const condition = options.for ?? 'connected';
  return async () => {
    const { data } = await api.GET('/api/v1/clusters/{cluster}', { params: { path: { cluster } } });
    if (!data) return { verdict: 'notYet', words: `${cluster} has not joined` };
    const unhealthy = Object.entries(data.targets).filter(([state]) => state !== 'healthy');
    const holds = data.state === 'connected' && (condition === 'connected' || unhealthy.length === 0);
    const words = `${cluster} is ${data.state}${unhealthy.map(([state, count]) => `, ${count} ${state}`).join('')}`;
    return { verdict: holds ? 'yes' : 'notYet', words };
  };
}

async function appLook(api: Api, app: string, options: WaitOptions): Promise<() => Promise<Look>> {
  const commit = options.commit === undefined ? undefined : await fullCommit(options.commit);
  const wanted = options.release === undefined ? undefined : releaseNumber(options.release);
  return async () => {
    if (commit !== undefined) await refuseFrozen(api, app, commit);
    const { data } = await api.GET('/api/v1/apps/{app}/rollout', { params: { path: { app } } });
    if (!data) return { verdict: 'notYet', words: `${app} has no rollout yet` };
    if (!matches(data, { commit, wanted })) return waitingForRelease(api, { app, commit, wanted, data });
    return judge(data, options.for ?? 'done');
  };
}

function matches(
  { release }: Schemas['RolloutDto'],
  { commit, wanted }: { commit: string | undefined; wanted: number | undefined },
): boolean {
  if (wanted !== undefined) return release.number >= wanted;
  return commit === undefined || release.commit.startsWith(commit);
}

interface Expected {
  readonly app: string;
  readonly commit: string | undefined;
  readonly wanted: number | undefined;
  readonly data: Schemas['RolloutDto'];
}

/** A commit that changes no part of the app makes no release: then the release before it is the answer. */
async function waitingForRelease(api: Api, { app, commit, wanted, data }: Expected): Promise<Look> {
  const what = wanted === undefined ? `commit ${commit?.slice(0, 7)}` : `#${wanted}`;
  if (commit === undefined)
    return { verdict: 'notYet', words: `${app} is at #${data.release.number}, waiting for ${what}` };
  const { items } = await bodyOf(api.GET('/api/v1/sources'));
  const source = items.find(({ name }) => name === data.release.source);
  const seen = source?.commit?.startsWith(commit) === true && Date.parse(source.movedAt ?? '') < Date.now() - 2_000;
  if (!seen) return { verdict: 'notYet', words: `the hub has not seen ${what} yet` };
  const look = judge(data, 'done');
  return { ...look, words: `${what} changes nothing of ${app}; ${look.words}` };
}

async function refuseFrozen(api: Api, app: string, commit: string): Promise<void> {
  const { items } = await bodyOf(
    api.GET('/api/v1/problems', { params: { query: { subject: app, severity: 'error' } } }),
  );
  const problem = items.find((item) => item.commit.startsWith(commit));
  if (!problem) return;
  throw new CliError(
    'no',
    `${problem.file}:${problem.line}  ${problem.message} (${app} is frozen)`,
    problem.hint || undefined,
  );
}

const ENDED = ['halted', 'rolledBack', 'aborted'];

function judge(rollout: Schemas['RolloutDto'], condition: Condition): Look {
  const { app, release, state, targets, healthy, waves, wave } = rollout;
  const head = `${app} #${release.number} ${release.commit.slice(0, 7)} "${release.subject}" (${release.author})`;
  if (ENDED.includes(state)) {
    return { verdict: 'no', words: `${app} #${release.number} ${endedWords(rollout)}   → flotilla why ${app}` };
  }
  if (state === 'done') return { verdict: 'yes', words: `${head}   ${healthy} of ${targets} healthy` };
  const shown = waves.filter((each) => each.targets > 0);
  const at = shown.findIndex(({ name }) => name === wave);
  const current = shown[at];
  const applied = current
    ? `wave ${at + 1}/${shown.length} ${current.name}   ${current.counts['healthy'] ?? 0} of ${current.targets} healthy`
    : state;
  return { verdict: condition === 'applied' && healthy === targets ? 'yes' : 'notYet', words: `${head}   ${applied}` };
}

/** `HALTED at canary: 1 failed, budget 0; 11 targets untouched on #3`. */
function endedWords({ state, wave, waves, failed, allowed, release }: Schemas['RolloutDto']): string {
  const budget = waves.find(({ name }) => name === wave)?.maxFailures ?? 0;
  const untouched = allowed
    .filter((other) => other.release !== release.number)
    .map((other) => `; ${printCount(other.targets, 'target')} untouched on #${other.release}`);
  return `${printLoud(state)} at ${wave ?? '-'}: ${failed} failed, budget ${budget}${untouched.join('')}`;
}

async function fullCommit(text: string): Promise<string> {
  if (/^[0-9a-f]{7,40}$/.test(text)) return text;
  const { stdout } = await run('git', ['rev-parse', '--verify', `${text}^{commit}`]).catch(() => {
    throw new CliError('usage', `${text} is no commit of the repository here`);
  });
  return stdout.trim();
}
