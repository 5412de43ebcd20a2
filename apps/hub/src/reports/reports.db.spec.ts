import type { DriftEntry, ObjectProblem } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import { DeliveryHub } from '../delivery/delivery-hub.fixture.js';
import type { FakeAgent } from '../delivery/fake-agent.fixture.js';

async function holding(hub: DeliveryHub, app: string, names: readonly string[]): Promise<FakeAgent[]> {
  const agents: FakeAgent[] = [];
  for (let at = 0; at < names.length; at += 10) {
    const some = await Promise.all(names.slice(at, at + 10).map((name) => hub.join(name)));
    await Promise.all(some.map((agent) => agent.connect()));
    agents.push(...some);
  }
  await hub.allow(app, await hub.bundle({ [app]: 'a' }), names);
  await eventually(() => expect(agents.every(({ entries }) => entries.length === 1)).toBe(true));
  return agents;
}

const kinds = async (hub: DeliveryHub): Promise<string[]> =>
  (await hub.db.query<{ kind: string }[]>('SELECT kind FROM target_event ORDER BY id')).map(({ kind }) => kind);

describe('a report', () => {
  it('is durable once it is said to be stored, with its release, its history and its proof', async () => {
    await using hub = await DeliveryHub.start();
    const [agent] = await holding(hub, 'web', ['eu-1']);
    const stored: unknown[] = [];
    hub.events.on('reportsStored', (event) => stored.push(event));
    const lines: string[] = [];
    hub.events.on('changed', ({ message }) => lines.push(message));

    await agent!.stored(
      agent!.report('web', {
        phase: 'applying',
        health: 'progressing',
        appliedBundle: undefined,
        appliedPolicy: undefined,
      }),
    );
    expect(await hub.target('web', 'eu-1')).toMatchObject({ phase: 'applying', applied_at: null, proven_at: null });
    await agent!.stored(agent!.report('web'));
    const target = await hub.target('web', 'eu-1');
    const allowed = target!['allowed_bundle'];
    expect(target).toMatchObject({
      applied_release: '1',
      applied_bundle: allowed,
      proven_bundle: allowed,
      proven_release: '1',
    });
    expect(target!['session_id']).toBe(hub.sessions.sessionOf(await hub.clusterId('eu-1'))?.id);
    expect(stored).toHaveLength(2);
    expect(lines).toContain('web #1 applied on eu-1, healthy');
    expect((await kinds(hub)).sort()).toEqual(['applied', 'health', 'health', 'phase', 'phase']);

    const provenAt = target!['proven_at'];
    await agent!.stored(agent!.report('web', { writes: 9 }));
    expect(await hub.target('web', 'eu-1')).toMatchObject({ proven_at: provenAt, writes: '9' });
    expect(await kinds(hub)).toHaveLength(5);
    agent![Symbol.dispose]();
  });

  it('of an older bundle, an older version or a partial pass proves nothing', async () => {
    await using hub = await DeliveryHub.start();
    const [agent] = await holding(hub, 'web', ['eu-1']);
    const held = agent!.entries[0]!;
    await agent!.stored(agent!.report('web', { evaluated: { generation: 0, number: 0 } }));
    await agent!.stored(agent!.report('web', { phase: 'partial' }));
    await agent!.stored(agent!.report('web', { health: 'unknown' }));
    expect(await hub.target('web', 'eu-1')).toMatchObject({ proven_at: null, health: 'unknown' });
    await hub.allow('web', await hub.bundle({ web: 'b' }), ['eu-1']);
    await agent!.stored(agent!.report('web', { appliedBundle: held.bundle, evaluated: agent!.version }));
    expect(await hub.target('web', 'eu-1')).toMatchObject({
      proven_at: null,
      applied_release: '1',
      allowed_release: '2',
    });
    agent![Symbol.dispose]();
  });

  it('changes only what is its own: not other clusters, nothing that is not there, and never breaks a batch', async () => {
    await using hub = await DeliveryHub.start();
    const [one, two] = await holding(hub, 'web', ['eu-1', 'eu-2']);
    await one!.stored(one!.report('nothing'));
    const huge = { lossCount: 4_294_967_295, problems: [problem('\u0000 \u2028')] };
    const sequences = [one!.report('web', huge), two!.report('web', { health: 'failed' })] as const;
    await Promise.all([one!.stored(sequences[0]), two!.stored(sequences[1])]);
    expect(await hub.target('web', 'eu-1')).toMatchObject({ health: 'healthy', loss_count: 2_147_483_647 });
    expect(await hub.target('web', 'eu-2')).toMatchObject({ health: 'failed' });
    for (const agent of [one!, two!]) agent[Symbol.dispose]();
  });

  it('is renewed by hash in a new session', async () => {
    await using hub = await DeliveryHub.start();
    const [agent] = await holding(hub, 'web', ['eu-1']);
    await agent!.stored(agent!.report('web'));
    agent!.disconnect();
    const welcome = await agent!.connect();
    expect(welcome.reportsKnown).toBe(true);
    expect(await hub.target('web', 'eu-1')).toMatchObject({ session_id: welcome.sessionId });
    agent!.reports.set('web', 'ab'.repeat(32));
    agent!.disconnect();
    expect((await agent!.connect()).reportsKnown).toBe(false);
    expect(await hub.target('web', 'eu-1')).toMatchObject({ session_id: welcome.sessionId });
    agent![Symbol.dispose]();
  });
});

