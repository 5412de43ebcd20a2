import type { Command } from 'commander';
import type { RbacApp, RbacOptions, RbacPlan, RenderedFleet } from '@flotilla/domain';
import { planRbac } from '@flotilla/domain';
import { stringify } from 'yaml';
import { CliError, EXIT } from '../exit.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import type { ClusterOptions } from './cluster-access.js';
import { inCluster, withClusterOptions } from './cluster-access.js';
import type { FolderOptions } from './fleet-folder.commands.js';
import { openFolder, withFolderOptions } from './fleet-folder.commands.js';

interface RbacCommandOptions extends FolderOptions, ClusterOptions {
  readonly app?: string;
}

/** `flotilla agent rbac [DIR]`: the least that an agent and its apps' accounts need, from what the fleet repository holds. */
export function addAgentRbacCommand(agent: Command, { session, answer }: CommandContext): void {
  const command = agent
    .command('rbac [dir]')
    .description('Print the least rights of an agent that impersonates, and of the accounts of its apps')
    .option('--app <app>', 'only what this app needs');
  withClusterOptions(withFolderOptions(command)).action(async (dir: string = '.', options: RbacCommandOptions) => {
    if (!(await printRbac(session(), dir, options))) answer(EXIT.no);
  });
}

/** False when the rights are not all that the fleet needs. */
async function printRbac(session: Session, dir: string, options: RbacCommandOptions): Promise<boolean> {
  const fleet = await openFolder(session, dir, options);
  const apps = appsOf(fleet, options);
  if (apps.length === 0)
    throw new CliError('usage', `${dir} holds nothing for such a cluster`, `flotilla render ${dir}`);
  const plan = await planWith(apps, options);
  session.streams.out(plan.objects.map((object) => stringify(object)).join('---\n'));
  return explain(session, plan, fleet);
}

function appsOf({ targets }: RenderedFleet, { app }: RbacCommandOptions): RbacApp[] {
  return targets
    .filter((target) => app === undefined || target.app === app)
    .map(({ app: name, policy, objects }) => {
      const { namespace, serviceAccount } = policy;
      return { app: name, namespace, serviceAccount, objects };
    });
}

/** With a cluster at hand its discovery names the kinds; without one names are those of CRDs, or the usual plural. */
function planWith(apps: readonly RbacApp[], options: RbacCommandOptions): Promise<RbacPlan> {
  const { context, kubeconfig, namespace } = options;
  if (context === undefined && kubeconfig === undefined) return Promise.resolve(planRbac(apps, { namespace }));
  return inCluster(options, async (client) => {
    await client.discovery.refresh();
    const namesOf: RbacOptions['namesOf'] = (apiVersion, kind) => client.discovery.find(apiVersion, kind);
    return planRbac(apps, { namespace, namesOf });
  });
}

function explain(
  session: Session,
  { guessed, withoutAccount, grantors }: RbacPlan,
  { problems }: RenderedFleet,
): boolean {
  for (const guess of guessed) session.err(`guessed: ${guess}; --context CLUSTER asks the cluster instead`);
  for (const app of withoutAccount)
    session.err(`${app} has no spec.serviceAccount: an agent with impersonateOnly refuses it`);
  for (const app of grantors)
    session.err(`${app} holds RBAC objects: its account needs what they give, or "escalate" and "bind", from you`);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) session.err(`${errors} problems in the fleet: something may be missing here; flotilla validate`);
  return withoutAccount.length + grantors.length + errors === 0;
}
