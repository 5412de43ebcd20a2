import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@flotilla/testing';
import { deployment } from '../support/fleet-files.js';
import { RolloutWatch, blocksOf, endGrace, phasesOf, walkOf } from '../support/rollout-watch.js';
import { World } from '../support/world.js';

const STRATEGY = `kind: RolloutStrategy
metadata: {name: rings}
spec:
  waves:
    - {name: canary, selector: ring=0, soak: 1s}
    - {name: early, selector: ring=1, approval: required, soak: 1s, maxConcurrent: 1}
    - {name: rest, maxConcurrent: 100%}
  deadline: 10s
  onFailure: {do: rollback}
`;
const APP =
  'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}], strategy: rings, createNamespace: true}\n';
const RING: Readonly<Record<string, string>> = { 'eu-1': '0', 'eu-2': '1', 'us-1': '1', 'ap-1': '2', 'ap-2': '2' };

/** What `flotilla rollout status` draws above its waves. */
const COLUMNS = 'WAVE  STATE  TARGETS  HEALTHY  FAILED  WAITING  SINCE  SOAK  BLOCKED BY';

let world: World;
let web: RolloutWatch;

const image = (tag: string): string => `registry.example/web:${tag}`;
const files = (tag: string): Record<string, string> => ({ 'web/deployment.yaml': deployment('web', image(tag)) });

