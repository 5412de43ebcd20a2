/**
 * `npm start`: the whole product on embedded parts, from a fresh clone with only Node, npm and git. Plain JavaScript, since
 * it installs what the rest needs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure-installed.mjs';

const HELP = `npm start [-- options]

  --once           exit 0 when the fleet is healthy, 1 with the reason when it is not in time
  --clusters N     embedded clusters (default 6)
  --context NAME   use this context of your kubeconfig as a cluster instead; may be repeated
  --reset          forget everything of earlier starts first
  --timeout S      how long to wait for a healthy fleet, in seconds (default 180)

DATABASE_URL names a Postgres to use instead of the embedded one.
`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}

const step = (name, work) => {
  const start = process.hrtime.bigint();
  process.stdout.write(`  ${name.padEnd(18)}`);
  const words = work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  process.stdout.write(`${seconds.toFixed(1).padStart(6)}s   ${words}\n`);
};

process.stdout.write('Flotilla\n\n');
step('install', () => (ensureInstalled({ quiet: true }) ? 'packages from the lock file' : 'nothing to do'));
step('build', () => {
  const built = spawnSync('npx', ['--no-install', 'tsx', 'tools/build.ts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
  return 'hub, agent, CLI';
});

const demo = spawn(process.execPath, ['--import', 'tsx', join(root, 'tools', 'demo', 'main.ts'), ...args], {
  cwd: root,
  stdio: 'inherit',
});
// Ctrl-C reaches the whole group: the demo stops its parts in order, and we wait for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && demo.kill(signal));
demo.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
