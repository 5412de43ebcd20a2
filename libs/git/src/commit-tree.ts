import type { FileTree, TreeFile } from '@flotilla/domain';
import { joinPath } from '@flotilla/domain';
import type { GitRepository } from './git-repository.js';
import type { TreeEntry } from './parse-object.js';

/** The files of a repository at one commit. */
export class CommitTree implements FileTree {
  constructor(
    private readonly repository: GitRepository,
    /** Id of the commit's root tree. */
    private readonly root: string,
  ) {}

  async folderId(path: string): Promise<string | undefined> {
    let id = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      const entry = (await this.repository.tree(id)).find((child) => child.name === name);
      if (entry?.type !== 'folder') return undefined;
      ({ id } = entry);
    }
    return id;
  }

  async list(path: string): Promise<readonly TreeFile[]> {
    const id = await this.folderId(path);
    if (id === undefined) return [];
    const files: TreeFile[] = [];
    await this.walk(id, path, files);
    return files.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  }

  async read(file: TreeFile): Promise<Uint8Array> {
    return this.repository.blob(file.id);
  }

  private async walk(tree: string, path: string, files: TreeFile[]): Promise<void> {
    for (const entry of await this.repository.tree(tree)) await this.visit(entry, joinPath(path, entry.name), files);
  }

  private async visit(entry: TreeEntry, path: string, files: TreeFile[]): Promise<void> {
    if (entry.type === 'folder') await this.walk(entry.id, path, files);
    else files.push({ path, id: entry.id, type: entry.type });
  }
}

/** @throws Fault notFound when there is no such commit */
export async function treeAt(repository: GitRepository, commit: string): Promise<CommitTree> {
  return new CommitTree(repository, (await repository.commit(commit)).tree);
}
