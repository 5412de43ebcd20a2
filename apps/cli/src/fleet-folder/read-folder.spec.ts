import { mkdtemp, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readFolder } from './read-folder.js';

it('reads every file whatever its size, and links as links', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-folder-'));
  await mkdir(join(folder, 'web'));
  await mkdir(join(folder, '.git'));
  await writeFile(join(folder, '.git', 'config'), 'x');
  await writeFile(join(folder, 'web', 'small.yaml'), 'a: 1');
  for (const [name, megabytes] of [
    ['large.yaml', 12],
    ['huge.yaml', 70],
  ] as const) {
    await writeFile(join(folder, 'web', name), '');
    await truncate(join(folder, 'web', name), megabytes * 1024 * 1024);
  }
  await symlink('../elsewhere', join(folder, 'web', 'link'));
  const tree = await readFolder(folder);
  const files = await tree.list('');
  const sizes = await Promise.all(files.map(async (file) => (await tree.read(file)).byteLength));
  expect(files.map(({ path, type }, i) => `${path} ${type} ${sizes[i]}`)).toEqual([
    `web/huge.yaml file ${17 * 1024 * 1024}`,
    'web/large.yaml file 12582912',
    'web/link link 12',
    'web/small.yaml file 4',
  ]);
  await rm(folder, { recursive: true });
});

// File systems of other platforms refuse such names.
it.runIf(process.platform === 'linux')('reads a file whose name is not UTF-8', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-folder-'));
  await writeFile(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9]), Buffer.from('.yaml')]), 'b: 1');
  expect((await (await readFolder(folder)).list('')).map(({ path }) => path)).toEqual(['caf\ufffd.yaml']);
  await rm(folder, { recursive: true });
});
