/**
 * `npm run bench -- NAME [--json]`: warm-up, several runs, median and spread, machine and versions. Never an assertion:
 * machines are noisy; compare ratios of one run.
 */
import { spawnSync } from 'node:child_process';
import { agentFootprint } from './agent-footprint.js';
import { allowedToChanged } from './allowed-to-changed.js';
import { deployMany } from './deploy-many.js';
import { driftHeal } from './drift-heal.js';
import { gateOverhead } from './gate-overhead.js';
import type { Bench } from './harness.js';
import { describeRun, printReport } from './harness.js';
import { hubFootprint } from './hub-footprint.js';
import { hubRestart } from './hub-restart.js';
import { manyTargets } from './many-targets.js';
import { plan } from './plan.js';
import { pushToApplied } from './push-to-applied.js';
import { reportToVisible } from './report-to-visible.js';

const BENCHES: Readonly<Record<string, Bench>> = {
  'push-to-applied': pushToApplied,
  'gate-overhead': gateOverhead,
  'agent-footprint': agentFootprint,
  'allowed-to-changed': allowedToChanged,
  'deploy-many': deployMany,
  'many-targets': manyTargets,
  'drift-heal': driftHeal,
  'hub-footprint': hubFootprint,
  'hub-restart': hubRestart,
  plan,
  'report-to-visible': reportToVisible,
};

const [name = '', ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--json]\n       NAME is one of ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}
if (
  spawnSync('npx', ['--no-install', 'tsx', 'tools/build.ts'], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0
)
  process.exit(1);
const results = await bench((words) => process.stderr.write(`${words}\n`));
const report = describeRun(name, results);
process.stdout.write(`${flags.includes('--json') ? JSON.stringify(report, null, 2) : printReport(report)}\n`);
process.exit(0);
