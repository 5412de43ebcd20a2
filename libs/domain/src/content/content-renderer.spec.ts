import { expect, it } from 'vitest';
import { ContentRenderer } from './content-renderer.js';
import { FilesTree } from './files-tree.js';
import type { GivenFile } from './files-tree.js';

const CONFIG = { path: 'web/config.yaml', content: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n' };

async function problemsOf(...more: readonly GivenFile[]): Promise<string[]> {
  const kustomize = (): never => {
    throw new Error('not asked for');
  };
  const { problems } = await new ContentRenderer(kustomize).render(new FilesTree([CONFIG, ...more]), 'web');
  return problems.map(({ code, place }) => `${code} ${place.file}`);
}

it('passes over a link to a file that is no manifest', async () => {
  const readme = { path: 'docs/README.md', content: '# web' };
  expect(await problemsOf(readme, { path: 'web/README.md', content: '../docs/README.md', type: 'link' })).toEqual([]);
});

it.each([
  ['a folder', '../base'],
  ['nothing', '../gone'],
  ['something outside the source', '../../../etc'],
  ['something on a machine', '/etc/passwd'],
])('refuses a link to %s: it may stand for manifests', async (_, content) => {
  const base = { path: 'base/more.yaml', content: CONFIG.content };
  expect(await problemsOf(base, { path: 'web/more', content, type: 'link' })).toEqual(['notSupported web/more']);
});

it('refuses a link or submodule that may stand for manifests', async () => {
  const link = { path: 'web/more.yaml', content: 'config.yaml', type: 'link' } as const;
  expect(await problemsOf(link)).toEqual(['notSupported web/more.yaml']);
  expect(await problemsOf({ path: 'web/more', content: '', type: 'submodule' })).toEqual(['notSupported web/more']);
});
