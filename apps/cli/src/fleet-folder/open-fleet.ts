import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClusterInput, FileTree, FleetDefinitions, FoundProblem, RenderedFleet } from '@flotilla/domain';
import { ContentRenderer, renderFleet } from '@flotilla/domain';
import { GitRepository, treeAt } from '@flotilla/git';
import { createKustomize } from '@flotilla/render';
import type { Environment } from '../config/environment.js';
import { CliError } from '../exit.js';
import { readFolder } from './read-folder.js';
import { SubTree } from './sub-tree.js';

const run = promisify(execFile);

export interface FleetOptions {
  readonly folder: string;
  /** A commit, branch or tag to read instead of what lies in the folder. */
  readonly rev?: string;
  /** A cluster to render for; without it all that have `Cluster` documents. */
  readonly cluster?: string;
  readonly labels: Readonly<Record<string, string>>;
}

type FleetEnvironment = Pick<Environment, 'cacheFolder' | 'kustomize'>;

/** Renders the fleet in a folder without a hub, by the rules of the hub. @throws CliError usage */
export async function openFleet(options: FleetOptions, environment: FleetEnvironment): Promise<RenderedFleet> {
  const renderer = rendererOf(environment);
  return withTree(options, (tree) => render({ tree, renderer, options }));
}

/** A step from one revision to another; without `to`, to what lies in the folder. */
export interface FleetStep {
  readonly from: string;
  readonly to: string | undefined;
}

/** Renders both ends of a step; the first is what is in force when the second comes. @throws CliError usage */
export async function openStep(
  { from, to }: FleetStep,
  { rev: _, ...options }: FleetOptions,
  environment: FleetEnvironment,
): Promise<{ readonly before: RenderedFleet; readonly after: RenderedFleet }> {
  const renderer = rendererOf(environment);
  const before = await withTree({ ...options, rev: from }, (tree) => render({ tree, renderer, options }));
  const later = to === undefined ? options : { ...options, rev: to };
  const previous = before.definitions;
  const after = await withTree(later, (tree) => render({ tree, renderer, options, previous }));
  return { before, after };
}

function rendererOf({ cacheFolder, kustomize }: FleetEnvironment): ContentRenderer {
  const found = kustomize === undefined ? {} : { path: kustomize };
  return new ContentRenderer(createKustomize({ cacheFolder, ...found }));
}

interface Rendering {
  readonly tree: FileTree;
  readonly renderer: ContentRenderer;
  readonly options: FleetOptions;
  readonly previous?: FleetDefinitions;
}

async function render({ options, ...input }: Rendering): Promise<RenderedFleet> {
  const clusters = clustersOf(options);
  const fleet = await renderFleet({ ...input, ...(clusters === undefined ? {} : { clusters }) });
  return { ...fleet, problems: fleet.problems.filter((problem) => !isAboutJoining(problem)) };
}

async function withTree<T>({ folder, rev }: FleetOptions, use: (tree: FileTree) => Promise<T>): Promise<T> {
  if (rev === undefined) return use(await readFolder(folder));
  const { gitDir, prefix } = await findRepository(folder);
  using repository = new GitRepository(gitDir);
  return await use(await treeOf(repository, rev, prefix));
}

function clustersOf({ cluster, labels }: FleetOptions): readonly ClusterInput[] | undefined {
  return cluster === undefined ? undefined : [{ id: 1, name: cluster, joinLabels: labels, facts: {} }];
}

/** Which clusters have joined is known by a hub only. */
function isAboutJoining({ origin, severity, code }: FoundProblem): boolean {
  return origin === 'match' && severity === 'warning' && code === 'unknownReference';
}

async function findRepository(folder: string): Promise<{ gitDir: string; prefix: string }> {
  const asked = run('git', ['-C', folder, 'rev-parse', '--absolute-git-dir', '--show-prefix']);
  const { stdout } = await asked.catch(() => {
    throw new CliError('usage', `${folder} is in no Git repository`, 'leave --rev out to read what lies in the folder');
  });
  const [gitDir = '', prefix = ''] = stdout.split('\n');
  return { gitDir, prefix };
}

async function treeOf(repository: GitRepository, rev: string, prefix: string): Promise<FileTree> {
  const commit = await repository.resolve(rev);
  if (commit === undefined) throw new CliError('usage', `there is no commit ${rev}`);
  const tree = await treeAt(repository, commit);
  return prefix === '' ? tree : new SubTree(tree, prefix);
}
