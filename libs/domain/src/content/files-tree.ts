import { sha256Hex } from '../json/index.js';
import type { FileTree, TreeFile } from './file-tree.js';

/** A file as a folder on disk has it. */
export interface GivenFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly type?: TreeFile['type'];
}

/** A tree of files that are all at hand: a folder on disk, without a repository. */
export class FilesTree implements FileTree {
  private readonly files: readonly TreeFile[];
  private readonly contents = new Map<string, Uint8Array>();

  constructor(given: readonly GivenFile[]) {
    const files = given.map(({ path, content, type = 'file' }): TreeFile => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const id = sha256Hex(bytes);
      this.contents.set(id, bytes);
      return { path, id, type };
    });
    this.files = files.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  }

  async folderId(path: string): Promise<string | undefined> {
    const files = await this.list(path);
    if (files.length === 0 && path !== '') return undefined;
    return sha256Hex(files.map((file) => `${file.path.slice(path.length)} ${file.type} ${file.id}`).join('\n'));
  }

  async list(path: string): Promise<readonly TreeFile[]> {
    return path === '' ? this.files : this.files.filter((file) => file.path.startsWith(`${path}/`));
  }

  async read(file: TreeFile): Promise<Uint8Array> {
    return this.contents.get(file.id) ?? new Uint8Array();
  }
}
