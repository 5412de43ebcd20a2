import type { Command } from 'commander';
import { Option } from 'commander';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { labelsOf } from './labels.js';
import { given } from './resources/resource.js';

interface InstallOptions {
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

/** cluster join, rejoin, suspend, resume, revoke, remove. */
export function addClusterCommands(program: Command, { session }: CommandContext): void {
  const cluster = program.command('cluster').description('Act on clusters');
  withInstallOptions(
    cluster
      .command('join <name>')
      .description('Print the YAML that installs an agent: flotilla cluster join NAME | kubectl apply -f -'),
  )
    .option('--label <key=value...>', 'labels of the cluster')
    .action((name: string, options: JoinOptions) => join(session(), name, options));
  withInstallOptions(
    cluster.command('rejoin <name>').description('Print the YAML that gives a known cluster its identity back'),
  ).action((name: string, options: InstallOptions) => rejoin(session(), name, options));
  cluster
    .command('remove <name>')
    .description('Remove a cluster')
    .option('--prune', 'delete what apps own there')
    .option('--orphan', 'let it live, owned by nobody')
    .option('--gone', 'the cluster is gone: do not wait for it')
    .action((name: string, options: RemovalOptions) => remove(session(), name, options));
  addClusterActs(cluster, session);
}

function addClusterActs(cluster: Command, session: () => Session): void {
  cluster
    .command('suspend <name>')
    .description('Stop applying and healing there for a while')
    .option('--for <duration>', 'at most 24h', '1h')
    .option('--reason <text>', 'why')
    .action((name: string, options: { for: string; reason?: string }) => suspend(session(), name, options));
  cluster
    .command('resume <name>')
    .description('End a suspension')
    .option('--reason <text>', 'why')
    .action((name: string, options: { reason?: string }) => resume(session(), name, options));
  cluster
    .command('revoke <name>')
    .description('Withdraw its certificates; its session ends within seconds')
    .addOption(new Option('--reason <text>', 'why').makeOptionMandatory())
    .action((name: string, options: { reason: string }) => revoke(session(), name, options));
}

async function join(session: Session, name: string, { label, image, rbac }: JoinOptions): Promise<void> {
  const body = { labels: labelsOf(label), ...given({ image, rbac }) };
  const joined = await bodyOf(
    (await session.api()).POST('/api/v1/clusters/{cluster}/join', { params: { path: { cluster: name } }, body }),
  );
  session.streams.out(joined.manifest);
  session.err(`The token works once, until ${joined.expiresAt}. Then: flotilla wait cluster/${name}`);
}

async function rejoin(session: Session, name: string, { image, rbac }: InstallOptions): Promise<void> {
  const params = { path: { cluster: name }, query: given({ image, rbac }) };
  const joined = await bodyOf((await session.api()).POST('/api/v1/clusters/{cluster}/rejoin', { params }));
  session.streams.out(joined.manifest);
  session.err(`The token works once, until ${joined.expiresAt}. Then: flotilla wait cluster/${name}`);
}

interface RemovalOptions {
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
  await bodyOf(
    (await session.api()).DELETE('/api/v1/clusters/{cluster}', {
      params: { path: { cluster: name }, query: { mode } },
    }),
  );
  session.err(
    mode === 'gone' ? `${name} is removed.` : `${name} is being removed (${mode}): flotilla get clusters ${name}`,
  );
}

async function suspend(session: Session, name: string, options: { for: string; reason?: string }): Promise<void> {
  const body = { for: options.for, ...(options.reason === undefined ? {} : { reason: options.reason }) };
  await bodyOf(
    (await session.api()).POST('/api/v1/clusters/{cluster}/suspend', { params: { path: { cluster: name } }, body }),
  );
  session.err(`${name} is suspended for ${options.for}: nothing is applied or healed there.`);
}

async function resume(session: Session, name: string, options: { reason?: string }): Promise<void> {
  const api = await session.api();
  await bodyOf(api.POST('/api/v1/clusters/{cluster}/resume', { params: { path: { cluster: name } }, body: options }));
  session.err(`${name} goes on.`);
}

async function revoke(session: Session, name: string, options: { reason: string }): Promise<void> {
  const api = await session.api();
  await bodyOf(api.POST('/api/v1/clusters/{cluster}/revoke', { params: { path: { cluster: name } }, body: options }));
  session.err(`${name} is revoked. To let it back in: flotilla cluster rejoin ${name}`);
}
