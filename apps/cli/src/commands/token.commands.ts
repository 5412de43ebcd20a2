import type { Command } from 'commander';
import { Option } from 'commander';
import { bodyOf } from '../api/client.js';
import type { CommandContext } from '../run-cli.js';

interface CreateOptions {
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly expiresIn?: string;
}

/** token create, revoke, revoke-join; `get tokens` and `get join-tokens` list. */
export function addTokenCommands(program: Command, { session }: CommandContext): void {
  const token = program.command('token').description('API tokens of people and machines');
  token
    .command('create <name>')
    .description('Make one; its text goes to stdout, once')
    .addOption(new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'admin']).default('viewer'))
    .option('--expires-in <duration>', 'for example 90d')
    .action(async (name: string, { role, expiresIn }: CreateOptions) => {
      const here = session();
      const body = { name, role, ...(expiresIn === undefined ? {} : { expiresIn }) };
      const made = await bodyOf((await here.api()).POST('/api/v1/tokens', { body }));
      here.out(made.token);
      here.err(`Token ${name} (${role}). It is not shown again.`);
    });
  token
    .command('revoke <name>')
    .description('Revoke one by name or id')
    .action(async (name: string) => {
      const here = session();
      await bodyOf((await here.api()).DELETE('/api/v1/tokens/{token}', { params: { path: { token: name } } }));
      here.err(`Token ${name} is revoked.`);
    });
  token
    .command('revoke-join <id>')
    .description('Revoke a join token that has not been used: flotilla get join-tokens')
    .action(async (id: string) => {
      const here = session();
      await bodyOf((await here.api()).DELETE('/api/v1/join-tokens/{token}', { params: { path: { token: id } } }));
      here.err(`Nobody joins with ${id} any more.`);
    });
}
