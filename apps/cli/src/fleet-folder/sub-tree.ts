import type { FileTree, TreeFile } from '@flotilla/domain';

/** A folder of a tree as a tree of its own. */
export class SubTree implements FileTree {
  /** @param prefix folder, with a slash at its end */
  constructor(
    private readonly whole: FileTree,
    private readonly prefix: string,
  ) {}

  folderId(path: string): Promise<string | undefined> {
    return this.whole.folderId(this.outside(path));
  }

  async list(path: string): Promise<readonly TreeFile[]> {
    const files = await this.whole.list(this.outside(path));
    return files.map((file) => ({ ...file, path: file.path.slice(this.prefix.length) }));
  }

  read(file: TreeFile): Promise<Uint8Array> {
    return this.whole.read({ ...file, path: this.prefix + file.path });
  }

  private outside(path: string): string {
    return (this.prefix + path).replace(/\/$/, '');
  }
}
