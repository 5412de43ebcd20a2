import type { Digest } from '@flotilla/domain';
import { sha256Hex } from '@flotilla/domain';
import { compressJson, expandJson } from './compressed-json.js';
import type { Contents } from './held-state.js';
import type { Records } from './records.port.js';
import type { StoredContents } from './stored-contents.js';
import { fromStored, toStored } from './stored-contents.js';

const PREFIX = 'pack/';
/** JSON characters of one pack; deflated it is a fifth or so. */
const PACK_SIZE = 1024 * 1024;

type Kind = keyof Contents;
/** What is in a pack: kind and digest of each item. */
type Items = ReadonlySet<string>;

/**
 * Contents of the base in packs, named by what is in them. A pack never changes; one that is mostly dead is left behind
 * when its living items are packed anew.
 */
export class PackShelf {
  private readonly packs = new Map<Digest, Items>();

  constructor(private readonly records: Records) {}

  async load(stored: ReadonlyMap<string, Uint8Array>): Promise<Contents> {
    const found = { objects: new Map(), manifests: new Map(), policies: new Map() } satisfies Contents;
    for (const [key, record] of stored) {
      if (!key.startsWith(PREFIX)) continue;
      const contents = fromStored((await expandJson(record)) as StoredContents);
      this.packs.set(key.slice(PREFIX.length), new Set(itemsOf(contents)));
      for (const kind of KINDS) for (const [digest, value] of contents[kind]) found[kind].set(digest, value);
    }
    return found;
  }

  /** Stores everything of `contents`; the names of the packs that hold it. */
  async shelve(contents: Contents): Promise<Digest[]> {
    const wanted = new Set(itemsOf(contents));
    const kept = [...this.packs].filter(([, items]) => mostlyWanted(items, wanted));
    const shelved = new Set(kept.flatMap(([, items]) => [...items]));
    const names = kept.map(([name]) => name);
    for (const part of split(contents, shelved)) names.push(await this.write(part));
    return names;
  }

  /** Removes the packs that are not named. */
  async sweep(names: readonly Digest[]): Promise<void> {
    const kept = new Set(names);
    for (const name of [...this.packs.keys()]) {
      if (kept.has(name)) continue;
      await this.records.remove(PREFIX + name);
      this.packs.delete(name);
    }
  }

  private async write(contents: Contents): Promise<Digest> {
    const items = itemsOf(contents);
    const name = sha256Hex([...items].sort().join('\n'));
    await this.records.put(PREFIX + name, await compressJson(toStored(contents) as never));
    this.packs.set(name, new Set(items));
    return name;
  }
}

const KINDS: readonly Kind[] = ['objects', 'manifests', 'policies'];

function itemsOf(contents: Contents): string[] {
  return KINDS.flatMap((kind) => [...contents[kind].keys()].map((digest) => `${kind}/${digest}`));
}

function mostlyWanted(items: Items, wanted: Items): boolean {
  const living = [...items].filter((item) => wanted.has(item)).length;
  return living * 2 > items.size;
}

/** What is not shelved yet, in parts of bounded size. */
function split(contents: Contents, shelved: Items): Contents[] {
  const parts: Record<Kind, Map<Digest, unknown>>[] = [];
  let room = 0;
  for (const [kind, digest, value] of unshelved(contents, shelved)) {
    const size = JSON.stringify(value).length;
    if (size > room) {
      parts.push({ objects: new Map(), manifests: new Map(), policies: new Map() });
      room = PACK_SIZE;
    }
    room -= size;
    parts.at(-1)?.[kind].set(digest, value);
  }
  return parts as unknown as Contents[];
}

function* unshelved(contents: Contents, shelved: Items): Generator<[Kind, Digest, unknown]> {
  for (const kind of KINDS) {
    for (const [digest, value] of contents[kind]) {
      if (!shelved.has(`${kind}/${digest}`)) yield [kind, digest, value];
    }
  }
}
