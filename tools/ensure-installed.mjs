import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
const MINIMUM = [20, 19];

/** Installs the dependencies of the lock file, once for each of its states. Plain JavaScript: it runs before they are there. */
export function ensureInstalled({ quiet = false } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    console.error(`Flotilla needs Node ${MINIMUM.join('.')} or later; this is ${process.versions.node}.`);
    process.exit(2);
  }
  const stamp = join(root, 'node_modules', '.flotilla-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  // `npm ci` empties the folder first: only where there is none.
  const command = existsSync(join(root, 'node_modules')) ? 'install' : 'ci';
  const run = spawnSync('npm', [command, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: quiet ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) {
    console.error('npm could not install the packages: see above. Is the npm registry reachable?');
    process.exit(3);
  }
  writeFileSync(stamp, wanted);
  return true;
}
