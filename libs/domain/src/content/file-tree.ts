/** One file of a tree: where it lies and which content it has, before that is read. */
export interface TreeFile {
  /** From the root of the source, `/` between names. */
  readonly path: string;
  /** Names the content: equal ids mean equal content. */
  readonly id: string;
  readonly type: 'file' | 'link' | 'submodule';
}

/** The files of a source at one commit. Behind it is a Git object database, or a folder on disk. */
export interface FileTree {
  /** Id of a folder's whole content, equal ids mean equal content; undefined when there is no such folder. Empty: the root. */
  folderId(path: string): Promise<string | undefined>;
  /** Every file below a folder, in the order of paths; empty when there is no such folder. */
  list(path: string): Promise<readonly TreeFile[]>;
  read(file: TreeFile): Promise<Uint8Array>;
}

/** A file with its content. */
export interface SourceFile {
  readonly path: string;
  readonly id: string;
  readonly content: Uint8Array;
}

/** `a/b` and `c` → `a/b/c`; an empty folder is the root. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Follows `.` and `..`; undefined when the path leaves the root. */
export function resolvePath(folder: string, relative: string): string | undefined {
  const names = folder === '' ? [] : folder.split('/');
  for (const name of relative.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join('/');
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
