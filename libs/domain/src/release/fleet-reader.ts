import type { FileTree, TreeFile } from '../content/index.js';
import { RecentMap } from '../content/index.js';
import type { Definition, FleetDefinitions, FreezeOptions, ParsedFleet } from '../definitions/index.js';
import {
  PARSE_LIMITS,
  collectDefinitions,
  indexDefinitions,
  isDefinitionFile,
  parseFleet,
} from '../definitions/index.js';
import type { YamlStream } from '../definitions/read-yaml.js';
import { readYaml } from '../definitions/read-yaml.js';
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
 * with a definition can tell by that.
 */
export class FleetReader {
  private parsed: Parsed | undefined;
  private settled: Settled | undefined;
  private readonly streams = new RecentMap<YamlStream>(10_000);
  private definitions = new Map<string, Definition>();

  async read(fleet: FileTree, previous: FleetDefinitions | undefined, options: FreezeOptions): Promise<SettledFleet> {
    const parsed = await this.parse(fleet);
    const key = JSON.stringify(options);
    const last = this.settled;
    if (last?.parsed === parsed && last.options === key && last.fleet.effective === previous) return last.fleet;
    this.settled = { parsed, options: key, fleet: settleDefinitions(previous, parsed, options) };
    return this.settled.fleet;
  }

  /** Parses the definition files, unless they are the very ones of the last time. */
  private async parse(fleet: FileTree): Promise<ParsedFleet> {
    const files = (await fleet.list('')).filter((file) => isDefinitionFile(file.path) && file.type === 'file');
    const key = files.map((file) => `${file.path}@${file.id}`).join(' ');
    if (this.parsed?.key === key) return this.parsed.fleet;
    const contents = await Promise.all(files.map((file) => readText(fleet, file)));
    const parsed = parseFleet(contents, PARSE_LIMITS, (content) => this.readOnce(content));
    this.parsed = { key, fleet: { ...parsed, definitions: this.intern(parsed.definitions) } };
    return this.parsed.fleet;
  }

  private readOnce(content: string): YamlStream {
    return this.streams.get(content) ?? this.streams.set(content, readYaml(content));
  }

  private intern(definitions: FleetDefinitions): FleetDefinitions {
    const keyed = [...indexDefinitions(definitions).values()].map((item) => [JSON.stringify(item), item] as const);
    this.definitions = new Map(keyed.map(([text, item]) => [text, this.definitions.get(text) ?? item]));
    return collectDefinitions(this.definitions.values());
  }
}

async function readText(fleet: FileTree, file: TreeFile): Promise<{ path: string; content: string }> {
  return { path: file.path, content: new TextDecoder().decode(await fleet.read(file)) };
}
