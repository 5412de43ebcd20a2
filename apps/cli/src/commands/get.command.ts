import type { Command } from 'commander';
import { Option } from 'commander';
import type { Api } from '../api/client.js';
import { CliError } from '../exit.js';
import type { Format } from '../output/format.js';
import { FORMATS, printData } from '../output/format.js';
import type { Column } from '../output/table.js';
import { printTable } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { resources } from './resources.js';

export interface GetOptions {
  readonly output: Format;
  readonly selector?: string;
  readonly cluster?: string;
  readonly app?: string;
  readonly unhealthy?: boolean;
  readonly limit?: string;
  readonly sortBy?: string;
}

/** What `get` can show: how it is read, and which columns it has. */
export interface Resource<T> {
  readonly names: readonly string[];
  readonly read: (api: Api, options: ReadOptions) => Promise<{ items: T[]; next: string | null }>;
  readonly nameOf: (row: T) => string;
  readonly columns: (look: Look) => readonly Column<T>[];
}

export interface ReadOptions extends Omit<GetOptions, 'output' | 'limit'> {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Look {
  readonly now: number;
  readonly paint: Session['paint'];
}

const PAGE = 500;

/** `flotilla get RESOURCE [NAME…]`. */
export function addGetCommand(program: Command, { session }: CommandContext): void {
  program
    .command('get <resource> [names...]')
    .description(`List ${resources.map(({ names }) => names[0]).join(', ')}`)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(FORMATS).default('table'))
    .option('-l, --selector <selector>', 'clusters with these labels, in the syntax of kubectl')
    .option('--cluster <cluster>', 'only what concerns this cluster')
    .option('--app <app>', 'only what concerns this app')
    .option('--unhealthy', 'only what is not healthy')
    .option('--sort-by <field>', 'a field of the JSON body')
    .option('--limit <n>', 'rows at most; all without it')
    .action((resource: string, names: string[], options: GetOptions) => get(session(), { resource, names, options }));
}

interface Request {
  readonly resource: string;
  readonly names: readonly string[];
  readonly options: GetOptions;
}

async function get(session: Session, { resource, names, options }: Request): Promise<void> {
  const found = resourceNamed(resource);
  const rows = sorted(pick(found, await readAll(found, await session.api(), options), names), options.sortBy);
  const limited = options.limit === undefined ? rows : rows.slice(0, Number(options.limit));
  print(session, { resource: found, rows: limited, format: options.output, one: names.length === 1 });
}

function resourceNamed(text: string): Resource<unknown> {
  const found = resources.find(({ names }) => names.includes(text));
  if (found) return found;
  throw new CliError(
    'usage',
    `there is no resource ${text}`,
    `one of ${resources.map(({ names }) => names[0]).join(', ')}`,
  );
}

async function readAll(resource: Resource<unknown>, api: Api, options: GetOptions): Promise<unknown[]> {
  const items: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await resource.read(api, { ...options, after, limit: PAGE });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}

function pick(resource: Resource<unknown>, rows: readonly unknown[], names: readonly string[]): readonly unknown[] {
  if (names.length === 0) return rows;
  const missing = names.filter((name) => !rows.some((row) => resource.nameOf(row) === name));
  if (missing.length > 0)
    throw new CliError('usage', `not found: ${missing.join(', ')}`, `flotilla get ${resource.names[0]}`);
  return rows.filter((row) => names.includes(resource.nameOf(row)));
}

function sorted(rows: readonly unknown[], field: string | undefined): readonly unknown[] {
  if (field === undefined) return rows;
  const key = (row: unknown): string => JSON.stringify((row as Record<string, unknown>)[field] ?? null);
  return [...rows].sort((a, b) => key(a).localeCompare(key(b), 'en', { numeric: true }));
}

interface Printed {
  readonly resource: Resource<unknown>;
  readonly rows: readonly unknown[];
  readonly format: Format;
  readonly one: boolean;
}

function print(session: Session, { resource, rows, format, one }: Printed): void {
  switch (format) {
    case 'json':
    case 'yaml':
      return session.out(printData(one ? rows[0] : { items: rows, next: null }, format));
    case 'name':
      return rows.forEach((row) => session.out(resource.nameOf(row)));
    case 'table':
    case 'wide':
      if (rows.length === 0) return session.err(`No ${resource.names[0]}.`);
      return session.out(
        printTable(rows, resource.columns({ now: Date.now(), paint: session.paint }), format === 'wide'),
      );
  }
}
