import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readManifests } from '@flotilla/domain';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManifestReader } from './manifest-reader.js';

const encoder = new TextEncoder();

function fileOf(path: string, documents: number, text = 'x'.repeat(1_000)) {
  const one = (_: unknown, i: number): string =>
    `kind: ConfigMap\napiVersion: v1\nmetadata: {name: c${i}}\ndata: {text: "${text}"}\n`;
  return { path, id: path, content: encoder.encode(Array.from({ length: documents }, one).join('---\n')) };
}

describe('ManifestReader', () => {
  let folder = '';
  let program: URL;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-manifests-'));
    const outfile = join(folder, 'manifest-program.cjs');
    const entry = join(import.meta.dirname, 'manifest-program.ts');
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      conditions: ['source'],
    });
    program = pathToFileURL(outfile);
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('says what readManifests says, of large files and small, good and bad', async () => {
    await using reader = new ManifestReader({ program });
    const files = [fileOf('small.yaml', 1), fileOf('large.yaml', 100), fileOf('other.yaml', 200)];
    const broken = { ...fileOf('broken.yaml', 100), content: encoder.encode(`a: [\n${'# so long\n'.repeat(10_000)}`) };
    const read = await Promise.all([...files, broken].map((file) => reader.read(file)));
    expect(read).toEqual([...files, broken].map(readManifests));
    expect(read[3]?.problems).toMatchObject([{ code: 'yamlSyntax', place: { file: 'broken.yaml' } }]);
  });

  it('stays awake meanwhile', async () => {
    await using reader = new ManifestReader({ program });
    const order: string[] = [];
    const large = reader.read(fileOf('large.yaml', 2_000)).then(() => order.push('read'));
    await new Promise((resolve) => setImmediate(resolve));
    order.push('awake');
    await large;
    expect(order).toEqual(['awake', 'read']);
  });

  it('takes a file that needs too much memory for a problem of that file, and reads the others', async () => {
    await using reader = new ManifestReader({ program, memoryMb: 64 });
    const huge = { ...fileOf('huge.yaml', 1), content: encoder.encode(`a:\n${'- {b: c}\n'.repeat(1_000_000)}`) };
    const [first, second] = await Promise.all([reader.read(huge), reader.read(fileOf('large.yaml', 100))]);
    expect(first).toMatchObject({ objects: [], problems: [{ code: 'limitExceeded', place: { file: 'huge.yaml' } }] });
    expect(second.objects).toHaveLength(100);
  });

  it('starts the thread anew when it died', async () => {
    const file = fileOf('large.yaml', 100);
    const reader = new ManifestReader({ program });
    const interrupted = reader.read(file);
    await Promise.all([
      reader[Symbol.asyncDispose](),
      expect(interrupted).rejects.toMatchObject({ code: 'unavailable' }),
    ]);
    expect(await reader.read(file)).toEqual(readManifests(file));
    await reader[Symbol.asyncDispose]();
  });
});
