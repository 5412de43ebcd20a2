/**
 * Compiles every workspace package with SWC (types are checked by `npm run typecheck`, not here) and bundles the
 * two single-file programs, agent and CLI. `npm run build`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

/** Folders of the packages that have TypeScript sources to compile. */
function packages(): string[] {
  return ['libs', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
    .filter((folder) => existsSync(join(root, folder, 'package.json')) && folder !== 'apps/web');
}

async function compile(folder: string): Promise<void> {
  await rm(join(root, folder, 'dist'), { recursive: true, force: true });
  const swc = join(root, 'node_modules', '.bin', 'swc');
  const args = ['src', '--out-dir', 'dist', '--strip-leading-paths', '--config-file', join(root, '.swcrc')];
  await run(swc, [...args, '--ignore', '**/*.spec.ts', '--copy-files'], { cwd: join(root, folder) });
}

async function bundle(app: string, outfile: string): Promise<void> {
  const entry = join(root, 'apps', app, 'dist', 'main.js');
  if (!existsSync(entry)) return;
  await build({
    entryPoints: [entry],
    outfile: join(root, outfile),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    legalComments: 'none',
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  await chmod(join(root, outfile), 0o755);
}

for (const folder of packages()) await compile(folder);
await Promise.all([bundle('agent', 'apps/agent/dist/flotilla-agent.mjs'), bundle('cli', 'apps/cli/dist/flotilla.mjs')]);