/** Tags of what runs, by cluster. */
function running(): Record<string, string | undefined> {
  const tags = [...world.members].map(([name, { api }]): [string, string | undefined] => {
    const text = JSON.stringify(api.store.get('deployments.apps', 'web/web') ?? {});
    return [name, /registry\.example\/web:([^"]*)"/.exec(text)?.[1]];
  });
  return Object.fromEntries(tags.sort());
}

/** How often each cluster's Deployment was written since its calls were cleared. */
function writes(): Record<string, number> {
  const written = [...world.members].map(([name, { api }]): [string, number] => {
    const taken = api.calls.all.filter(
      ({ method, dryRun, status, resource, namespace }) =>
        method !== 'GET' && !dryRun && resource === 'deployments' && namespace === 'web' && status < 300,
    );
    return [name, taken.length];
  });
  return Object.fromEntries(written.sort());
}

const once = (): Record<string, number> =>
  Object.fromEntries([...world.members.keys()].sort().map((name) => [name, 1]));

async function push(tag: string, more: Record<string, string> = {}): Promise<void> {
  for (const { api } of world.members.values()) api.calls.clear();
  await world.push(`web ${tag}`, { ...files(tag), ...more });
}

async function restartHub(): Promise<void> {
  await world.hub.kill('SIGKILL');
  await world.startHub();
}

/** The whole walk of a release over all clusters of this test. */
const WALK = [
  'started',
  'waveStarted canary',
  'assigned canary eu-1',
  'waveDone canary',
  'acted',
  'waveStarted early',
  'assigned early eu-2',
  'assigned early us-1',
  'waveDone early',
  'waveStarted rest',
  'assigned rest ap-1 ap-2',
  'waveDone rest',
  'done',
];

beforeAll(async () => {
  world = await World.start({ files: { 'fleet/rings.yaml': STRATEGY, 'web/flotilla.yaml': APP, ...files('1.4.0') } });
  web = new RolloutWatch(world, 'web');
  await endGrace(world);
  await Promise.all(Object.entries(RING).map(([name, ring]) => world.join(name, { ring })));
  await web.asksFor(1, 'early');
  await web.act('approve');
  await world.healthy('web', 1, { targets: Object.keys(RING).length });
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

describe('a rollout through three waves', () => {
  it('takes a good release from the canary by soak and approval to the rest', async () => {
    await push('1.4.1');
    const asked = await web.asksFor(2, 'early');
    expect(asked.state).toBe('running');
    expect(phasesOf(asked)).toEqual({ canary: 'done', early: 'waiting', rest: 'waiting' });
    expect(blocksOf(asked)).toEqual(['approval early', 'earlierWave rest']);
    expect(running()).toMatchObject({ 'eu-1': '1.4.1', 'eu-2': '1.4.0', 'us-1': '1.4.0', 'ap-1': '1.4.0' });
    expect((await web.why()).next).toEqual(['flotilla rollout approve web']);
    await web.shows('rollout status', 0, [
      'web #2  COMMIT "web 1.4.1" by ana  running AGE ago at early  5 targets: 1 healthy on #2, 0 failed, 4 on #1',
      COLUMNS,
      'canary  done  1  1  0  0  AGE  AGE/AGE  -',
      'early  waiting  2  0  0  2  -  AGE/AGE  approval',
      'rest  waiting  2  0  0  2  -  -  early',
    ]);
    await web.shows('why', 1, [
      'early  waits AGE by approval (operator): approve wave early',
      'do  flotilla rollout approve web',
    ]);
    expect(await world.api.items('/approvals')).toMatchObject([{ kind: 'wave', app: 'web', wave: 'early' }]);

    await web.act('approve');
    await world.healthy('web', 2);
    expect(await web.story(2)).toEqual(WALK);
    expect(writes()).toEqual(once());
    const times = new Map(
      (await web.history(2)).map(({ kind, wave, at }) => [`${kind} ${wave ?? ''}`, Date.parse(at)]),
    );
    const soaked = (times.get('waveDone canary') ?? NaN) - (times.get('assigned canary') ?? NaN);
    expect(soaked).toBeGreaterThanOrEqual(1_000);
    const shown = (await web.history(2)).flatMap(({ kind, evidence }) => (kind === 'healthy' ? evidence : []));
    expect(shown.map(({ cluster }) => cluster).sort()).toEqual(Object.keys(RING).sort());
    expect(new Set(shown.map(({ bundle }) => bundle)).size).toBe(1);
    await web.shows('rollout status', 0, [
      'web #2  COMMIT "web 1.4.1" by ana  done AGE ago  5 targets: 5 healthy on #2, 0 failed',
      COLUMNS,
      'canary  done  1  1  0  0  AGE  AGE/AGE  -',
      'early  done  2  2  0  0  AGE  AGE/AGE  -',
      'rest  done  2  2  0  0  AGE  -  -',
    ]);
    await web.shows('why', 0, ['web #2  COMMIT "web 1.4.1" by ana: nothing blocks web']);
    expect(await web.why()).toMatchObject({ failed: [], unhealthy: [], removals: [], next: [] });
  });

  it('stops a bad image at the canary, returns it to what was proven, and holds the release', async () => {
    await push('1.5.O');
    const inFlight = await web.is(3, ({ waves: [canary] }) => canary?.counts['inFlight'] === 1);
    expect(blocksOf(inFlight)).toEqual(['health canary', 'earlierWave early', 'approval early', 'earlierWave rest']);

    const back = await web.is(3, ({ state, allowed }) => state === 'rolledBack' && allowed.length === 1);
    expect(back.allowed).toEqual([{ release: 2, targets: 5 }]);
    expect(phasesOf(back)).toEqual({ canary: 'failed', early: 'waiting', rest: 'waiting' });
    expect(blocksOf(back).slice(0, 2)).toEqual(['rolledBack', 'failureBudget canary']);
    expect(back.blockedBy[1]).toMatchObject({ who: '1 failure, budget 0' });
    const why = await web.why();
    expect(why.failed).toMatchObject([{ cluster: 'eu-1', wave: 'canary' }]);
    expect(why.failed[0]?.message).toMatch(/not healthy within 10s: .*1\.5\.O/);
    expect(why.next).toEqual(['push a fix (replaces #3 at once)', 'flotilla rollout clear web']);

    await world.targetIs('web', 'eu-1', ({ appliedRelease, health }) => appliedRelease === 2 && health === 'healthy');
    await web.shows('rollout status', 1, [
      'web #3  COMMIT "web 1.5.O" by ana  ROLLED BACK AGE ago at canary  5 targets: 0 healthy on #3, 1 failed, 5 on #2',
      COLUMNS,
      'canary  failed  1  0  1  0  AGE  AGE/AGE  rolledBack (rollout), 1 failure, budget 0',
      'early  waiting  2  0  0  2  -  AGE/AGE  rolledBack (rollout), canary, approval',
      'rest  waiting  2  0  0  2  -  -  rolledBack (rollout), early',
    ]);
    await web.shows('why', 1, [
      'eu-1  FAILED  registry.example/web:1.5.O: not found  AGE ago',
      '  changed in #3: Deployment web containers[web].image  web:1.4.1 → web:1.5.O  web/deployment.yaml:9',
      'waits AGE by rolledBack (rollout): clear, or a newer release',
      'do  push a fix (replaces #3 at once)  |  flotilla rollout clear web',
    ]);
    expect(Object.values(running())).toEqual(Array(5).fill('1.4.1'));
    expect(writes()).toMatchObject({ 'eu-2': 0, 'us-1': 0, 'ap-1': 0, 'ap-2': 0 });
    const story = await web.story(3);
    expect(story.slice(0, 3)).toEqual(['started', 'waveStarted canary', 'assigned canary eu-1']);
    expect(story.slice(3).sort()).toEqual(['failed canary eu-1', 'held', 'returned eu-1']);
  });

  it('gives the fix to a cluster that joined meanwhile, and later to one that was cut off', async () => {
    await world.join('us-2', { ring: '1' });
    await world.member('ap-1').agent.kill('SIGKILL');
    await web.is(3, (rollout) => {
      const joined = rollout.waves.some(({ name, clusters }) => name === 'early' && clusters.includes('us-2'));
      return joined && blocksOf(rollout).includes('silent rest ap-1');
    });
    await web.shows('rollout status', 1, [
      'web #3  COMMIT "web 1.5.O" by ana  ROLLED BACK AGE ago at canary  6 targets: 0 healthy on #3, 1 failed, 5 on #2',
      COLUMNS,
      'canary  failed  1  0  1  0  AGE  AGE/AGE  rolledBack (rollout), 1 failure, budget 0',
      'early  waiting  3  0  0  3  -  AGE/AGE  rolledBack (rollout), canary, approval',
      'rest  waiting  2  0  0  2  -  -  rolledBack (rollout), early, silent (ap-1)',
    ]);
    await web.shows('why', 1, [
      'eu-1  FAILED  registry.example/web:1.5.O: not found  AGE ago',
      '  changed in #3: Deployment web containers[web].image  web:1.4.1 → web:1.5.O  web/deployment.yaml:9',
      'waits AGE by rolledBack (rollout): clear, or a newer release',
      'rest, ap-1  waits AGE by silent (ap-1): the cluster connects',
      'do  push a fix (replaces #3 at once)  |  flotilla rollout clear web',
    ]);
    expect(running()).toMatchObject({ 'us-2': undefined });

    await push('1.5.1');
    await web.asksFor(4, 'early');
    await web.act('approve');
    const done = await web.is(4, ({ state }) => state === 'done');
    expect(blocksOf(done)).toEqual(['silent rest ap-1']);
    expect(running()).toMatchObject({ 'eu-1': '1.5.1', 'us-2': '1.5.1', 'ap-2': '1.5.1', 'ap-1': '1.4.1' });
    await web.shows('rollout status', 0, [
      'web #4  COMMIT "web 1.5.1" by ana  done AGE ago  6 targets: 5 healthy on #4, 0 failed, 1 on #2',
      COLUMNS,
      'canary  done  1  1  0  0  AGE  AGE/AGE  -',
      'early  done  3  3  0  0  AGE  AGE/AGE  -',
      'rest  done  2  1  0  1  AGE  -  silent (ap-1)',
    ]);
    await web.shows('why', 1, [
      'rest, ap-1  waits AGE by silent (ap-1): the cluster connects',
      'do  flotilla why cluster/ap-1',
    ]);
    expect(await world.target('web', 'ap-1')).toMatchObject({ state: 'unknown', appliedRelease: 2 });
    const rollouts = await world.api.items<{ state: string }>('/rollouts?app=web');
    expect(rollouts.map(({ state }) => state).slice(0, 2)).toEqual(['done', 'rolledBack']);

    world.restartAgent('ap-1');
    await world.healthy('web', 4);
    expect(Object.values(running())).toEqual(Array(6).fill('1.5.1'));
    expect(writes()).toMatchObject({ 'us-2': 1, 'ap-1': 1, 'ap-2': 1 });
  });

  it('keeps an App that was deleted by mistake running, asks, and forgets the question on a revert', async () => {
    const before = await web.story(4);
    for (const { api } of world.members.values()) api.calls.clear();
    await world.push('drop web by mistake', { web: null });
    await web.is(4, ({ blockedBy }) => blockedBy.filter(({ kind }) => kind === 'removalApproval').length === 6);
    const why = await web.why();
    expect(why.removals.map(({ cluster }) => cluster)).toEqual([...world.members.keys()].sort());
    expect(why.next).toEqual([
      'revert the commit that took it out of Git (clears it without a write)',
      'flotilla removal approve web',
      'flotilla removal orphan web',
    ]);

    await web.shows('rollout status', 0, [
      'web #4  COMMIT "web 1.5.1" by ana  done AGE ago  0 targets: 0 healthy on #4, 0 failed',
      '6 clusters: ap-1, ap-2, eu-1, eu-2, us-1, …  leaves, blocked by removalApproval  → flotilla removal list web',
    ]);
    await web.shows('why', 1, [
      '6 clusters: ap-1, ap-2, eu-1, eu-2, us-1, …  leaves (many targets leave at once), asked since AGE: it runs on and is healed until somebody decides',
      'do  revert the commit that took it out of Git (clears it without a write)  |  flotilla removal approve web  |  flotilla removal orphan web',
    ]);
    await world.git.revert();
    await world.api.post('/webhooks/fleet');
    await world.healthy('web', 4);
    await world.settled();
    await web.shows('rollout status', 0, [
      'web #4  COMMIT "web 1.5.1" by ana  done AGE ago  6 targets: 6 healthy on #4, 0 failed',
      COLUMNS,
      'canary  done  1  1  0  0  AGE  AGE/AGE  -',
      'early  done  3  3  0  0  AGE  AGE/AGE  -',
      'rest  done  2  2  0  0  AGE  -  -',
    ]);
    await web.shows('why', 0, ['web #4  COMMIT "web 1.5.1" by ana: nothing blocks web']);
    expect(await web.story(4)).toEqual(before);
    expect(Object.values(writes())).toEqual(Array(6).fill(0));
    expect(Object.values(running())).toEqual(Array(6).fill('1.5.1'));
  });
});

describe('a hub that is killed', () => {
  const sixWalk = WALK.flatMap((line) => (line === 'assigned early us-1' ? [line, 'assigned early us-2'] : [line]));

  it('in the middle of a wave: the wave goes on, nothing is repeated or skipped', async () => {
    const slow = world
      .member('eu-2')
      .api.faults.inject(({ verb, namespace, dryRun }) => verb === 'patch' && namespace === 'web' && !dryRun, {
        kind: 'status',
        code: 503,
      });
    // Nothing may fail while a loaded machine starts the hub anew.
    await push('1.6.0', { 'fleet/rings.yaml': STRATEGY.replace('deadline: 10s', 'deadline: 10m') });
    await web.asksFor(5, 'early');
    await web.act('approve');
    await until(async () => (slow.met > 0 ? true : undefined), 'eu-2 writes');
    await restartHub();
    const again = await web.is(5, (rollout) => blocksOf(rollout).includes('newLeader'));
    expect(phasesOf(again)).toMatchObject({
      canary: 'done',
      early: expect.stringMatching(/running|soaking/) as string,
    });
    const status = [
      'web #5  COMMIT "web 1.6.0" by ana  running AGE ago at early  6 targets: 1 healthy on #5, 0 failed, 4 on #4',
      COLUMNS,
      'canary  done  1  1  0  0  AGE  AGE/AGE  -',
      'early  running  3  0  0  3  AGE  AGE/AGE  newLeader (hub), maxConcurrent (1 in flight, at most 1), health (1 in flight)',
      'rest  waiting  2  0  0  2  -  -  newLeader (hub), early',
    ];
    const why = [
      'eu-2  progressing  allowed #5, applied #4  Deployment web/web  unavailable  "injected fault"  observed AGE ago',
      'waits AGE by newLeader (hub): the grace of a new leader ends; until then nothing fails or leaves',
      'early  waits AGE by maxConcurrent (1 in flight, at most 1): one of them is healthy or fails',
      'early  waits AGE by health (1 in flight): each reports healthy, or its deadline passes',
    ];
    // Or when more than its grace of a minute has passed.
    const later = status.map((text) => text.replace('newLeader (hub), ', ''));
    const whyLater = why.filter((text) => !text.includes('newLeader'));
    await web.shows('rollout status', 0, status, later);
    await web.shows('why', 1, why, whyLater);
    slow.remove();
    await world.healthy('web', 5);
    expect(walkOf(await web.story(5))).toEqual(walkOf(sixWalk));
    expect(writes()).toEqual(once());
  });

  it('between two waves: what waited for a person still waits, and nothing is repeated or skipped', async () => {
    await push('1.6.1');
    // What targets have said is heard again after a restart: until then more than the person is waited for.
    const waitsForPerson = (): ReturnType<typeof web.is> =>
      web.is(6, (rollout) => blocksOf(rollout).join() === 'approval early,earlierWave rest');
    const before = await waitsForPerson();
    const status = [
      'web #6  COMMIT "web 1.6.1" by ana  running AGE ago at early  6 targets: 1 healthy on #6, 0 failed, 5 on #5',
      COLUMNS,
      'canary  done  1  1  0  0  AGE  AGE/AGE  -',
      'early  waiting  3  0  0  3  -  AGE/AGE  approval',
      'rest  waiting  2  0  0  2  -  -  early',
    ];
    const why = ['early  waits AGE by approval (operator): approve wave early', 'do  flotilla rollout approve web'];
    await web.shows('rollout status', 0, status);
    await web.shows('why', 1, why);
    await restartHub();
    expect(phasesOf(await waitsForPerson())).toEqual(phasesOf(before));
    await web.shows('rollout status', 0, status);
    await web.shows('why', 1, why);
    await web.act('approve');
    await world.healthy('web', 6);
    expect(walkOf(await web.story(6))).toEqual(walkOf(sixWalk));
    expect(writes()).toEqual(once());
    for (const name of world.members.keys()) {
      expect(await world.target('web', name)).toMatchObject({ allowedRelease: 6, appliedRelease: 6, state: 'healthy' });
    }
  });
});
