/**
 * Makes every generated file: wire code, OpenAPI document, API client types, JSON Schemas and field tables, the
 * configuration page. `npm run codegen` writes them; with `--check` it only says which ones are out of date (exit 1).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { apiFiles } from './codegen/api.js';
import { configurationPage } from './codegen/configuration.js';
import { schemaFiles } from './codegen/schemas.js';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const run = (...args: string[]): void =>
  void execFileSync('npx', ['--no-install', ...args], { cwd: root, stdio: 'inherit' });

/** Content by path, relative to the project. */
type Files = Map<string, string>;

function wireFiles(): Files {
  run('buf', 'lint');
  const out = join(root, '.cache', 'codegen', 'wire');
  rmSync(out, { recursive: true, force: true });
  run('buf', 'generate', '--output', out);
  return new Map(
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(out, file), readFileSync(file, 'utf8')]),
  );
}

function isCurrent(path: string, content: string): boolean {
  const file = join(root, path);
  return existsSync(file) && readFileSync(file, 'utf8') === content;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

run('tsx', 'tools/build.ts');
const files: Files = new Map([
  ...wireFiles(),
  ...(await apiFiles(root)),
  ...(await schemaFiles(root)),
  ['docs/operate/configuration.md', await configurationPage(root)],
]);
const stale = [...files].filter(([path, content]) => !isCurrent(path, content));
if (!check) for (const [path, content] of stale) write(path, content);
for (const [path] of stale) console.log(check ? `out of date: ${path}` : `wrote ${path}`);
if (check && stale.length > 0) {
  console.error('Run `npm run codegen` and commit what it writes.');
  process.exit(1);
}
console.log(`${files.size} generated files, ${check ? 'all' : 'now'} up to date`);
process.exit(0);
