import type { ContentProblem } from './content-problem.js';
import { contentError, placeOfFile } from './content-problem.js';
import { folderOf } from '../definitions/clean-path.js';
import { decodeText, notTextProblem } from './decode-text.js';
import type { FileTree, TreeFile } from './file-tree.js';
import { joinPath, resolvePath } from './file-tree.js';
import type { KustomizeReference } from './read-kustomization.js';
import { KUSTOMIZATION_NAMES, checkPlugin, readKustomization } from './read-kustomization.js';

/** Everything that a kustomization is made from: the folders it names, directly or through others. */
export interface KustomizeInputs {
  readonly folders: ReadonlyMap<string, string>;
  readonly files: readonly TreeFile[];
  readonly problems: readonly ContentProblem[];
}

const MAX_FOLDERS = 200;
const PLUGINS = /^(generators|transformers|validators)\[/;

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
  /** Folders from the rendered one to the present one. */
  private readonly way: string[] = [];

  constructor(private readonly tree: FileTree) {}

  async visit(folder: string, from?: KustomizeReference): Promise<void> {
    if (from && this.way.includes(folder)) return this.reportRing(from, folder);
    if (this.folders.has(folder)) return;
    if (from && this.folders.size >= MAX_FOLDERS) return this.reportTooMany(from);
    this.way.push(folder);
    await this.visitNew(folder, from);
    this.way.pop();
  }

  private async visitNew(folder: string, from: KustomizeReference | undefined): Promise<void> {
    this.folders.set(folder, (await this.tree.folderId(folder)) ?? '');
    for (const file of await this.tree.list(folder)) this.take(file);
    const names = KUSTOMIZATION_NAMES.map((name) => joinPath(folder, name));
    const found = names.flatMap((name) => this.files.get(name) ?? []);
    const [file] = found;
    if (file && found.length > 1) this.reportSeveral(found);
    else if (file) await this.follow(file, folder);
    else if (from)
      this.report(from, [`"${from.path}" has no kustomization`, 'Name a file, or a folder with a kustomization.yaml.']);
  }

  private reportRing(from: KustomizeReference, folder: string): void {
    const ring = [...this.way.slice(this.way.indexOf(folder)), folder].map((name) => (name === '' ? '.' : name));
    const said = [
      `the kustomizations refer to each other: ${ring.join(' → ')}`,
      'Remove one of these references.',
    ] as const;
    this.problems.push({ ...contentError('cyclicDependency', from.place, said), field: from.field });
  }

  private reportTooMany(from: KustomizeReference): void {
    const said = [`the kustomization is made of more than ${MAX_FOLDERS} folders`, 'Split the app.'] as const;
    this.problems.push({ ...contentError('limitExceeded', from.place, said), field: from.field });
  }

  private reportSeveral(files: readonly TreeFile[]): void {
    const [file, other] = files;
    const said = [`"${other?.path ?? ''}" is there too`, 'Keep one of them.'] as const;
    this.problems.push(contentError('kustomizeFailed', placeOfFile(file?.path ?? ''), said));
  }

  private take(file: TreeFile): void {
    if (file.type === 'file') this.files.set(file.path, file);
    else this.problems.push(linkProblem(file));
  }

  private async follow(file: TreeFile, folder: string): Promise<void> {
    const text = decodeText(await this.tree.read(file));
    if (typeof text !== 'string') {
      this.problems.push(notTextProblem(file.path, text));
      return;
    }
    const read = readKustomization(file.path, text);
    this.problems.push(...read.problems);
    if (read.problems.length > 0) return;
    for (const reference of read.references) await this.check(reference, folder);
  }

  private async check(reference: KustomizeReference, folder: string): Promise<void> {
    const path = reference.path.startsWith('/') ? undefined : resolvePath(folder, reference.path);
    if (path === undefined)
      return this.report(reference, [`"${reference.path}" lies outside the repository`, 'Move it inside.']);
    const file = this.files.get(path);
    if (file && path.startsWith(folder === '' ? '' : `${folder}/`)) return this.checkFile(file, reference);
    if ((await this.tree.folderId(path)) !== undefined) return this.visit(path, reference);
    const elsewhere = (await this.tree.list(folderOf(path))).some((candidate) => candidate.path === path);
    const said = elsewhere
      ? ([
          `"${reference.path}" lies outside the folder`,
          'Name the folder instead and give it a kustomization.yaml, or move the file.',
        ] as const)
      : ([`"${reference.path}" does not exist`, 'Correct the path, or add the file.'] as const);
    this.report(reference, said);
  }

  private async checkFile(file: TreeFile, { field }: KustomizeReference): Promise<void> {
    if (!PLUGINS.test(field)) return;
    const text = decodeText(await this.tree.read(file));
    if (typeof text === 'string') this.problems.push(...checkPlugin(file.path, text));
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
