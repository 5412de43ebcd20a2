/**
 * Compiles every workspace package with SWC (types are checked by `npm run typecheck`, not here) and bundles the two
 * single-file programs, agent and CLI. A package whose sources did not change since is left alone. `npm run build`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { transform } from '@swc/core';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const BUNDLED = { agent: 'apps/agent/dist/flotilla-agent.mjs', cli: 'apps/cli/dist/flotilla.mjs' } as const;

/** The agent's own source text stays in memory for as long as it runs: it is made small. Names stay, for stacks and messages. */
const MINIFIED = { agent: { minify: true, keepNames: true }, cli: { minifySyntax: true } } as const;

/** Folders of the packages that have TypeScript sources to compile. */
function packages(): string[] {
  return ['libs', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
    .filter((folder) => existsSync(join(root, folder, 'src')) && folder !== 'apps/web');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.spec\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What the output depends on: sources, and the compiler's settings and version. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of [
    ...files,
    join(root, '.swcrc'),
    join(root, 'package-lock.json'),
    join(root, 'tools', 'build.ts'),
  ]) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

async function compileFile(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const content = await readFile(source);
  if (!source.endsWith('.ts') || source.endsWith('.d.ts')) return writeFile(target, content);
  const { code, map } = await transform(content.toString(), { filename: source, configFile: join(root, '.swcrc') });
  const out = target.replace(/\.ts$/, '.js');
  const mapName = `${out}.map`;
  await writeFile(out, `${code}\n//# sourceMappingURL=${relative(dirname(out), mapName)}\n`);
  if (map) await writeFile(mapName, map);
}

/** True when something was compiled. */
async function compile(folder: string): Promise<boolean> {
  const [source, target] = [join(root, folder, 'src'), join(root, folder, 'dist')];
  const files = filesBelow(source);
  const stamp = join(target, '.fingerprint');
  const wanted = fingerprint(files);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  await rm(target, { recursive: true, force: true });
  await Promise.all(files.map((file) => compileFile(file, join(target, relative(source, file)))));
  await mkdir(target, { recursive: true });
  await writeFile(stamp, wanted);
  return true;
}

async function bundle(app: keyof typeof BUNDLED): Promise<void> {
  const entry = join(root, 'apps', app, 'dist', 'main.js');
  if (!existsSync(entry)) return;
  const outfile = join(root, BUNDLED[app]);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    ...MINIFIED[app],
    legalComments: 'none',
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  await chmod(outfile, 0o755);
}

/** Makes `npx flotilla` work in this folder. */
async function linkCli(): Promise<void> {
  const link = join(root, 'node_modules', '.bin', 'flotilla');
  await rm(link, { force: true });
  await symlink(join('..', '..', BUNDLED.cli), link);
}

const compiled = await Promise.all(packages().map(compile));
const complete = Object.values(BUNDLED).every((file) => existsSync(join(root, file)));
if (compiled.includes(true) || !complete) await Promise.all([bundle('agent'), bundle('cli'), linkCli()]);
