import type { ContentProblem } from './content-problem.js';
import { contentError, placeOfFile } from './content-problem.js';
import type { FileTree, SourceFile, TreeFile } from './file-tree.js';
import { decodeText } from './decode-text.js';
import { folderOf } from '../definitions/clean-path.js';
import { baseName, joinPath, resolvePath } from './file-tree.js';
import type { KustomizeInputs } from './follow-kustomization.js';
import { followKustomization, linkProblem } from './follow-kustomization.js';
import { RecentMap } from './recent-map.js';
import { KUSTOMIZATION_NAMES } from './read-kustomization.js';
import type { Manifests } from './read-manifests.js';
import { readManifests } from './read-manifests.js';

/** Objects of a folder before anything differs per cluster, or why there are none. */
export interface RenderedContent extends Manifests {
  /** Equal keys mean equal content at the same path. */
  readonly key: string;
}

export type KustomizeResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Runs Kustomize over files that are all there is. Paths are from the root of the source. */
export type Kustomize = (files: readonly SourceFile[], folder: string) => Promise<KustomizeResult>;

/** Reads a file of manifests, wherever that is done: what it says is what `readManifests` says. */
export type ReadManifests = (file: SourceFile) => Promise<Manifests>;

const readHere: ReadManifests = (file) => Promise.resolve(readManifests(file));

export interface RenderLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
}

export const RENDER_LIMITS: RenderLimits = { maxFiles: 5_000, maxBytes: 64 * 1024 * 1024 };

/**
 * Renders folders: once per content and path, whatever the number of apps, clusters and commits that want it. Whatever is
 * missing, empty or broken is a problem with its place; an empty result never stands for a failure (invariant 5).
 */
export class ContentRenderer {
  private readonly rendered = new RecentMap<RenderedContent>(20_000);
  private readonly read = new RecentMap<Manifests>(50_000);
  /** Folders that a kustomization was made from, with their ids then. */
  private readonly followed = new RecentMap<ReadonlyMap<string, string>>(20_000);

  constructor(
    private readonly kustomize: Kustomize,
    private readonly manifestsOf: ReadManifests = readHere,
    private readonly limits: RenderLimits = RENDER_LIMITS,
  ) {}

  async render(tree: FileTree, path: string): Promise<RenderedContent> {
    const id = await tree.folderId(path);
    if (id === undefined) return failed(`missing:${path}`, [missingFolder(path)]);
    const key = `${path}@${id}`;
    const known = this.rendered.get(key) ?? (await this.unchanged(tree, key));
    if (known) return known;
    const files = await tree.list(path);
    const own = new Set(files.map((file) => file.path));
    if (own.has(joinPath(path, 'Chart.yaml'))) return this.rendered.set(key, failed(key, [chartProblem(path)]));
    if (KUSTOMIZATION_NAMES.some((name) => own.has(joinPath(path, name)))) return this.renderKustomize(tree, path, key);
    return this.rendered.set(key, { key, ...(await this.renderPlain(tree, path, files)) });
  }

  private async renderPlain(tree: FileTree, path: string, files: readonly TreeFile[]): Promise<Manifests> {
    const hidden = await Promise.all(files.map((file) => mayHide(tree, file)));
    const manifests = files.filter((file, i) => isManifestFile(file.path) || hidden[i] === true);
    if (manifests.length > this.limits.maxFiles) return { objects: [], problems: [tooMany(path, this.limits)] };
    const read = await Promise.all(manifests.map((file) => this.readFile(tree, file)));
    const objects = read.flatMap((part) => part.objects);
    return { objects, problems: read.flatMap((part) => part.problems) };
  }

  private async readFile(tree: FileTree, file: TreeFile): Promise<Manifests> {
    if (file.type !== 'file') return { objects: [], problems: [linkProblem(file)] };
    const key = `${file.path}@${file.id}`;
    const known = this.read.get(key);
    if (known) return known;
    const { path, id } = file;
    return this.read.set(key, await this.manifestsOf({ path, id, content: await tree.read(file) }));
  }

  /** What a kustomization gave when all folders that it is made from are as they were. */
  private async unchanged(tree: FileTree, key: string): Promise<RenderedContent | undefined> {
    const folders = this.followed.get(key);
    if (!folders) return undefined;
    for (const [folder, id] of folders) if ((await tree.folderId(folder)) !== id) return undefined;
    return this.rendered.get(keyOf(folders));
  }

