import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { apiClient, bodyOf } from '../api/client.js';
import { loadContexts, saveContexts } from '../config/context-store.js';
import { CliError } from '../exit.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { printTable } from '../output/table.js';

interface LoginOptions {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly name?: string;
}

/** login, logout, context, whoami. */
export function addAccessCommands(program: Command, { session }: CommandContext): void {
  program
    .command('login <url>')
    .description('Remember a hub and a token for it')
    .option('--token <token>', 'the token; visible to other users of this machine, better use a file')
    .option('--token-file <file>', 'file with the token; - is stdin')
    .option('--name <name>', 'name of the context')
    .action((url: string, options: LoginOptions) => login(session(), url, options));
  program
    .command('logout')
    .description('Forget the current hub and its token')
    .action(() => logout(session()));
  const context = program.command('context').description('Hubs you are logged in to');
  context
    .command('list')
    .description('List them')
    .action(() => listContexts(session()));
  context
    .command('use <name>')
    .description('Make one the current one')
    .action((name: string) => useContext(session(), name));
  program
    .command('whoami')
    .description('Whose token you use, and its role')
    .action(() => whoAmI(session()));
}

async function login(session: Session, url: string, options: LoginOptions): Promise<void> {
  const hub = { url: checkUrl(url), token: await tokenOf(options) };
  const me = await bodyOf(apiClient(hub).GET('/api/v1/whoami'));
  const name = options.name ?? new URL(url).host;
  const { contexts } = await loadContexts(session.environment.configFile);
  await saveContexts(session.environment.configFile, { current: name, contexts: { ...contexts, [name]: hub } });
  session.err(`Logged in to ${hub.url} as ${me.name} (${me.role}); context ${name}.`);
}

function checkUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliError('usage', `${url} is not a URL of a hub`, 'for example http://127.0.0.1:8080');
  }
  return url.replace(/\/+$/, '');
}

async function tokenOf({ token, tokenFile }: LoginOptions): Promise<string> {
  if (token !== undefined) return token;
  if (tokenFile === undefined) throw new CliError('usage', 'a token is needed', '--token-file FILE');
  const text = await readFile(tokenFile === '-' ? '/dev/stdin' : tokenFile, 'utf8').catch((error: Error) => {
    throw new CliError('usage', error.message);
  });
  return text.trim();
}

async function logout(session: Session): Promise<void> {
  const { configFile } = session.environment;
  const { current, contexts } = await loadContexts(configFile);
  if (current === undefined) throw new CliError('usage', 'you are not logged in');
  const { [current]: _, ...rest } = contexts;
  await saveContexts(configFile, { current: Object.keys(rest)[0], contexts: rest });
  session.err(`Forgot ${current}. The token is still valid: an admin revokes it with \`flotilla token revoke\`.`);
}

async function listContexts(session: Session): Promise<void> {
  const { current, contexts } = await loadContexts(session.environment.configFile);
  const rows = Object.entries(contexts).map(([name, { url }]) => ({ name, url, mark: name === current ? '*' : '' }));
  const columns = [
    { title: 'CURRENT', of: (row: (typeof rows)[number]) => row.mark },
    { title: 'NAME', of: (row: (typeof rows)[number]) => row.name },
    { title: 'URL', of: (row: (typeof rows)[number]) => row.url },
  ];
  session.out(printTable(rows, columns));
}

async function useContext(session: Session, name: string): Promise<void> {
  const { configFile } = session.environment;
  const { contexts } = await loadContexts(configFile);
  if (!contexts[name]) throw new CliError('usage', `there is no context ${name}`, 'flotilla context list');
  await saveContexts(configFile, { current: name, contexts });
}

async function whoAmI(session: Session): Promise<void> {
  const me = await bodyOf((await session.api()).GET('/api/v1/whoami'));
  session.out(`${me.name}   ${me.role}   ${(await session.hub()).url}`);
}
