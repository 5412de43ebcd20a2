import { reportsHash } from '@flotilla/domain';
import { PROTOCOL_MINOR, fromWireContent, fromWireManifest, toWireDigest, wire } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import { PublicAddresses } from '../clusters/index.js';
import { LeaderService } from '../database/index.js';
import { OBSERVED_AT_SQL } from '../web/index.js';
import { ADMIN, DeliveryHub } from './delivery-hub.fixture.js';
import { FakeAgent, sizeOf } from './fake-agent.fixture.js';

const isNews = (agent: FakeAgent, count: number): Promise<void> =>
  eventually(() => expect(agent.pushed).toHaveLength(count));

/** Whatever was under way has arrived when a heartbeat sent now is answered. */
async function settle(agent: FakeAgent): Promise<void> {
  agent.send({
    $case: 'heartbeat',
    value: { monotonicMs: 0n, reportsHash: Buffer.alloc(0), reconnectMs: 0, sendReports: false, asked: undefined },
  });
  expect(await agent.next('heartbeat')).toMatchObject({ reconnectMs: 1_000 });
}

describe('a session', () => {
  it('gets differences against what its agent holds, and nothing when nothing changed', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1', { region: 'eu' });
    const welcome = await agent.connect();
    expect(welcome).toMatchObject({ clusterName: 'eu-1', frozenBecause: '', generation: 1n, reconnectMs: 1_000 });
    expect(await hub.clusters.get('eu-1')).toMatchObject({ state: 'joined', labels: { region: 'eu' } });

    const first = await hub.bundle({ web: 'one', other: 'same' });
    await hub.allow('web', first, ['eu-1']);
    await isNews(agent, 1);
    expect(agent.pushed[0]).toMatchObject({ contents: [{}, {}], manifests: [{}], policies: [{}] });
    expect(agent.entries).toMatchObject([{ app: 'web', bundle: first, life: 'active', mode: 'manage' }]);

    const second = await hub.bundle({ web: 'two', other: 'same' });
    await hub.allow('web', second, ['eu-1']);
    await isNews(agent, 2);
    expect(agent.pushed[1]).toMatchObject({ contents: [{}], manifests: [{}], policies: [] });
    expect(sizeOf(agent.pushed[1]!)).toBeLessThan(600);

    hub.events.emit('assigned', { clusterIds: [await hub.clusterId('eu-1')] });
    await settle(agent);
    agent.disconnect();
    await agent.connect();
    await settle(agent);
    expect(agent.pushed).toHaveLength(2);

    // The base is what the agent states, not what the hub remembers: an agent that lost everything gets everything.
    agent.disconnect();
    agent.entries = [];
    agent.version = { generation: 0, number: 0 };
    await agent.connect();
    await isNews(agent, 3);
    expect(agent.pushed[2]).toMatchObject({ set: [{ app: 'web' }], contents: [{}, {}] });
    await eventually(async () => {
      const held = await hub.one(`SELECT held_number AS number, desired_number AS desired FROM cluster`);
      expect(held).toEqual({ number: '2', desired: '2' });
    });
  });

  it('keeps the age of what was confirmed when it ends, and renews it when it is confirmed again', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    await hub.allow('web', await hub.bundle({ web: 'one' }), ['eu-1']);
    await isNews(agent, 1);
    await agent.stored(agent.report('web'));
    await hub.one(`UPDATE target SET reported_at = now() - interval '2 hours' RETURNING app`);
    const age = async (): Promise<{ minutes: number; connected: boolean }> =>
      hub.one(`SELECT (extract(epoch FROM now() - (${OBSERVED_AT_SQL})) / 60)::int AS minutes,
        c.session_id IS NOT NULL AS connected FROM target t JOIN cluster c ON c.id = t.cluster`);
    expect(await age()).toEqual({ minutes: 0, connected: true });
    agent.disconnect();
    await eventually(async () => expect((await age()).connected).toBe(false));
    expect(await age()).toEqual({ minutes: 0, connected: false });
    await hub.one(`UPDATE cluster SET last_seen_at = now() - interval '30 minutes' RETURNING id`);
    expect(await age()).toEqual({ minutes: 30, connected: false });
    await agent.connect();
    await eventually(async () => expect(await age()).toEqual({ minutes: 0, connected: true }));
  });

  it('asks for all reports when what the agent beats with stays different from what is stored', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    await hub.allow('web', await hub.bundle({ web: 'one' }), ['eu-1']);
    await isNews(agent, 1);
    await agent.stored(agent.report('web'));
    const beat = async (hash: string): Promise<boolean> => {
      const value = {
        monotonicMs: 0n,
        reportsHash: toWireDigest(hash),
        reconnectMs: 0,
        sendReports: false,
        asked: undefined,
      };
      agent.send({ $case: 'heartbeat', value });
      return (await agent.next('heartbeat')).sendReports;
    };
    const known = reportsHash([...agent.reports].map(([app, digest]) => ({ app, digest })));
    expect([await beat(known), await beat(known), await beat(known)]).toEqual([false, false, false]);
    const other = reportsHash([]);
    expect([await beat(other), await beat(other)]).toEqual([false, false]);
    expect(await agent.next('heartbeat')).toMatchObject({ sendReports: true });
  });

  it('hears with each heartbeat of which apps a person is asked, and of none', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    await hub.allow('web', await hub.bundle({ web: 'one' }), ['eu-1']);
    const value = {
      monotonicMs: 0n,
      reportsHash: Buffer.alloc(0),
      reconnectMs: 0,
      sendReports: false,
      asked: undefined,
    };
    const heard = async (apps: readonly string[]): Promise<void> => {
      await eventually(async () => {
        agent.send({ $case: 'heartbeat', value });
        expect((await agent.next('heartbeat')).asked?.apps).toEqual(apps);
      });
    };
    await heard([]);
    await hub.one(`UPDATE target SET life = 'asked' RETURNING app`);
    await heard(['web']);
    await hub.one(`UPDATE target SET life = 'active' RETURNING app`);
    await heard([]);
  });

  it('speaks as its agent does: what follows from the content is left out for those who can do without', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect({ protocol: 1 });
    const bundles = [
      await hub.bundle({ web: 'one' }),
      await hub.bundle({ web: 'two' }),
      await hub.bundle({ web: 'six' }),
    ];
    await hub.allow('web', bundles[0]!, ['eu-1']);
    await isNews(agent, 1);
    await hub.allow('web', bundles[1]!, ['eu-1']);
    await isNews(agent, 2);
    agent.disconnect();
    await agent.connect({ protocol: PROTOCOL_MINOR });
    await hub.allow('web', bundles[2]!, ['eu-1']);
    await isNews(agent, 3);
    const sent = agent.pushed.map(({ manifests, contents }) => [manifests[0]!, contents[0]!] as const);
    expect(sent.map(([manifest, content]) => [manifest.digest.length, content.objectId.length])).toEqual([
      [32, 32],
      [32, 32],
      [0, 0],
    ]);
    for (const [at, [manifest, content]] of sent.entries()) {
      const read = fromWireManifest(manifest);
      expect([read.digest, read.entries[0]?.objectId]).toEqual([bundles[at], fromWireContent(content).id]);
    }
    const [, second, third] = agent.pushed.map(sizeOf);
    expect(third).toBeLessThan(second! - 100);
    expect(third).toBeLessThan(400);
  });

  it('keeps one pending desired state while the agent is slow: the newest', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    agent.answer = 'nothing';
    for (const value of ['a', 'b', 'c', 'd']) await hub.allow('web', await hub.bundle({ web: value }), ['eu-1']);
    await settle(agent);
    expect(agent.pushed).toHaveLength(1);
    agent.acceptLate();
    await eventually(() => expect(agent.entries[0]?.since.number).toBe(4));
    expect(agent.pushed).toHaveLength(2);
  });

  it('keeps the last good state in force when the agent rejects, and offers the next one', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    agent.answer = 'reject';
    await hub.allow('web', await hub.bundle({ web: 'bad' }), ['eu-1']);
    await eventually(async () => {
      const { rejected } = await hub.one<{ rejected: unknown }>('SELECT rejected FROM cluster');
      expect(rejected).toMatchObject({ version: { number: 1 }, problems: [{ code: 'refused', message: 'not here' }] });
    });
    hub.events.emit('assigned', { clusterIds: [await hub.clusterId('eu-1')] });
    await settle(agent);
    expect(agent.pushed).toHaveLength(1);

    agent.answer = 'accept';
    await hub.allow('web', await hub.bundle({ web: 'good' }), ['eu-1']);
    await eventually(async () => expect(await hub.one('SELECT rejected FROM cluster')).toEqual({ rejected: null }));
    expect(agent.entries[0]?.since.number).toBe(2);
  });

  it('is the only one of its cluster', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    const options = { keys: agent.keys, kubeUid: agent.kubeUid, address: hub.agentsAddress };
    using second = await FakeAgent.with(agent.enrolled, options);
    const { sessionId } = await second.connect();
    expect((await agent.next('goodbye')).reason).toBe('superseded');
    expect(hub.sessions.count).toBe(1);
    expect(await hub.one('SELECT session_id FROM cluster')).toEqual({ session_id: sessionId });
  });

  it('ends with a word when the hub shuts down, and is refused by a standby', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    const standby = await hub.another();
    const address = standby.get(PublicAddresses).of('agents');
    using other = await FakeAgent.with(agent.enrolled, { keys: agent.keys, kubeUid: agent.kubeUid, address });
    other.open();
    expect((await other.next('goodbye')).reason).toBe('standby');
    await hub.app.close();
    expect((await agent.next('goodbye')).reason).toBe('shutdown');

    // The standby leads now and knows of no session.
    await eventually(() => expect(standby.get(LeaderService).leading).toBe(true));
    await other.connect();
    await standby.close();
  });

  it('stops when the agent does not keep to the protocol', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    agent.open({ heldHash: toWireDigest('ab'.repeat(32)) });
    expect(await agent.next('goodbye')).toMatchObject({ reason: 'protocol', message: /stated hash/ });
    await agent.connect();
    agent.send({ $case: 'report', value: wire.Report.fromPartial({ sequence: 1n, app: 'web' }) });
    expect((await agent.next('goodbye')).reason).toBe('protocol');
    expect(hub.sessions.count).toBe(0);
  });
});

