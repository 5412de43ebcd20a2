import type { Command } from 'commander';
import { Option } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import type { ActOptions } from './act-options.js';
import { actBody, withActOptions } from './act-options.js';
import { labelChangesOf, labelsOf } from './labels.js';
import { given } from './resources/resource.js';

interface InstallOptions extends ActOptions {
  readonly image?: string;
  readonly rbac?: 'clusterAdmin' | 'generated';
}

interface JoinOptions extends InstallOptions {
  readonly label?: readonly string[];
}

function withInstallOptions(command: Command): Command {
  return command
    .option('--image <image>', 'image of the agent')
    .addOption(
      new Option('--rbac <mode>', 'rights of the agent: anything, or what `flotilla agent rbac` prints').choices([
        'clusterAdmin',
        'generated',
      ]),
    );
}

/** cluster join, rejoin, label, suspend, resume, revoke, remove. */
export function addClusterCommands(program: Command, { session }: CommandContext): void {
  const cluster = program.command('cluster').description('Act on clusters');
  withActOptions(
    withInstallOptions(
      cluster
        .command('join <name>')
        .description('Print the YAML that installs an agent: flotilla cluster join NAME | kubectl apply -f -'),
    ),
  )
    .option('--label <key=value...>', 'labels of the cluster')
    .action((name: string, options: JoinOptions) => join(session(), name, options));
  withActOptions(
    withInstallOptions(
      cluster.command('rejoin <name>').description('Print the YAML that gives a known cluster its identity back'),
    ),
  ).action((name: string, options: InstallOptions) => rejoin(session(), name, options));
  withActOptions(cluster.command('remove <name>').description('Remove a cluster'))
    .option('--prune', 'delete what apps own there')
    .option('--orphan', 'let it live, owned by nobody')
    .option('--gone', 'the cluster is gone: do not wait for it')
    .action((name: string, options: RemovalOptions) => remove(session(), name, options));
  addClusterActs(cluster, session);
}

function addClusterActs(cluster: Command, session: () => Session): void {
  withActOptions(
    cluster
      .command('label <name> <labels...>')
      .description('Change the labels it joined with: KEY=VALUE sets, KEY- takes away'),
  ).action((name: string, labels: string[], options: ActOptions) => label(session(), name, { labels, ...options }));
  withActOptions(cluster.command('suspend <name>').description('Stop applying and healing there for a while'))
    .option('--for <duration>', 'at most 24h', '1h')
    .action((name: string, options: SuspendOptions) => suspend(session(), name, options));
  withActOptions(cluster.command('resume <name>').description('End a suspension')).action(
    (name: string, options: ActOptions) => resume(session(), name, options),
  );
  withActOptions(
    cluster.command('revoke <name>').description('Withdraw its certificates; its session ends within seconds'),
  ).action((name: string, options: ActOptions) => revoke(session(), name, options));
}

interface SuspendOptions extends ActOptions {
  readonly for: string;
}

async function join(
  session: Session,
  name: string,
  { label: labels, image, rbac, ...act }: JoinOptions,
): Promise<void> {
  const body = { labels: labelsOf(labels), ...given({ image, rbac }), ...actBody(act) };
  const api = await session.api();
  printJoin(
    session,
    await bodyOf(api.POST('/api/v1/clusters/{cluster}/join', { params: { path: { cluster: name } }, body })),
  );
}

async function rejoin(session: Session, name: string, { image, rbac, ...act }: InstallOptions): Promise<void> {
  const params = { path: { cluster: name }, query: { ...given({ image, rbac }), ...actBody(act) } };
  printJoin(session, await bodyOf((await session.api()).POST('/api/v1/clusters/{cluster}/rejoin', { params })));
}

/** Only YAML on stdout, to be piped into kubectl. */
function printJoin(session: Session, { cluster, done, manifest, expiresAt }: Schemas['JoinDto']): void {
  if (!done) return session.err(`${cluster}: it applies; nothing was done (dry run)`);
  session.streams.out(manifest);
  session.err(`The token works once, until ${expiresAt ?? ''}. Then: flotilla wait cluster/${cluster}`);
}

interface RemovalOptions extends ActOptions {
  readonly prune?: boolean;
  readonly orphan?: boolean;
  readonly gone?: boolean;
}

async function remove(session: Session, name: string, options: RemovalOptions): Promise<void> {
  const modes = (['prune', 'orphan', 'gone'] as const).filter((mode) => options[mode] === true);
  const [mode] = modes;
  if (mode === undefined || modes.length > 1) {
    throw new CliError(
      'usage',
      'say what becomes of its objects',
      `flotilla cluster remove ${name} --prune | --orphan | --gone`,
    );
  }
  const params = { path: { cluster: name }, query: { mode, ...actBody(options) } };
  const result = await bodyOf((await session.api()).DELETE('/api/v1/clusters/{cluster}', { params }));
  const going = `${name} is being removed (${mode}): flotilla get clusters ${name}`;
  tell(session, result, mode === 'gone' ? `${name} is removed.` : going);
}

async function label(session: Session, name: string, options: ActOptions & { labels: string[] }): Promise<void> {
  const body = { labels: labelChangesOf(options.labels), ...actBody(options) };
  const params = { path: { cluster: name } };
  const api = await session.api();
  const result = await bodyOf(api.POST('/api/v1/clusters/{cluster}/labels', { params, body }));
  tell(session, result, `${name} is labelled; what selects by that follows: flotilla describe cluster ${name}`);
}

async function suspend(session: Session, name: string, options: SuspendOptions): Promise<void> {
  const body = { for: options.for, ...actBody(options) };
  const params = { path: { cluster: name } };
  const result = await bodyOf((await session.api()).POST('/api/v1/clusters/{cluster}/suspend', { params, body }));
  tell(session, result, `${name} is suspended for ${options.for}: nothing is applied or healed there.`);
}

async function resume(session: Session, name: string, options: ActOptions): Promise<void> {
  const params = { path: { cluster: name } };
  const call = (await session.api()).POST('/api/v1/clusters/{cluster}/resume', { params, body: actBody(options) });
  tell(session, await bodyOf(call), `${name} goes on.`);
}

async function revoke(session: Session, name: string, options: ActOptions): Promise<void> {
  const params = { path: { cluster: name } };
  const call = (await session.api()).POST('/api/v1/clusters/{cluster}/revoke', { params, body: actBody(options) });
  tell(session, await bodyOf(call), `${name} is revoked. To let it back in: flotilla cluster rejoin ${name}`);
}

/** What came of an act; `words` when it was done now. */
function tell(session: Session, { cluster, act, done, repeated }: Schemas['ClusterActResultDto'], words: string): void {
  if (!done) return session.err(`${act} ${cluster}: it applies; nothing was done (dry run)`);
  session.err(repeated ? `${act} ${cluster}: done before by this request id` : words);
}
