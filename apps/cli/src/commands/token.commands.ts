import type { Command } from 'commander';
import { Option } from 'commander';
import { bodyOf } from '../api/client.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import type { ActOptions } from './act-options.js';
import { actBody, withActOptions } from './act-options.js';

interface CreateOptions extends ActOptions {
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly expiresIn?: string;
}

const NOT_DONE = 'it applies; nothing was done (dry run)';

/** token create, revoke, revoke-join; `get tokens` and `get join-tokens` list. */
export function addTokenCommands(program: Command, { session }: CommandContext): void {
  const token = program.command('token').description('API tokens of people and machines');
  withActOptions(
    token
      .command('create <name>')
      .description('Make one; its text goes to stdout, once')
      .addOption(
        new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'admin']).default('viewer'),
      )
      .option('--expires-in <duration>', 'for example 90d'),
  ).action((name: string, options: CreateOptions) => create(session(), name, options));
  withActOptions(token.command('revoke <name>').description('Revoke one by name or id')).action(
    (name: string, options: ActOptions) => revoke(session(), name, options),
  );
  withActOptions(
    token
      .command('revoke-join <id>')
      .description('Revoke a join token that has not been used: flotilla get join-tokens'),
  ).action((id: string, options: ActOptions) => revokeJoin(session(), id, options));
}

async function create(session: Session, name: string, { role, expiresIn, ...act }: CreateOptions): Promise<void> {
  const body = { name, role, ...(expiresIn === undefined ? {} : { expiresIn }), ...actBody(act) };
  const made = await bodyOf((await session.api()).POST('/api/v1/tokens', { body }));
  if (!made.done) return session.err(`token create ${name}: ${NOT_DONE}`);
  session.out(made.token);
  session.err(`Token ${name} (${role}). It is not shown again.`);
}

async function revoke(session: Session, name: string, act: ActOptions): Promise<void> {
  const params = { path: { token: name }, query: actBody(act) };
  await bodyOf((await session.api()).DELETE('/api/v1/tokens/{token}', { params }));
  session.err(act.dryRun === true ? `token revoke ${name}: ${NOT_DONE}` : `Token ${name} is revoked.`);
}

async function revokeJoin(session: Session, id: string, act: ActOptions): Promise<void> {
  const params = { path: { token: id }, query: actBody(act) };
  await bodyOf((await session.api()).DELETE('/api/v1/join-tokens/{token}', { params }));
  session.err(act.dryRun === true ? `token revoke-join ${id}: ${NOT_DONE}` : `Nobody joins with ${id} any more.`);
}
