import type { Command } from 'commander';
import type { KubeObject } from '@flotilla/domain';
import {
  APP_KIND,
  KIND_LABEL,
  NOTE_APPS,
  NOTE_DESIRED,
  NOTE_HUB,
  NOTE_HUB_SINCE,
  NOTE_HUB_TROUBLE,
  NOTE_VERSION,
  SUSPEND_ANNOTATION,
  appObjectName,
  parseSuspension,
} from '@flotilla/domain';
import { isApiFault } from '@flotilla/kube';
import type { ResourceType } from '@flotilla/kube';
import { CliError } from '../exit.js';
import { printAge } from '../output/age.js';
import type { Column } from '../output/table.js';
import { clean, printTable } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { addAgentRbacCommand } from './agent-rbac.command.js';
import type { ClusterOptions } from './cluster-access.js';
import { inCluster, withClusterOptions } from './cluster-access.js';

interface SuspendOptions extends ClusterOptions {
  readonly for: string;
}

/** The Lease is renewed every five seconds. */
const LATE_MS = 45_000;

const LEASES: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  namespaced: true,
  verbs: [],
};

const CONFIG_MAPS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespaced: true,
  verbs: [],
};

/** `flotilla agent status|suspend|resume`: straight to one cluster with a kubeconfig, for when the hub is away. */
export function addAgentCommands(program: Command, context: CommandContext): void {
  const { session } = context;
  const agent = program.command('agent').description('Look at and suspend apps in one cluster, without the hub');
  const add = (name: string, description: string): Command =>
    withClusterOptions(agent.command(name).description(description));
  add('status', 'What the agent says of each app').action((options: ClusterOptions) => status(session(), options));
  add('suspend <app>', 'Stop applying and healing an app for a time')
    .option('--for <duration>', 'for how long, at most a day', '1h')
    .action((app: string, options: SuspendOptions) => suspend(session(), app, options));
  add('resume <app>', 'End a suspension that was set in the cluster').action((app: string, options: ClusterOptions) =>
    resume(session(), app, options),
  );
  addAgentRbacCommand(agent, context);
}

const COLUMNS: readonly Column<KubeObject>[] = [
  { title: 'APP', of: (object) => dataOf(object, 'app') },
  { title: 'PHASE', of: (object) => dataOf(object, 'phase') },
  { title: 'HEALTH', of: (object) => dataOf(object, 'health') },
  { title: 'OBJECTS', of: (object) => dataOf(object, 'objects') },
  { title: 'DRIFTED', of: (object) => dataOf(object, 'drifted') },
  { title: 'BUNDLE', of: (object) => dataOf(object, 'bundle') },
  { title: 'MESSAGE', of: messageOf },
];

async function status(session: Session, options: ClusterOptions): Promise<void> {
  await inCluster(options, async (client) => {
    const labelSelector = `${KIND_LABEL}=${APP_KIND}`;
    const { items } = await client.list(CONFIG_MAPS, options.namespace, { labelSelector });
    const lease = await client.find({ type: LEASES, namespace: options.namespace, name: 'flotilla-agent' });
    if (lease === undefined) session.err('No agent has worked here yet.');
    else session.out(printAgent(lease, Date.now()));
    session.out(items.length === 0 ? 'no apps in this cluster' : printTable(items, COLUMNS));
  });
}

/** The agent by its Lease: whether it works, since when the hub is away, and what it holds meanwhile. */
function printAgent(lease: KubeObject, now: number): string {
  const spec = (lease['spec'] ?? {}) as LeaseSpec;
  const { annotations = {} } = lease.metadata;
  const note = (name: string): string => annotations[name] ?? 'unknown';
  const state = stateOf(spec, now);
  const trouble = annotations[NOTE_HUB_TROUBLE] ?? '';
  const healing = state === 'works' ? ': applied and healed, with the hub or without it' : '';
  return [
    `agent   ${state}, seen ${printAge(spec.renewTime, now)} ago, version ${note(NOTE_VERSION)}`,
    `hub     ${note(NOTE_HUB)} for ${printAge(annotations[NOTE_HUB_SINCE], now)}${trouble ? `: ${trouble}` : ''}`,
    `cached  desired state ${note(NOTE_DESIRED)}, apps: ${note(NOTE_APPS)}${healing}`,
  ]
    .map(clean)
    .join('\n');
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly renewTime?: string;
}

function stateOf({ holderIdentity = '', renewTime = '' }: LeaseSpec, now: number): 'stopped' | 'SILENT' | 'works' {
  if (holderIdentity === '') return 'stopped';
  return now - Date.parse(renewTime) > LATE_MS ? 'SILENT' : 'works';
}

function dataOf(object: KubeObject, key: string): string {
  return ((object['data'] ?? {}) as Readonly<Record<string, string>>)[key] ?? '';
}

function messageOf(object: KubeObject): string {
  const suspended = dataOf(object, 'suspended');
  return suspended === '' ? dataOf(object, 'message') : `suspended ${suspended}`;
}

async function suspend(session: Session, app: string, options: SuspendOptions): Promise<void> {
  const until = parseSuspension(options.for, Date.now());
  if (until === undefined) throw new CliError('usage', `"${options.for}" is neither a duration (1h) nor a time`);
  const time = new Date(until).toISOString();
  await annotate(app, time, options);
  session.out(`${app} is suspended until ${time}: nothing of it is applied or healed`);
}

async function resume(session: Session, app: string, options: ClusterOptions): Promise<void> {
  await annotate(app, null, options);
  session.out(`${app} is no longer suspended from here; a suspension by the hub stands`);
}

async function annotate(app: string, value: string | null, options: ClusterOptions): Promise<void> {
  await inCluster(options, async (client) => {
    const address = { type: CONFIG_MAPS, namespace: options.namespace, name: appObjectName(app) };
    const patch = { metadata: { annotations: { [SUSPEND_ANNOTATION]: value } } };
    try {
      await client.patch(address, patch, { type: 'merge' });
    } catch (error) {
      if (!isApiFault(error, 'NotFound')) throw error;
      throw new CliError('usage', `the agent knows no app ${app} in this cluster`, 'flotilla agent status');
    }
  });
}
