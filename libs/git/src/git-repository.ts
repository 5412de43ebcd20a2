import { Fault } from '@flotilla/domain';
import { ObjectReader } from './object-reader.js';
import type { CommitInfo, TreeEntry } from './parse-object.js';
import { parseCommit, parseTree } from './parse-object.js';

const MAX_CACHED_TREES = 20_000;

/**
 * Reads commits, folders and files of a repository from its object database: never from a branch that may move, never from
 * a checkout. Trees are immutable, so they are parsed once and kept.
 */
export class GitRepository implements Disposable {
  private readonly objects: ObjectReader;
  private readonly trees = new Map<string, Promise<readonly TreeEntry[]>>();

  /** @param gitDir a bare repository, or the `.git` folder of a checkout */
  constructor(readonly gitDir: string) {
    this.objects = new ObjectReader(gitDir);
  }

  /** The commit that a name (branch, tag, id, `HEAD~2`) points at now; undefined when there is none. */
  async resolve(name: string): Promise<string | undefined> {
    const found = await this.objects.find(`${name}^{commit}`);
    return found?.type === 'commit' ? found.id : undefined;
  }

  /** @throws Fault notFound */
  async commit(id: string): Promise<CommitInfo> {
    const { type, content } = await this.objects.read(id);
    if (type !== 'commit') throw new Fault('notFound', `${id} is not a commit`);
    return parseCommit(id, content);
  }

  /** Entries of one tree, in Git's order. */
  tree(id: string): Promise<readonly TreeEntry[]> {
    const known = this.trees.get(id);
    if (known) return known;
    const read = this.objects.read(id).then(({ content }) => parseTree(content, id.length / 2));
    read.catch(() => this.trees.delete(id));
    if (this.trees.size >= MAX_CACHED_TREES) this.trees.delete(this.trees.keys().next().value ?? '');
    this.trees.set(id, read);
    return read;
  }

  async blob(id: string): Promise<Buffer> {
    return (await this.objects.read(id)).content;
  }

  [Symbol.dispose](): void {
    this.objects[Symbol.dispose]();
  }
}
