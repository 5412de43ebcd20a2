import type { Command } from 'commander';
import { Option } from 'commander';
import type { Api } from '../api/client.js';
import { CliError } from '../exit.js';
import type { Format } from '../output/format.js';
import { FORMATS, printData } from '../output/format.js';
import { Table, printTable } from '../output/table.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { lookOnChange } from './look-on-change.js';
import type { Filters, Resource } from './resources/index.js';
import { narrowRows, resources, takesFilter } from './resources/index.js';

interface GetOptions extends Filters {
  readonly output: Format;
  readonly limit?: string;
  readonly sortBy?: string;
  readonly watch?: boolean;
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
    .option('--project <project>', 'only apps of this project')
    .option('--unhealthy', 'only what is not healthy')
    .option('--open', 'only drift that is not over')
    .option('-w, --watch', 'go on printing rows as they change; with -o json one object per line')
    .option('--sort-by <field>', 'a field of the JSON body')
    .option('--limit <n>', 'rows at most; all without it')
    .action((resource: string, names: string[], options: GetOptions) => get(session(), { resource, names, options }));
}

interface Request {
  readonly resource: string;
  readonly names: readonly string[];
  readonly options: GetOptions;
}

/** The rows of a resource as `get` shows them. */
export function listRows(session: Session, resource: string, filters: Filters): Promise<void> {
  return get(session, { resource, names: [], options: { ...filters, output: 'table' } });
}

async function get(session: Session, request: Request): Promise<void> {
  const { resource, names, options } = request;
  const found = resourceNamed(resource);
  refuseFilters(found, options);
  if (options.watch === true) return watch(session, found, request);
  const rows = await readRows(session, found, request);
  print(session, { resource: found, rows, format: options.output, one: names.length === 1 });
}

const FILTERS = ['selector', 'cluster', 'app', 'project', 'unhealthy', 'open'] as const;

function refuseFilters(resource: Resource<unknown>, options: GetOptions): void {
  const odd = FILTERS.find((filter) => options[filter] !== undefined && !takesFilter(resource, filter));
  if (odd === undefined) return;
  const takes = FILTERS.filter((filter) => takesFilter(resource, filter)).map((filter) => `--${filter}`);
  throw new CliError(
    'usage',
    `get ${resource.names[0]} cannot be narrowed by --${odd}`,
    `it takes ${takes.join(', ') || 'no filter'}`,
  );
}

async function readRows(
  session: Session,
  resource: Resource<unknown>,
  { names, options }: Request,
): Promise<readonly unknown[]> {
  const limit = options.limit === undefined ? undefined : limitOf(options.limit);
  const api = await session.api();
  const keep = await narrowRows(api, resource, options);
  const enough = names.length === 0 && options.sortBy === undefined ? limit : undefined;
  const rows = await readRowsOf(api, { resource, options, keep, enough });
  return sorted(pick(resource, rows, names), options.sortBy).slice(0, limit);
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new CliError('usage', `--limit ${text}: a whole number above 0 is needed`);
}

/** Members that rise without anything having happened. */
const CLOCKS = new Set(['lastSeenAt', 'checkedAt', 'usedAt', 'soakedMs', 'observedAt']);

/** Prints each row when it is new or different from what was printed last. */
async function watch(session: Session, resource: Resource<unknown>, request: Request): Promise<void> {
  const { output } = request.options;
  const known = new Map<string, string>();
  const look = { paint: session.paint, now: 0 };
  const table = new Table(resource.columns(look), output === 'wide', session.environment.room);
  const show = rowPrinter(session, { resource, table, format: output });
  await lookOnChange(session, {}, async () => {
    const rows = await readRows(session, resource, request);
    look.now = Date.now();
    const text = (row: unknown): string =>
      JSON.stringify(row, (key, value: unknown) => (CLOCKS.has(key) ? null : value));
    const fresh = rows.filter((row) => known.get(resource.nameOf(row)) !== text(row));
    for (const row of fresh) known.set(resource.nameOf(row), text(row));
    show(fresh);
  });
}

interface RowPrinting {
  readonly resource: Resource<unknown>;
  readonly table: Table<unknown>;
  readonly format: Format;
}

function rowPrinter(session: Session, { resource, table, format }: RowPrinting): (rows: readonly unknown[]) => void {
  switch (format) {
    case 'json':
      return (rows) => rows.forEach((row) => session.out(JSON.stringify(row)));
    case 'yaml':
      return (rows) => rows.forEach((row) => session.out(`---\n${printData(row, 'yaml')}`));
    case 'name':
      return (rows) => rows.forEach((row) => session.out(resource.nameOf(row)));
    case 'table':
    case 'wide':
      return (rows) => (rows.length === 0 ? undefined : session.out(table.print(rows)));
  }
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

interface Reading {
  readonly resource: Resource<unknown>;
  readonly options: GetOptions;
  readonly keep: (row: unknown) => boolean;
  /** So many rows are enough; undefined: all. */
  readonly enough: number | undefined;
}

async function readRowsOf(api: Api, { resource, options, keep, enough }: Reading): Promise<unknown[]> {
  const items: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await resource.read(api, { ...options, after, limit: Math.min(PAGE, enough ?? PAGE) });
    items.push(...page.items.filter(keep));
    after = page.next ?? undefined;
  } while (after !== undefined && (enough === undefined || items.length < enough));
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
        printTable(rows, resource.columns({ now: Date.now(), paint: session.paint }), {
          wide: format === 'wide',
          room: session.environment.room,
        }),
      );
  }
}
