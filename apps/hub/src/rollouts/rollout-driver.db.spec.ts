import type { StrategyDefinition, Wave } from '@flotilla/domain';
import { DEFAULT_STRATEGY } from '@flotilla/domain';
import { EntityManager } from 'typeorm';
import { describe, expect, it, vi } from 'vitest';
import { eventually } from '@flotilla/testing';
import type { RolloutHub } from './rollout-fleet.fixture.js';
import { RolloutFleet } from './rollout-fleet.fixture.js';
import { RolloutPlanRepository } from './rollout-plan.repository.js';

function wave(name: string, ring: string | undefined, more: Partial<Wave> = {}): Wave {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (!defaults) throw new Error('the default strategy has a wave');
  const requirements = [{ op: 'in' as const, key: 'ring', values: [ring ?? ''] }];
  const choice = { by: 'selector' as const, selector: { text: `ring=${ring ?? ''}`, requirements } };
  return { ...defaults, name, ...(ring !== undefined && { choice }), ...more };
}

const RINGS: StrategyDefinition = {
  ...DEFAULT_STRATEGY,
  name: 'rings',
  waves: [wave('canary', '0'), wave('early', '1', { maxConcurrent: { percent: 50 } }), wave('rest', undefined)],
};

const CLUSTERS = {
  'eu-1': { ring: '0' },
  'eu-2': { ring: '1' },
  'us-1': { ring: '1' },
  'us-2': { ring: '1' },
  'us-3': { ring: '1' },
  'ap-1': { ring: '2' },
};

const TWO = { 'eu-1': { ring: '0' }, 'eu-2': { ring: '1' } };

const changed = { appIds: [1] };