describe('drifts', () => {
  const drift: DriftEntry = {
    ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
    kind: 'edited',
    field: '/spec/replicas',
    wanted: '2',
    live: '5\u0000',
    manager: 'kubectl-scale',
    at: 1_700_000_000_000,
    healed: false,
    seenAt: 1_700_000_000_100,
    healedAt: 0,
    left: '',
  };
  const history = (hub: DeliveryHub): Promise<Record<string, unknown>[]> =>
    hub.db.query('SELECT state, field, manager, seen_ms::float, ended_ms::float FROM drift ORDER BY id');

  it('are kept from the first look to their end, once each, and go with their target', async () => {
    await using hub = await DeliveryHub.start();
    const [agent] = await holding(hub, 'web', ['eu-1']);
    await agent!.stored(agent!.report('web', { drifted: 1, drifts: [drift] }));
    await agent!.stored(agent!.report('web', { drifted: 1, drifts: [{ ...drift, left: 'contested' }] }));
    expect(await history(hub)).toMatchObject([{ state: 'contested', ended_ms: 0 }]);
    const healed = { ...drift, healed: true, healedAt: drift.seenAt + 80 };
    await agent!.stored(agent!.report('web', { drifted: 0, drifts: [healed] }));
    const over = { state: 'healed', seen_ms: drift.seenAt, ended_ms: drift.seenAt + 80, manager: 'kubectl-scale' };
    expect(await history(hub)).toMatchObject([over]);
    const again = { ...drift, seenAt: drift.seenAt + 500 };
    await agent!.stored(agent!.report('web', { drifted: 1, drifts: [again, healed] }));
    await agent!.stored(agent!.report('web', { drifted: 0, drifts: [] }));
    expect(await history(hub)).toMatchObject([over, { state: 'gone', seen_ms: drift.seenAt + 500 }]);
    await hub.db.query('DELETE FROM target');
    expect(await history(hub)).toEqual([]);
    agent![Symbol.dispose]();
  });

  it('are bounded per target, and what an observed app differs in is none', async () => {
    await using hub = await DeliveryHub.start();
    const [agent] = await holding(hub, 'web', ['eu-1']);
    for (let round = 0; round < 8; round += 1) {
      const drifts = Array.from({ length: 20 }, (_, index) => {
        const seenAt = drift.seenAt + round * 20 + index;
        return { ...drift, seenAt, healed: true, healedAt: seenAt, field: `/data/${index}` };
      });
      await agent!.stored(agent!.report('web', { drifts }));
    }
    expect((await history(hub)).length).toBe(100);
    await hub.db.query('DELETE FROM drift');
    await agent!.stored(agent!.report('web', { phase: 'observed', drifted: 1, drifts: [drift] }));
    expect(await history(hub)).toEqual([]);
    agent![Symbol.dispose]();
  });
});

describe('a hundred agents', () => {
  it('are all told and all heard, in few transactions', async () => {
    await using hub = await DeliveryHub.start();
    const names = Array.from({ length: 100 }, (_, index) => `c-${index}`);
    const agents = await holding(hub, 'web', names);
    const before = await commits(hub);
    await Promise.all(agents.map((agent) => agent.stored(agent.report('web'))));
    const { count } = await hub.one<{ count: number }>(`SELECT count(*)::int FROM target WHERE health = 'healthy'`);
    expect(count).toBe(100);
    expect((await commits(hub)) - before).toBeLessThan(80);
    for (const agent of agents) agent[Symbol.dispose]();
  }, 60_000);
});

/** Statements that saved reports, by what Postgres counted for this database. */
async function commits(hub: DeliveryHub): Promise<number> {
  await hub.db.query('SELECT pg_stat_force_next_flush()');
  const { count } = await hub.one<{ count: number }>(
    `SELECT xact_commit::int AS count FROM pg_stat_database WHERE datname = current_database()`,
  );
  return count;
}

function problem(message: string): ObjectProblem {
  return { ref: { group: '', kind: 'Pod', namespace: 'web', name: 'web' }, code: 'x', message, summary: '' };
}
