import type { FileTree, TreeFile } from '../content/index.js';
import { RecentMap, decodeText } from '../content/index.js';
import type {
  Definition,
  FleetDefinitions,
  FleetFile,
  FreezeOptions,
  ParsedFleet,
  ReadFile,
} from '../definitions/index.js';
import {
  PARSE_LIMITS,
  collectDefinitions,
  indexDefinitions,
  isDefinitionFile,
  isMistakenFile,
  parseFiles,
  readFleetFile,
  tooManyFiles,
} from '../definitions/index.js';
import type { SettledFleet } from './settle-definitions.js';
import { settleDefinitions } from './settle-definitions.js';

interface Parsed {
  readonly key: string;
  readonly fleet: ParsedFleet;
}

interface Settled {
  readonly parsed: ParsedFleet;
  readonly options: string;
  readonly fleet: SettledFleet;
}

/**
 * Reads definitions and freezes what a bad revision concerns. What did not change keeps its identity, so that whoever works
 * with a definition can tell by that, and a change costs what it changes.
 */
export class FleetReader {
  private parsed: Parsed | undefined;
  private settled: Settled | undefined;
  private readonly files = new RecentMap<ReadFile>(20_000);
  private definitions: ReadonlyMap<string, Definition> = new Map();

  async read(fleet: FileTree, previous: FleetDefinitions | undefined, options: FreezeOptions): Promise<SettledFleet> {
    const parsed = await this.parse(fleet, previous);
    const key = JSON.stringify(options);
    const last = this.settled;
    if (last?.parsed === parsed && last.options === key && last.fleet.effective === previous) return last.fleet;
    const settled = settleDefinitions(previous, parsed, options);
    this.settled = { parsed, options: key, fleet: { ...settled, effective: keepKinds(settled.effective, previous) } };
    return this.settled.fleet;
  }

  /** Parses the definition files, unless they are the very ones of the last time. */
  private async parse(fleet: FileTree, previous: FleetDefinitions | undefined): Promise<ParsedFleet> {
    const all = await fleet.list('');
    const files = all.filter((file) => isOfFleet(file) || tookPlaceOf(file, previous));
    const key = files.map((file) => `${file.path}@${file.id}`).join(' ');
    if (this.parsed?.key === key) return this.parsed.fleet;
    const parsed =
      files.length > PARSE_LIMITS.maxFiles
        ? tooManyFiles(files.length)
        : parseFiles(await Promise.all(files.map((file) => this.readOnce(fleet, file))));
    this.parsed = { key, fleet: { ...parsed, definitions: this.intern(parsed.definitions) } };
    return this.parsed.fleet;
  }

  private async readOnce(fleet: FileTree, file: TreeFile): Promise<ReadFile> {
    const key = `${file.path}@${file.type}@${file.id}`;
    return this.files.get(key) ?? this.files.set(key, readFleetFile(await load(fleet, file)));
  }

  /** A definition that another edit of its file left as it was stays the very same. */
  private intern(definitions: FleetDefinitions): FleetDefinitions {
    const now = [...indexDefinitions(definitions)].map(
      ([key, item]) => [key, same(this.definitions.get(key), item)] as const,
    );
    this.definitions = new Map(now);
    return collectDefinitions(this.definitions.values());
  }
}

function same(before: Definition | undefined, now: Definition): Definition {
  if (before === undefined || before === now) return now;
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

/** Collections of kinds in which nothing changed stay the very same. */
function keepKinds(now: FleetDefinitions, before: FleetDefinitions | undefined): FleetDefinitions {
  if (before === undefined) return now;
  const kept = Object.entries(now).map(([kind, items]) => {
    const old: Readonly<Record<string, unknown>> = before[kind as keyof FleetDefinitions];
    return [kind, equalItems(old, items as Readonly<Record<string, unknown>>) ? old : items] as const;
  });
  return Object.fromEntries(kept) as unknown as FleetDefinitions;
}

function equalItems(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(b);
  return names.length === Object.keys(a).length && names.every((name) => a[name] === b[name]);
}

function isOfFleet({ path }: TreeFile): boolean {
  return isDefinitionFile(path) || isMistakenFile(path);
}

/** Whether something that is not followed lies where a folder with definitions was: they are not proven gone. */
function tookPlaceOf({ path, type }: TreeFile, previous: FleetDefinitions | undefined): boolean {
  if (type === 'file' || previous === undefined) return false;
  return [...indexDefinitions(previous).values()].some(({ place }) => place.file.startsWith(`${path}/`));
}

async function load(fleet: FileTree, { path, id, type }: TreeFile): Promise<FleetFile> {
  const start = { line: 1, column: 1 };
  if (type !== 'file') {
    const message = `"${path}" is ${type === 'link' ? 'a symbolic link' : 'a submodule'}: what it leads to is not read`;
    return {
      path,
      content: '',
      unreadable: { code: 'notSupported', spot: start, message, hint: 'Replace it by the file itself.' },
    };
  }
  const text = decodeText(await fleet.read({ path, id, type }));
  if (typeof text === 'string') return { path, content: text };
  const { line, column, message, hint } = text;
  return { path, content: '', unreadable: { code: 'yamlSyntax', spot: { line, column }, message, hint } };
}
