import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import type { ActKind } from './act-on.js';
import { actOn } from './act-on.js';
import type { ActOptions } from './act-options.js';
import { withActOptions } from './act-options.js';
import { listRows } from './get.command.js';

interface RemovalActOptions extends ActOptions {
  readonly cluster?: string;
}

interface RemovalAct {
  readonly name: string;
  readonly kind: ActKind;
  readonly description: string;
}

const ACTS: readonly RemovalAct[] = [
  { name: 'orphan', kind: 'orphanRemoval', description: 'Let the objects live, owned by nobody' },
  { name: 'cancel', kind: 'cancelRemoval', description: 'Take back what was decided; it is asked again' },
];

/** removal list, approve, orphan, cancel. */
export function addRemovalCommands(program: Command, { session }: CommandContext): void {
  const removal = program.command('removal').description('Decide what becomes of what left Git');
  removal
    .command('list [app]')
    .description('What leaves, or waits for a decision about it')
    .action((app: string | undefined) => listRows(session(), 'removals', app === undefined ? {} : { app }));
  withActOptions(removal.command('approve <app>').description('Delete what left Git, or what goes beyond the budget'))
    .option('--cluster <cluster>', 'only on this cluster')
    .action((app: string, options: RemovalActOptions) => approve(session(), app, options));
  for (const { name, kind, description } of ACTS) {
    withActOptions(removal.command(`${name} <app>`).description(description))
      .option('--cluster <cluster>', 'only on this cluster')
      .action((app: string, options: RemovalActOptions) => actOn(session(), { app, name, kind, options }));
  }
}

/** Approves the removal of the app where it is asked, and each set of deletions that waits. */
async function approve(session: Session, app: string, options: RemovalActOptions): Promise<void> {
  const api = await session.api();
  const { items } = await bodyOf(api.GET('/api/v1/approvals', { params: { query: { app } } }));
  const wanted = items.filter(({ cluster }) => options.cluster === undefined || cluster === options.cluster);
  const sets = new Set(wanted.map(({ deletionSet }) => deletionSet).filter((set) => set !== null));
  const asked = wanted.some(({ kind }: Schemas['ApprovalDto']) => kind === 'removal');
  if (sets.size === 0 && !asked)
    throw new CliError('refused', `nothing of ${app} waits for an approval to be deleted`, 'flotilla get approvals');
  if (asked) await actOn(session, { app, name: 'approve', kind: 'approveRemoval', options });
  for (const deletionSet of sets) {
    await actOn(session, { app, name: 'approve', kind: 'approveDeletion', options: { ...options, deletionSet } });
  }
}