describe('RolloutDriver', () => {
  it('takes a release to all clusters through ordered waves', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: CLUSTERS });
    await using hub = await fleet.startHub();
    const assigned: number[] = [];
    hub.events.on('assigned', ({ clusterIds }) => assigned.push(...clusterIds));
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await eventually(() => expect(assigned).toEqual([fleet.idOf('eu-1')]));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2', 'us-1']));
    await fleet.report(hub, ['us-1']);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2', 'us-1', 'us-2']));
    await fleet.report(hub, ['eu-2', 'us-2']);
    await eventually(async () => expect(await fleet.allowed('one')).toHaveLength(5));
    await fleet.report(hub, ['us-3']);
    await eventually(async () => expect(await fleet.allowed('one')).toHaveLength(6));
    await fleet.report(hub, ['ap-1']);
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
    const numbers = await fleet.sql<{ n: string }>('SELECT desired_number AS n FROM cluster');
    expect(numbers.map(({ n }) => n)).toEqual(Array(6).fill('1'));
    const { lines: history } = await hub.query.history({ app: 'web', limit: 1_000 });
    expect(
      history.filter(({ kind }) => kind === 'assigned').map(({ wave: name, clusters }) => [name, clusters]),
    ).toEqual([
      ['canary', ['eu-1']],
      ['early', ['eu-2', 'us-1']],
      ['early', ['us-2']],
      ['early', ['us-3']],
      ['rest', ['ap-1']],
    ]);
    const healthy = history.filter(({ kind }) => kind === 'healthy');
    expect(healthy.flatMap(({ clusters }) => clusters).sort()).toEqual(Object.keys(CLUSTERS).sort());
    expect(healthy[0]).toMatchObject({
      wave: 'canary',
      clusters: ['eu-1'],
      message: 'version 1.1, bundle 6f6e650',
      evidence: [{ cluster: 'eu-1', version: '1.1', session: `s${fleet.idOf('eu-1')}`, bundle: '6f6e65000000' }],
    });
    expect(Math.abs((healthy[0]?.evidence[0]?.reportedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(new Set(history.map(({ release }) => release))).toEqual(new Set([1]));
    const [first, ...later] = history;
    const page = await hub.query.history({ app: 'web', release: 1, after: first?.id, limit: 2 });
    expect(page).toEqual({ lines: later.slice(0, 2), more: true });
    expect(await hub.query.history({ app: 'web', release: 2, limit: 1 })).toEqual({ lines: [], more: false });
  });

  it('ends a page of history early that would name thousands of clusters, and loses no line', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: TWO });
    await fleet.release('one');
    await using hub = await fleet.startHub();
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await fleet.sql(`INSERT INTO rollout_event (rollout, kind, wave, detail)
      SELECT r.id, 'healthy', 'rest', jsonb_build_object('clusters', (SELECT jsonb_agg(${fleet.idOf('eu-1')}) FROM generate_series(1, 700)))
      FROM rollout r, generate_series(1, 5)`);
    const { lines: all, more } = await hub.query.history({ app: 'web', limit: 3 });
    expect([all.length, more]).toEqual([3, true]);
    const pages: number[] = [];
    const ids: string[] = [];
    for (let after: string | undefined; ; after = ids.at(-1)) {
      const page = await hub.query.history({ app: 'web', after, limit: 1_000 });
      pages.push(page.lines.length);
      ids.push(...page.lines.map(({ id }) => id));
      if (!page.more) break;
    }
    const stored = await fleet.sql<{ id: string }>('SELECT id FROM rollout_event ORDER BY id');
    expect(ids).toEqual(stored.map(({ id }) => id));
    expect(pages.length).toBeGreaterThan(1);
  });

  it('goes on where another hub stopped, at every step, and repeats nothing', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: CLUSTERS });
    await fleet.release('one');
    const reached: string[][] = [];
    for (let step = 0; step < 12; step += 1) {
      await using hub = await fleet.startHub();
      await eventually(async () => expect(await fleet.allowed('one')).not.toEqual(reached.at(-1) ?? []));
      const allowed = await fleet.allowed('one');
      reached.push(allowed);
      await fleet.report(hub, allowed);
      if (allowed.length < 6) continue;
      await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
      break;
    }
    expect(reached.at(-1)).toHaveLength(6);
    const events = await fleet.sql<{ count: string }>(`SELECT count(*) FROM target_event WHERE kind = 'allowed'`);
    expect(events[0]?.count).toBe('6');
    const numbers = await fleet.sql<{ n: string }>('SELECT desired_number AS n FROM cluster');
    expect(numbers.map(({ n }) => n)).toEqual(Array(6).fill('1'));
  });

  it('halts at a bad canary, says why, and lets the fix replace it', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: TWO });
    await using hub = await fleet.startHub();
    await fleet.release('bad');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('bad')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1'], { health: 'failed', failedFast: true });
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('halted'));
    const why = await hub.query.whyApp('web');
    expect(why.failed).toMatchObject([{ cluster: 'eu-1', wave: 'canary', reason: 'failFast' }]);
    const failures = (await hub.query.history({ app: 'web', limit: 100 })).lines.filter(
      ({ kind }) => kind === 'failed',
    );
    expect(failures).toMatchObject([
      {
        cluster: 'eu-1',
        message: 'failed for good',
        evidence: [{ cluster: 'eu-1', version: '1.1', bundle: '626164000000' }],
      },
    ]);
    expect(why.next[0]).toBe('push a fix (replaces #1 at once)');
    await fleet.release('fix');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('fix')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect(await fleet.allowed('fix')).toEqual(['eu-1', 'eu-2']));
    const rollouts = await hub.query.list({ app: 'web' });
    expect(rollouts.map(({ state, replacedBy }) => [state, replacedBy])).toEqual([
      ['running', undefined],
      ['superseded', 2],
    ]);
    // What happens inside a state does not make it younger.
    const [fixed, replaced] = rollouts;
    expect(fixed?.changedAt).toBe(fixed?.startedAt);
    expect(replaced?.changedAt).toBe(replaced?.endedAt);
  });

  it('returns to what was proven and holds the release when the strategy says so', async () => {
    const strategy: StrategyDefinition = { ...RINGS, onFailure: { do: 'rollback', scope: 'all' } };
    await using fleet = await RolloutFleet.create({ strategy, clusters: TWO });
    await using hub = await fleet.startHub();
    await fleet.release('good');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('good')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect(await fleet.allowed('good')).toHaveLength(2));
    await fleet.report(hub, ['eu-2']);
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
    await fleet.release('bad');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('bad')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1'], { health: 'failed', failedFast: true });
    await eventually(async () => expect(await fleet.allowed('good')).toEqual(['eu-1', 'eu-2']));
    const rollout = await hub.query.current('web');
    expect(rollout).toMatchObject({ state: 'rolledBack', allowed: [{ release: 1, targets: 2 }] });
    const [target] = await fleet.sql<{ n: string }>('SELECT desired_number AS n FROM cluster WHERE name = $1', [
      'eu-1',
    ]);
    expect(target?.n).toBe('3');
  });

  it('fails nothing in the grace of a new leader', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: TWO });
    await using hub = await fleet.startHub({ grace: true });
    await fleet.release('bad');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('bad')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1'], { health: 'failed', failedFast: true });
    await eventually(async () => {
      const { blockedBy, state } = await hub.query.current('web');
      expect([state, blockedBy[0]?.kind]).toEqual(['running', 'newLeader']);
    });
  });

  it('ends the grace of a new leader by its own clock, wherever the wall clock is set to', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: TWO, settableClock: true });
    await using hub = await fleet.startHub({ grace: true });
    await fleet.release('bad');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('bad')).toEqual(['eu-1']));
    for (const jump of [3_600_000, -2 * 3_600_000]) {
      await fleet.jump(jump);
      await fleet.report(hub, ['eu-1'], { health: 'failed', failedFast: true });
      const { facts, now } = (await hub.facts.load(1)) ?? {};
      expect(Math.abs((now ?? 0) - Date.now())).toBeGreaterThan(3_000_000);
      expect(facts?.hub.ledForMs).toBeLessThan(60_000);
      const { blockedBy, rolloutState } = await hub.acts.plan('web');
      expect([rolloutState, blockedBy[0]?.kind]).toEqual(['running', 'newLeader']);
    }
  });

  it('judges no silence, fails no deadline and passes no soak because the wall clock was set', async () => {
    const waves = [wave('canary', '0', { soakMs: 3_600_000 }), wave('rest', undefined)];
    const strategy: StrategyDefinition = { ...RINGS, waves, offline: 'fail' };
    await using fleet = await RolloutFleet.create({ strategy, clusters: TWO, settableClock: true });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    const state = async (): Promise<unknown[]> => {
      const { waves: shown, rolloutState } = await hub.acts.plan('web');
      return [rolloutState, shown.map(({ phase, counts }) => [phase, counts.failed, counts.silent])];
    };
    await fleet.jump(2 * 3_600_000);
    expect(await state()).toEqual([
      'running',
      [
        ['running', 0, 0],
        ['waiting', 0, 0],
      ],
    ]);
    await fleet.report(hub, ['eu-1'], { healthyForMs: 7_200_000 });
    await eventually(async () => expect((await hub.query.current('web')).waves[0]?.phase).toBe('soaking'));
    await fleet.jump(24 * 3_600_000);
    expect(await state()).toEqual([
      'running',
      [
        ['soaking', 0, 0],
        ['waiting', 0, 0],
      ],
    ]);
    const clusterId = fleet.idOf('eu-1');
    hub.events.emit('sessionOpened', { clusterId, sessionId: 's' });
    hub.sessions.open.delete(clusterId);
    hub.events.emit('sessionClosed', { clusterId, sessionId: 's', silentForMs: 1_000 });
    await fleet.jump(24 * 3_600_000);
    expect(await state()).toEqual([
      'running',
      [
        ['running', 0, 0],
        ['waiting', 0, 0],
      ],
    ]);
    await fleet.jump(-72 * 3_600_000);
    expect(await state()).toEqual([
      'running',
      [
        ['running', 0, 0],
        ['waiting', 0, 0],
      ],
    ]);
  });

  it('knows since when a state is reported, and when that was last confirmed', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('bad');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('bad')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1'], { health: 'failed', failedFast: true });
    await eventually(async () => expect((await hub.query.whyApp('web')).failed).toHaveLength(1));
    await fleet.sql(`UPDATE target SET reported_at = now() - interval '106 minutes'`);
    await fleet.sql(`UPDATE cluster SET last_seen_at = now() - interval '20 seconds', session_id = 's' || id`);
    const ages = async (): Promise<number[]> => {
      const [failed] = (await hub.query.whyApp('web')).failed;
      return [failed?.reportedAt, failed?.observedAt].map((at) => Math.round((Date.now() - (at ?? 0)) / 60_000));
    };
    expect(await ages()).toEqual([106, 0]);
    await fleet.sql(`UPDATE cluster SET session_id = 'another'`);
    expect(await ages()).toEqual([106, 106]);
  });

  it('gives a cluster that joins after the end the newest release', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect((await hub.query.current('web')).endedAt).toBeDefined());
    const id = await fleet.join('eu-2', {});
    hub.sessions.open.set(id, { id: `s${id}`, silentForMs: 0 });
    await fleet.addTarget('eu-2', 'one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2']));
    expect(await hub.query.list({ app: 'web' })).toMatchObject([{ state: 'running', endedAt: undefined }]);
  });

  it('gives a cluster that was away the newest release when it returns', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {}, 'eu-2': {} } });
    await using hub = await fleet.startHub();
    const away = fleet.idOf('eu-2');
    hub.sessions.open.delete(away);
    await fleet.sql(`UPDATE cluster SET last_seen_at = now() - interval '7 days' WHERE id = $1`, [away]);
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
    hub.sessions.open.set(away, { id: `s${away}`, silentForMs: 0 });
    hub.events.emit('sessionOpened', { clusterId: away, sessionId: `s${away}` });
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2']));
  });

  it('asks before it removes, and forgets the target when its agent is done', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {}, 'eu-2': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect(await fleet.allowed('one')).toHaveLength(2));
    await fleet.leave('eu-1');
    hub.events.emit('partsChanged', changed);
    await eventually(async () =>
      expect(await hub.query.removals('web')).toMatchObject([{ cluster: 'eu-1', life: 'asked' }]),
    );
    expect(await fleet.numberOf('eu-1')).toBe(1);
    const ref = { group: '', kind: 'Namespace', namespace: '', name: 'shop' };
    const message = 'foreign objects would be deleted with it: ConfigMap stray';
    const problems = [
      { ref, code: 'deletionObstacle', message },
      { ref, code: 'stuck', message: 'x' },
    ];
    await fleet.sql(`UPDATE target SET problems = $1`, [JSON.stringify(problems)]);
    const asked = { cluster: 'eu-1', obstacles: [`Namespace shop: ${message}`] };
    expect(await hub.query.removals('web')).toMatchObject([asked]);
    expect(await hub.query.approvals('web')).toMatchObject([{ kind: 'removal', ...asked }]);
    await fleet.sql(`UPDATE target SET problems = '[]'`, []);
    await hub.acts.act('approveRemoval', 'web', { cluster: 'eu-1', reason: 'gone', requestId: 'r1', actor: 'ana' });
    await eventually(async () => expect(await hub.query.removals('web')).toMatchObject([{ life: 'pruned' }]));
    expect(await fleet.numberOf('eu-1')).toBe(2);
    hub.events.emit('targetRemoved', { app: 'web', clusterId: fleet.idOf('eu-1') });
    await eventually(async () => expect(await hub.query.targets('web')).toHaveLength(1));
  });

  it('forgets an app whose last two clusters end at the same moment', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: TWO });
    await fleet.release('one');
    await fleet.sql(`UPDATE app SET life = 'leaving'`);
    await fleet.sql(`UPDATE target SET life = 'pruned'`);
    const plans = new RolloutPlanRepository();
    let second: Promise<void> | undefined;
    await fleet.dataSource.transaction(async (tx) => {
      await plans.finishRemoval(tx, 'web', fleet.idOf('eu-1'));
      let isOver = false;
      second = fleet.dataSource
        .transaction((other) => plans.finishRemoval(other, 'web', fleet.idOf('eu-2')))
        .finally(() => (isOver = true));
      // It waits for us, or it does not and is through before we are.
      await eventually(async () => {
        const waiting = await fleet.sql(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        expect(isOver || waiting.length > 0).toBe(true);
      });
    });
    await second;
    expect(await fleet.sql('SELECT life FROM app')).toEqual([{ life: 'gone' }]);
  });

  it('lets every target of a cluster that is removed leave as the person said', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {}, 'eu-2': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => {
      await fleet.report(hub, await fleet.allowed('one'));
      expect((await hub.query.current('web')).state).toBe('done');
    });
    const clusterId = fleet.idOf('eu-1');
    const assigned: number[] = [];
    hub.events.on('assigned', ({ clusterIds }) => assigned.push(...clusterIds));
    await fleet.sql(`UPDATE cluster SET state = 'removing', state_reason = 'prune' WHERE id = $1`, [clusterId]);
    hub.events.emit('clusterLeaves', { clusterId });
    await eventually(() => expect(assigned).toEqual([clusterId]));
    expect(await hub.query.removals('web')).toMatchObject([
      { cluster: 'eu-1', life: 'pruned', because: 'clusterRemoved' },
    ]);
    expect(await fleet.numberOf('eu-1')).toBe(2);
  });

  describe('of twenty clusters that leave one by one, each in a commit of its own', () => {
    const names = Array.from({ length: 20 }, (_, index) => `c${String(index).padStart(2, '0')}`);
    const clusters = Object.fromEntries(names.map((name) => [name, {}]));

    /** Twenty clusters, two of which have left; the returned function lets a further one leave and says what became of it. */
    async function twoLeave(fleet: RolloutFleet, hub: RolloutHub): Promise<(name: string) => Promise<string>> {
      await fleet.release('one');
      hub.events.emit('partsChanged', changed);
      await eventually(async () => {
        await fleet.report(hub, await fleet.allowed('one'));
        expect((await hub.query.current('web')).state).toBe('done');
      });
      const leave = async (name: string): Promise<string> => {
        await fleet.leave(name);
        hub.events.emit('partsChanged', changed);
        return eventually(async () => {
          const removal = (await hub.query.removals('web')).find(({ cluster }) => cluster === name);
          if (removal === undefined || removal.life === 'leaving') throw new Error('nothing is decided yet');
          if (removal.life === 'pruned') hub.events.emit('targetRemoved', { app: 'web', clusterId: fleet.idOf(name) });
          return `${removal.life}: ${removal.because}`;
        });
      };
      for (const [index, name] of ['c00', 'c01'].entries()) {
        expect(await leave(name)).toBe('pruned: onDelete: prune');
        await eventually(async () => expect(await hub.query.targets('web')).toHaveLength(19 - index));
      }
      return leave;
    }

    const passes = (fleet: RolloutFleet): Promise<unknown> =>
      fleet.sql(`UPDATE leader SET observed_ms = observed_ms + $1`, [25 * 3_600_000]);

    it('asks about the third within the window, and not about one after it', async () => {
      await using fleet = await RolloutFleet.create({ clusters, onDelete: 'prune' });
      await using hub = await fleet.startHub();
      const leave = await twoLeave(fleet, hub);
      expect(await leave('c02')).toBe('asked: many targets leave at once');
      await passes(fleet);
      expect(await leave('c03')).toBe('pruned: onDelete: prune');
    });

    it.each([25, -25])(
      'asks as well when the wall clock is set by %i h: the window is time that was observed',
      async (hours) => {
        await using fleet = await RolloutFleet.create({ clusters, onDelete: 'prune', settableClock: true });
        await using hub = await fleet.startHub();
        const leave = await twoLeave(fleet, hub);
        await fleet.jump(hours * 3_600_000);
        expect(await leave('c02')).toBe('asked: many targets leave at once');
        await passes(fleet);
        expect(await leave('c03')).toBe('pruned: onDelete: prune');
      },
    );
  });

  it('counts what leaves in the whole fleet: apps with a single target each do not slip under the guard', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {}, 'eu-2': {} }, onDelete: 'prune' });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => {
      await fleet.report(hub, await fleet.allowed('one'));
      expect((await hub.query.current('web')).state).toBe('done');
    });
    await fleet.sql(`INSERT INTO app (name) SELECT 'other-' || n FROM generate_series(1, 3) n`);
    await fleet.sql(
      `INSERT INTO departure (app, cluster, at) SELECT id, $1, now() FROM app WHERE name LIKE 'other-%'`,
      [fleet.idOf('eu-2')],
    );
    await fleet.leave('eu-1');
    hub.events.emit('partsChanged', changed);
    await eventually(async () =>
      expect(await hub.query.removals('web')).toMatchObject([
        { life: 'asked', because: 'many targets of the fleet leave at once' },
      ]),
    );
  });

  it('asks for a deletion anew when the same move recurs', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {} } });
    await using hub = await fleet.startHub();
    const approved = async (): Promise<number> => {
      const [row] = await fleet.sql<{ n: number }>('SELECT cardinality(approved_deletions) AS n FROM target');
      return row?.n ?? 0;
    };
    const move = async (bundle: string): Promise<void> => {
      await fleet.release(bundle);
      hub.events.emit('partsChanged', changed);
      await eventually(async () => expect(await fleet.allowed(bundle)).toEqual(['eu-1']));
    };
    const waits = async (): Promise<void> => {
      await fleet.sql(`UPDATE target SET deletion_set = decode($1, 'hex')`, ['dd'.repeat(32)]);
      await fleet.report(hub, ['eu-1'], { health: 'progressing', phase: 'blocked' });
    };
    const done = async (): Promise<void> => {
      await fleet.sql(`UPDATE target SET deletion_set = NULL`);
      await fleet.report(hub, ['eu-1']);
      await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
    };
    await move('one');
    await done();
    await move('two');
    await waits();
    const act = { actor: 'ana', reason: 'cleaned up', deletionSet: 'dd'.repeat(32) };
    await eventually(() => hub.acts.act('approveDeletion', 'web', { ...act, requestId: 'r1' }));
    await eventually(async () => expect(await approved()).toBe(1));
    await done();
    await move('one');
    await done();
    await move('two');
    await waits();
    await eventually(async () => {
      const { blockedBy } = await hub.query.current('web');
      expect(blockedBy.map(({ kind }) => kind)).toContain('deletionApproval');
    });
    expect(await approved()).toBe(0);
  });

  it('sums what targets would delete on their way', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {}, 'eu-2': {}, 'eu-3': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => {
      await fleet.report(hub, [...fleet.ids.keys()]);
      expect((await hub.query.current('web')).state).toBe('done');
    });
    expect(await hub.query.plannedDeletions('web')).toEqual({ targets: 0, objects: 0 });
    hub.sessions.open.clear();
    await fleet.release('two', ['eu-1', 'eu-2']);
    const entry = (name: string): object => ({ ref: { group: '', kind: 'ConfigMap', namespace: 'web', name } });
    for (const [bundle, entries] of [
      ['one', ['a', 'b', 'c'].map(entry)],
      ['two', ['a', 'd'].map(entry)],
    ] as const) {
      const digest = Buffer.from(bundle).toString('hex').padEnd(64, '0');
      await fleet.sql(`UPDATE bundle SET entries = $1 WHERE digest = decode($2, 'hex')`, [
        JSON.stringify(entries),
        digest,
      ]);
    }
    expect(await hub.query.plannedDeletions('web')).toEqual({ targets: 2, objects: 4 });
  });

  it('loads 1,000 targets in as many queries as one', async () => {
    const clusters = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, { ring: '1' }]));
    await using fleet = await RolloutFleet.create({ clusters });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toHaveLength(250));
    const queries = vi.spyOn(EntityManager.prototype, 'query');
    const loaded = await hub.facts.load(1);
    expect(loaded?.facts.targets).toHaveLength(1000);
    expect(queries.mock.calls.length).toBeLessThan(10);
    queries.mockRestore();
  });
});

