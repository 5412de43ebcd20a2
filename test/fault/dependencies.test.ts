import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiFaultKind } from '@flotilla/testing';
import { freePort, read, until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { SourceItem } from '../support/hub-api.js';
import { HubApi } from '../support/hub-api.js';
import { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';
import { appWrites, takenWrites } from './app-writes.js';

const NAMES = ['eu-1', 'us-1'] as const;
const FAST = `kind: RolloutStrategy
metadata: {name: fast}
spec: {waves: [{name: all, maxConcurrent: 100%}], deadline: 1h}
`;

let world: World;
let release = 1;
let standby: { readonly env: Record<string, string>; readonly api: HubApi };

beforeAll(async () => {
  const [http, joins, agents, first] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const spec = '{targets: [{all: true}], createNamespace: true, strategy: fast}';
  world = await World.start({
    files: { 'fleet/strategies.yaml': FAST, ...configApp('settings', { MODE: '1' }, spec) },
    hub: { FLOTILLA_AGENTS_LISTEN: `127.0.0.1:${first}`, FLOTILLA_LEADER_LEASE: '3s' },
    agents: { FLOTILLA_AGENT_HUB_ADDRESS: `127.0.0.1:${first},127.0.0.1:${agents}` },
  });
  standby = {
    api: new HubApi(`http://127.0.0.1:${http}`, join(world.folder, 'hub', 'admin.token')),
    env: {
      ...world.hubEnv,
      FLOTILLA_DATA_DIR: join(world.folder, 'standby'),
      FLOTILLA_HTTP_LISTEN: `127.0.0.1:${http}`,
      FLOTILLA_JOIN_LISTEN: `127.0.0.1:${joins}`,
      FLOTILLA_AGENTS_LISTEN: `127.0.0.1:${agents}`,
    },
  };
  await Promise.all(NAMES.map((name) => world.join(name)));
  await world.healthy('settings', release, { targets: 2 });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function pushNext(): Promise<number> {
  release += 1;
  await world.push(`mode ${release}`, { 'settings/config.yaml': configMap('settings', { MODE: String(release) }) });
  return release;
}

const source = async (): Promise<SourceItem> => world.api.get<SourceItem>('/sources/fleet');
const epoch = async (): Promise<number> =>
  Number((await read<{ epoch: string }>(world.databaseUrl, 'SELECT epoch FROM leader'))[0]?.epoch);

function dataOn(name: string): unknown {
  return (world.member(name).api.store.get('configmaps', 'settings/settings') as { data?: object } | undefined)?.data;
}

describe('Git away', () => {
  it('leaves the last good commit in force, says why the source fails, and recovers', async () => {
    const good = (await source()).commit;
    for (const name of NAMES) world.member(name).api.calls.clear();
    await rename(world.git.bare, `${world.git.bare}.away`);
    await world.api.fetch('POST', '/sources/fleet/refresh');
    const failing = await until(async () => {
      const found = await source();
      return found.failingSince === null ? undefined : found;
    }, 'the source fails');
    expect(failing.failure).not.toBe('');
    expect(failing.failure).not.toContain(await world.api.token());
    expect(failing.commit).toBe(good);
    await world.healthy('settings', release, { targets: 2 });
    expect(await world.api.items('/removals')).toEqual([]);
    await world.settled();
    for (const name of NAMES) expect(appWrites(world.member(name).api), name).toEqual([]);

    await rename(`${world.git.bare}.away`, world.git.bare);
    await pushNext();
    await world.healthy('settings', release, { targets: 2 });
    expect(await source()).toMatchObject({ failingSince: null, failure: '' });
  });
});

describe('Postgres away', () => {
  it('is found again, with a higher epoch, and nothing is lost', async () => {
    const before = await epoch();
    for (const name of NAMES) world.member(name).api.calls.clear();
    await world.git.push('mode next', { 'settings/config.yaml': configMap('settings', { MODE: String(release + 1) }) });
    release += 1;
    const [cut] = await read<{ n: string }>(
      world.databaseUrl,
      `SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    expect(Number(cut?.n)).toBeGreaterThan(0);
    await until(
      async () => ((await epoch()) > before ? true : undefined),
      'a leader is elected again',
      () => world.hub.log.slice(-5_000),
    );
    expect(world.hub.running).toBe(true);
    await until(async () => ((await world.api.fetch('POST', '/webhooks/fleet')).ok ? true : undefined), 'the webhook');
    await world.healthy('settings', release, { targets: 2 });
    await world.settled();
    for (const name of NAMES) {
      expect(takenWrites(world.member(name).api), name).toEqual(['patch configmaps/settings/settings']);
      expect(dataOn(name)).toEqual({ MODE: String(release) });
    }
  });
});

describe('an API server that fails', () => {
  const faults: [string, ApiFaultKind][] = [
    ['answers 503', { kind: 'status', code: 503 }],
    ['answers 429', { kind: 'status', code: 429, retryAfterSeconds: 1 }],
    ['hangs', { kind: 'hang' }],
    ['resets connections', { kind: 'reset' }],
  ];

  it.each(faults)('%s: other clusters go on, calls stay few, and it catches up', async (_, fault) => {
    const [ill, well] = [world.member('eu-1').api, world.member('us-1').api];
    ill.faults.cutWatches();
    const injected = ill.faults.inject(({ namespace }) => namespace === 'settings', fault);
    well.calls.clear();
    await pushNext();
    await until(
      async () => ((await world.target('settings', 'us-1')).appliedRelease === release ? true : undefined),
      'the other cluster is on the new release',
      () => world.hub.log.slice(-5_000),
    );
    expect(takenWrites(well)).toEqual(['patch configmaps/settings/settings']);
    await until(async () => (injected.met > 0 ? true : undefined), 'the agent meets the fault');
    const [met, at] = [injected.met, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const seconds = (performance.now() - at) / 1_000;
    // One object: its writes, its reads and the watch of its type, each at most once per second.
    expect((injected.met - met) / seconds).toBeLessThanOrEqual(4);
    injected.remove();
    // A write that hangs is given up after half a minute, as an API server does by itself.
    await world.healthy('settings', release, { withinMs: 90_000, targets: 2 });
    expect(dataOn('eu-1')).toEqual({ MODE: String(release) });
  });
});

describe('two hubs', () => {
  it('the standby takes over when the leader is killed, and agents find it', async () => {
    await cp(join(world.folder, 'hub'), join(world.folder, 'standby'), { recursive: true });
    await using second = TestProcess.start('standby', world.hubProgram, standby.env);
    const role = async (api: HubApi): Promise<string | undefined> =>
      fetch(`${api.url}/readyz`).then(
        async (response) => ((await response.json()) as { role?: string }).role,
        () => undefined,
      );
    await until(
      async () => ((await role(standby.api)) === 'standby' ? true : undefined),
      'there is a standby',
      () => second.log,
    );
    await world.settled();
    const before = await epoch();
    for (const name of NAMES) world.member(name).api.calls.clear();

    await world.hub.kill('SIGKILL');
    await until(
      async () => ((await role(standby.api)) === 'leader' ? true : undefined),
      'it leads',
      () => second.log,
    );
    expect(await epoch()).toBe(before + 1);
    for (const name of NAMES) {
      const look = async (): Promise<true | undefined> => {
        const { state } = await standby.api.get<{ state: string }>(`/clusters/${name}`);
        return state === 'connected' ? true : undefined;
      };
      await until(look, `${name} found the new leader`, () => world.member(name).agent.log);
    }
    await world.settled();
    for (const name of NAMES) expect(appWrites(world.member(name).api), name).toEqual([]);

    release += 1;
    await world.git.push('by the standby', {
      'settings/config.yaml': configMap('settings', { MODE: String(release) }),
    });
    await standby.api.post('/webhooks/fleet');
    for (const name of NAMES) {
      await until(
        async () => (JSON.stringify(dataOn(name)) === JSON.stringify({ MODE: String(release) }) ? true : undefined),
        `${name} follows the new leader`,
        () => second.log.slice(-5_000),
      );
    }
    await second.kill();
    await world.startHub();
    await world.healthy('settings', release, { targets: 2 });
  });
});
