import type { ContentProblem } from './content-problem.js';
import { contentError, placeOfFile } from './content-problem.js';
import type { FileTree, TreeFile } from './file-tree.js';
import { joinPath, resolvePath } from './file-tree.js';
import type { KustomizeReference } from './read-kustomization.js';
import { KUSTOMIZATION_NAMES, readKustomization } from './read-kustomization.js';

/** Everything that a kustomization is made from: the folders it names, directly or through others. */
export interface KustomizeInputs {
  readonly folders: ReadonlyMap<string, string>;
  readonly files: readonly TreeFile[];
  readonly problems: readonly ContentProblem[];
}

const MAX_FOLDERS = 200;

/**
 * Follows the references of a kustomization to bases and components. What it names must be there, so that a wrong path is
 * a problem with its line before Kustomize runs.
 */
export async function followKustomization(tree: FileTree, path: string): Promise<KustomizeInputs> {
  const walk = new Walk(tree);
  await walk.visit(path);
  return { folders: walk.folders, files: [...walk.files.values()].sort(byPath), problems: walk.problems };
}

function byPath(a: TreeFile, b: TreeFile): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}

class Walk {
  readonly folders = new Map<string, string>();
  readonly files = new Map<string, TreeFile>();
  readonly problems: ContentProblem[] = [];

  constructor(private readonly tree: FileTree) {}

  async visit(folder: string, from?: KustomizeReference): Promise<void> {
    if (this.folders.has(folder) || this.folders.size >= MAX_FOLDERS) return;
    this.folders.set(folder, (await this.tree.folderId(folder)) ?? '');
    for (const file of await this.tree.list(folder)) this.take(file);
    const names = KUSTOMIZATION_NAMES.map((name) => joinPath(folder, name));
    const file = names.flatMap((name) => this.files.get(name) ?? [])[0];
    if (file) await this.follow(file, folder);
    else if (from)
      this.report(from, [`"${from.path}" has no kustomization`, 'Name a file, or a folder with a kustomization.yaml.']);
  }

  private take(file: TreeFile): void {
    if (file.type === 'file') this.files.set(file.path, file);
    else this.problems.push(linkProblem(file));
  }

  private async follow(file: TreeFile, folder: string): Promise<void> {
    const read = readKustomization(file.path, new TextDecoder().decode(await this.tree.read(file)));
    this.problems.push(...read.problems);
    if (read.problems.length > 0) return;
    for (const reference of read.references) await this.check(reference, folder);
  }

  private async check(reference: KustomizeReference, folder: string): Promise<void> {
    const path = reference.path.startsWith('/') ? undefined : resolvePath(folder, reference.path);
    if (path === undefined)
      this.report(reference, [`"${reference.path}" lies outside the repository`, 'Move it inside.']);
    else if (this.files.has(path)) return;
    else if ((await this.tree.folderId(path)) !== undefined) await this.visit(path, reference);
    else this.report(reference, [`"${reference.path}" does not exist`, 'Correct the path, or add the file.']);
  }

  private report({ place, field }: KustomizeReference, said: readonly [string, string]): void {
    this.problems.push({ ...contentError('pathNotFound', place, said), field });
  }
}

/** Links and submodules are never followed: what they lead to is not in the commit. */
export function linkProblem({ path, type }: TreeFile): ContentProblem {
  const what = type === 'link' ? 'a symbolic link' : 'a submodule';
  return contentError('notSupported', placeOfFile(path), [
    `"${path}" is ${what}`,
    'Replace it by the files themselves.',
  ]);
}
