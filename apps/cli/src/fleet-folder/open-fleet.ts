import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClusterInput, FileTree, FoundProblem, RenderedFleet } from '@flotilla/domain';
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

/** Renders the fleet in a folder without a hub, by the rules of the hub. @throws CliError usage */
export async function openFleet(
  options: FleetOptions,
  { cacheFolder, kustomize }: Pick<Environment, 'cacheFolder' | 'kustomize'>,
): Promise<RenderedFleet> {
  const found = kustomize === undefined ? {} : { path: kustomize };
  const renderer = new ContentRenderer(createKustomize({ cacheFolder, ...found }));
  const clusters = clustersOf(options);
  const render = async (tree: FileTree): Promise<RenderedFleet> => {
    const fleet = await renderFleet({ tree, renderer, ...(clusters === undefined ? {} : { clusters }) });
    return { ...fleet, problems: fleet.problems.filter((problem) => !isAboutJoining(problem)) };
  };
  if (options.rev === undefined) return render(await readFolder(options.folder));
  const { gitDir, prefix } = await findRepository(options.folder);
  using repository = new GitRepository(gitDir);
  return await render(await treeOf(repository, options.rev, prefix));
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
