import type { Command } from 'commander';
import { bodyOf } from '../api/client.js';
import { printTable } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';

/** source refresh: the daily command. */
export function addSourceCommands(program: Command, { session }: CommandContext): void {
  const source = program.command('source').description('Act on Git sources');
  source
    .command('refresh [name]')
    .description('Look at one source, or all, now')
    .action(async (name: string | undefined) => {
      const here = session();
      const api = await here.api();
      const page = await bodyOf(
        name === undefined
          ? api.POST('/api/v1/sources/refresh')
          : api.POST('/api/v1/sources/{source}/refresh', { params: { path: { source: name } } }),
      );
      here.out(
        printTable(page.items, [
          { title: 'SOURCE', of: (row) => row.source },
          { title: 'COMMIT', of: (row) => row.commit.slice(0, 7) },
          { title: 'MOVED', of: (row) => (row.moved ? 'yes' : 'no') },
        ]),
      );
    });
}