describe('what is published', () => {
  it('carries suspensions and pending bundles under a version of their own', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    await hub.allow('web', await hub.bundle({ web: 'a' }), ['eu-1']);
    await isNews(agent, 1);
    const until = await hub.clusters.suspend('eu-1', { reason: 'maintenance' }, ADMIN);
    await eventually(() => expect(agent.entries[0]?.suspendedUntil).toBe(until?.getTime()));
    await hub.clusters.resume('eu-1', '', ADMIN);
    await eventually(() => expect(agent.entries[0]?.suspendedUntil).toBe(0));
    expect(agent.version.number).toBe(3);

    const pending = await hub.bundle({ web: 'b' });
    await hub.db.query('UPDATE target SET desired_bundle = $1', [Buffer.from(pending, 'hex')]);
    hub.events.emit('assigned', { clusterIds: [await hub.clusterId('eu-1')] });
    await eventually(() => expect(agent.entries[0]?.pendingBundle).toBe(pending));
    expect(agent.version.number).toBe(4);
    expect(agent.entries[0]?.since.number).toBe(1);
  });

  it('lets an app be forgotten only after the agent has removed it', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    await hub.allow('web', await hub.bundle({ web: 'a' }), ['eu-1']);
    await isNews(agent, 1);
    const removed: unknown[] = [];
    hub.events.on('targetRemoved', (event) => removed.push(event));
    const leaves: unknown[] = [];
    hub.events.on('clusterLeaves', (event) => leaves.push(event));
    await hub.clusters.remove('eu-1', { mode: 'prune' }, ADMIN);
    const clusterId = await hub.clusterId('eu-1');
    expect(leaves).toEqual([{ clusterId }]);
    await hub.db.query('UPDATE cluster SET desired_number = desired_number + 1');
    await hub.db.query(`UPDATE target SET life = 'pruned', allowed_number = allowed_number + 1`);
    hub.events.emit('assigned', { clusterIds: [clusterId] });
    await eventually(() => expect(agent.entries[0]?.life).toBe('prune'));
    expect((await hub.clusters.get('eu-1')).state).toBe('removing');

    agent.send({ $case: 'removed', value: { app: 'web', version: undefined } });
    await eventually(() => expect(removed).toEqual([{ app: 'web', clusterId }]));
    await hub.db.query('DELETE FROM target');
    hub.events.emit('assigned', { clusterIds: [clusterId] });
    expect((await agent.next('goodbye')).reason).toBe('revoked');
    expect(await hub.one('SELECT state FROM cluster')).toEqual({ state: 'removed' });
    using next = await hub.join('eu-1');
    expect((await next.connect()).clusterId).not.toBe(agent.enrolled.clusterId);
  });

  it('never touches an app that this hub does not know', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect();
    await hub.allow('web', await hub.bundle({ web: 'a' }), ['eu-1']);
    await isNews(agent, 1);
    await hub.db.query('DELETE FROM target');
    hub.events.emit('assigned', { clusterIds: [await hub.clusterId('eu-1')] });
    expect((await agent.next('goodbye')).reason).toBe('protocol');
    await agent.connect();
    await hub.allow('api', await hub.bundle({ api: 'a' }), ['eu-1']);
    await isNews(agent, 2);
    expect(agent.pushed[1]).toMatchObject({ set: [{ app: 'api' }], forget: [] });
    expect(agent.entries.map(({ app }) => app)).toEqual(['api', 'web']);
  });

  it('is nothing when an agent has seen the future of a restored database', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await hub.join('eu-1');
    await agent.connect({ highestSeen: { generation: 1n, number: 40n } });
    await hub.allow('web', await hub.bundle({ web: 'a' }), ['eu-1']);
    await settle(agent);
    expect(agent.pushed).toHaveLength(0);
    using other = await hub.join('eu-2');
    expect((await other.connect()).frozenBecause).toContain('eu-1 has seen version 1.40');
    expect(await hub.one('SELECT mode FROM hub_state')).toEqual({ mode: 'timeTravel' });
    expect(await hub.audit('hub.freeze')).toMatchObject([{ subject: 'eu-1' }]);
  });
});