  private async renderKustomize(tree: FileTree, path: string, folderKey: string): Promise<RenderedContent> {
    const inputs = await followKustomization(tree, path);
    const key = keyOf(inputs.folders);
    this.followed.set(folderKey, inputs.folders);
    if (inputs.problems.length > 0) return failed(key, inputs.problems);
    const known = this.rendered.get(key);
    if (known) return known;
    if (inputs.files.length > this.limits.maxFiles) return failed(key, [tooMany(path, this.limits)]);
    const result = await this.runKustomize(tree, path, inputs);
    return this.rendered.set(key, { key, ...result });
  }

  private async runKustomize(tree: FileTree, path: string, inputs: KustomizeInputs): Promise<Manifests> {
    const files = await readAll(tree, inputs.files);
    const bytes = files.reduce((sum, file) => sum + file.content.byteLength, 0);
    if (bytes > this.limits.maxBytes) return { objects: [], problems: [tooMany(path, this.limits)] };
    const place = placeOfFile(kustomizationOf(inputs, path));
    const result = await this.kustomize(files, path);
    if (!result.ok)
      return {
        objects: [],
        problems: await this.explain(files, contentError('kustomizeFailed', place, [result.message, result.hint])),
      };
    const content = new TextEncoder().encode(result.text);
    const { objects, problems } = await this.manifestsOf({ path: place.file, id: '', content });
    return {
      objects: objects.map(({ object }) => ({ object, place })),
      problems: problems.map((problem) => ({ ...problem, place })),
    };
  }

  /** What Kustomize says names a file at best; a file that is no YAML is told with its line instead. */
  private async explain(files: readonly SourceFile[], said: ContentProblem): Promise<readonly ContentProblem[]> {
    const named = files.filter((file) => isManifestFile(file.path) && said.message.includes(baseName(file.path)));
    const read = await Promise.all(named.map((file) => this.manifestsOf(file)));
    const broken = read.flatMap(({ problems }) => problems).filter(({ code }) => code !== 'manifestInvalid');
    if (broken.length > 0) return broken;
    const first = named.find((file) => !KUSTOMIZATION_NAMES.some((name) => name === baseName(file.path)));
    return [first ? { ...said, place: placeOfFile(first.path) } : said];
  }
}

/** The first folder is the rendered one. */
function keyOf(folders: ReadonlyMap<string, string>): string {
  return [...folders].map(([folder, id]) => `${folder}@${id}`).join(' ');
}

/** Files that plain content consists of: every YAML and JSON file that is not a definition. */
export function isManifestFile(path: string): boolean {
  return /\.(yaml|yml|json)$/.test(path) && baseName(path) !== 'flotilla.yaml';
}

/**
 * Whether something that is not followed may stand for manifests: a submodule, or a link to anything but a file of this source.
 * Passing over it would drop what was in a folder that it took the place of.
 */
async function mayHide(tree: FileTree, file: TreeFile): Promise<boolean> {
  if (file.type === 'file') return false;
  if (file.type === 'submodule') return true;
  const target = decodeText(await tree.read(file));
  if (typeof target !== 'string' || target.startsWith('/')) return true;
  const path = resolvePath(folderOf(file.path), target);
  return path === undefined || !(await tree.list(folderOf(path))).some((each) => each.path === path);
}

async function readAll(tree: FileTree, files: readonly TreeFile[]): Promise<SourceFile[]> {
  return Promise.all(files.map(async (file) => ({ path: file.path, id: file.id, content: await tree.read(file) })));
}

function kustomizationOf(inputs: KustomizeInputs, path: string): string {
  const names = KUSTOMIZATION_NAMES.map((name) => joinPath(path, name));
  return inputs.files.find((file) => names.includes(file.path))?.path ?? path;
}

function failed(key: string, problems: readonly ContentProblem[]): RenderedContent {
  return { key, objects: [], problems };
}

function missingFolder(path: string): ContentProblem {
  const said = [`there is no folder "${path}" in the source`, 'Correct the path, or add the folder.'] as const;
  return { ...contentError('pathNotFound', { file: '', line: 0, column: 0 }, said), field: 'spec.source.path' };
}

function chartProblem(path: string): ContentProblem {
  const said = ['Helm charts are not supported yet', 'Use plain manifests or Kustomize.'] as const;
  return contentError('notSupported', placeOfFile(joinPath(path, 'Chart.yaml')), said);
}

function tooMany(path: string, { maxFiles, maxBytes }: RenderLimits): ContentProblem {
  const message = `"${path}" has more than ${maxFiles} files or ${maxBytes / 1024 / 1024} MB of content`;
  return contentError('limitExceeded', placeOfFile(path), [message, 'Split the app.']);
}
