/**
 * Runs the tests from a fresh clone: installs what is missing, then the projects of the tier named (default: all that need
 * nothing but npm). Ends in `N passed, N failed`.
 *
 *   npm test                       small, database, contract (embedded), end-to-end and API tests
 *   npm run test:kubernetes        the same contract and the agent's path on a real Kubernetes API
 *   npm test -- small              one project; further arguments go to Vitest
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

const TIERS = {
  default: ['small', 'database', 'contract', 'e2e', 'fault'],
  kubernetes: ['kubernetes'],
};
const PROJECTS = new Set(Object.values(TIERS).flat());

const [first, ...rest] = process.argv.slice(2);
const named = first !== undefined && (first in TIERS || PROJECTS.has(first));
const projects = named ? (TIERS[first] ?? [first]) : TIERS.default;
const more = named ? rest : process.argv.slice(2);

ensureInstalled();
const npx = (args) => spawnSync('npx', ['--no-install', ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
if (projects.some((name) => name !== 'small') && npx(['tsx', 'tools/build.ts']) !== 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'flotilla-test-'));
const report = join(folder, 'report.json');
const flags = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, '--passWithNoTests'];
const status = npx(['vitest', 'run', ...projects.flatMap((name) => ['--project', name]), ...flags, ...more]);

const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
rmSync(folder, { recursive: true });
if (!counted) {
  console.log('0 passed, 1 failed (the run itself)');
  process.exit(status || 1);
}
const broken = counted.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const failed = counted.numFailedTests + broken;
console.log(`${counted.numPassedTests} passed, ${failed} failed`);
process.exit(status !== 0 || failed > 0 ? status || 1 : 0);
