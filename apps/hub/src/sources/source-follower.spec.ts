import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readHubConfig } from '../config/index.js';
import { fleetSource } from './followed-source.js';
import { SourceFollower } from './source-follower.js';

const run = promisify(execFile);

it('a flood of calls costs the Git server a few looks a second, and a push in the middle of it is seen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-follower-'));
  const git = (...args: string[]): Promise<unknown> => {
    const who = ['-c', 'user.name=ana', '-c', 'user.email=ana@acme.example'];
    return run('git', ['-C', join(folder, 'fleet'), ...who, ...args]);
  };
  await run('git', ['init', '--quiet', '--initial-branch=main', join(folder, 'fleet')]);
  await git('commit', '--quiet', '--allow-empty', '-m', 'one');
  const { settings } = readHubConfig({
    DATABASE_URL: 'postgres://127.0.0.1/none',
    FLOTILLA_FLEET_URL: `file://${join(folder, 'fleet')}`,
    FLOTILLA_DATA_DIR: join(folder, 'data'),
    FLOTILLA_POLL_INTERVAL: '1h',
  });
  let looks = 0;
  const events = {
    moved: () => Promise.resolve(void (looks += 1)),
    checked: () => Promise.resolve(void (looks += 1)),
    failed: () => Promise.resolve(),
  };
  {
    using follower = new SourceFollower(fleetSource(settings), settings.dataDir, events);
    await follower.start(undefined);
    expect((await follower.refresh()).moved).toBe(true);
    const start = performance.now();
    for (let i = 0; i < 5_000; i += 1) void follower.refresh();
    for (let i = 0; i < 8; i += 1) await Promise.all([follower.refresh(), follower.refresh()]);
    const seconds = (performance.now() - start) / 1_000;
    expect(looks).toBeLessThanOrEqual(1 + 3 + Math.ceil(seconds * 4) + 1);
    await writeFile(join(folder, 'fleet', 'a'), 'a');
    await git('add', '-A');
    await git('commit', '--quiet', '-m', 'two');
    expect((await follower.refresh()).moved).toBe(true);
  }
  await rm(folder, { recursive: true, force: true });
});