describe('RolloutActs', () => {
  const ana = { reason: 'because', actor: 'ana' };

  it('stores an act once, audits it, and refuses what does not apply', async () => {
    const strategy: StrategyDefinition = {
      ...RINGS,
      waves: [wave('canary', '0'), wave('early', '1', { approval: 'required' })],
    };
    await using fleet = await RolloutFleet.create({ strategy, clusters: TWO });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await expect(hub.acts.act('resume', 'web', { ...ana, requestId: 'r0' })).rejects.toMatchObject({
      code: 'notApplicable',
    });
    await expect(hub.acts.act('approve', 'web', { ...ana, wave: 'canary', requestId: 'r0' })).rejects.toThrow(
      'no approval',
    );
    const dry = await hub.acts.act('approve', 'web', { ...ana, requestId: 'r1', dryRun: true });
    expect(dry).toMatchObject({ wave: 'early', done: false });
    expect(await hub.acts.act('approve', 'web', { ...ana, requestId: 'r1' })).toMatchObject({
      done: true,
      repeated: false,
    });
    expect(await hub.acts.act('approve', 'web', { ...ana, requestId: 'r1' })).toMatchObject({
      done: true,
      repeated: true,
    });
    await expect(hub.acts.act('pause', 'web', { ...ana, requestId: 'r1' })).rejects.toMatchObject({ code: 'conflict' });
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2']));
    const audit = await fleet.sql('SELECT action, outcome, actor FROM audit ORDER BY id');
    expect(audit).toEqual([
      { action: 'rollout.resume', outcome: 'refused', actor: 'ana' },
      { action: 'rollout.approve', outcome: 'refused', actor: 'ana' },
      { action: 'rollout.approve', outcome: 'done', actor: 'ana' },
    ]);
  });

  it('does once what comes many times at once under one request id, and answers each the same', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: TWO });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    const pause = (requestId: string) => hub.acts.act('pause', 'web', { ...ana, requestId });
    const answers = await Promise.all(Array.from({ length: 8 }, () => pause('r1')));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(answers.every(({ done, kind }) => done && kind === 'pause')).toBe(true);
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('paused'));
    expect(await pause('r1')).toMatchObject({ done: true, repeated: true });
    await expect(pause('r2')).rejects.toMatchObject({ code: 'notApplicable' });
    const both = await Promise.allSettled([
      hub.acts.act('resume', 'web', { ...ana, requestId: 'r3' }),
      hub.acts.act('abort', 'web', { ...ana, requestId: 'r3' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const kinds = `SELECT kind, count(*)::int AS n FROM act GROUP BY kind ORDER BY kind`;
    const acts = await fleet.sql<{ kind: string; n: number }>(kinds);
    expect(acts).toContainEqual({ kind: 'pause', n: 1 });
    expect(acts).toHaveLength(2);
    const done = await fleet.sql(`SELECT action FROM audit WHERE outcome = 'done'`);
    expect(done).toHaveLength(2);
  });

  it('retries a failed target: its version rises, its old report counts no more', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1'], { health: 'failed', failedFast: true });
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('halted'));
    await hub.acts.act('retry', 'web', { ...ana, cluster: 'eu-1', requestId: 'r1' });
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('running'));
    expect(await fleet.numberOf('eu-1')).toBe(2);
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
  });

  it('rolls back to a named release on every cluster, without a Git server', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {} } });
    await using hub = await fleet.startHub();
    for (const bundle of ['one', 'two', 'three']) {
      await fleet.release(bundle);
      hub.events.emit('partsChanged', changed);
      await eventually(async () => expect(await fleet.allowed(bundle)).toEqual(['eu-1']));
      await fleet.report(hub, ['eu-1']);
      await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
    }
    await hub.acts.act('rollback', 'web', { ...ana, release: 1, requestId: 'r1' });
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('rolledBack'));
    await hub.acts.act('clear', 'web', { ...ana, requestId: 'r2' });
    await eventually(async () => expect(await fleet.allowed('three')).toEqual(['eu-1']));
  });

  it('suspends an app on a cluster for at most a day', async () => {
    await using fleet = await RolloutFleet.create({ clusters: { 'eu-1': {} } });
    await using hub = await fleet.startHub();
    await fleet.release('one');
    hub.events.emit('partsChanged', changed);
    await eventually(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    await fleet.report(hub, ['eu-1']);
    await eventually(async () => expect((await hub.query.current('web')).state).toBe('done'));
    const request = { ...ana, cluster: 'eu-1' };
    await expect(hub.acts.act('suspendApp', 'web', { ...request, requestId: 'r1', forMs: 9e8 })).rejects.toThrow(
      '24 h',
    );
    await hub.acts.act('suspendApp', 'web', { ...request, requestId: 'r2' });
    await fleet.release('two');
    hub.events.emit('partsChanged', changed);
    await eventually(async () =>
      expect((await hub.query.current('web')).blockedBy).toMatchObject([{ kind: 'suspended' }]),
    );
    expect(await fleet.allowed('two')).toEqual([]);
    await hub.acts.act('resumeApp', 'web', { ...request, requestId: 'r3' });
    await eventually(async () => expect(await fleet.allowed('two')).toEqual(['eu-1']));
  });
});
