import type { AppReport, KubeObject, Policy } from '@flotilla/domain';
import { fromWireEntry, fromWireReport, wire } from '@flotilla/protocol';
import { createLogger } from '@flotilla/telemetry';
import { describe, expect, it } from 'vitest';
import type { Desired, ReconcilerEvents, ReconcilerPort } from '../reconcile/reconciler.port.js';
import type { SimulatedAgentOptions } from '../simulate/simulated-agent.js';
import { makeSimulatedAgent, startSimulatedAgent } from '../simulate/simulated-agent.js';
import { MemoryIdentity } from '../store/identity.js';
import { MemoryRecords } from '../store/memory-records.js';
import type { Agent } from '../run-agent.js';
import { FakeHub } from './fake-hub.fixture.js';

const policy = { namespace: 'web', dependsOn: [], formerly: [] } as unknown as Policy;
const configMap = (value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'web' },
  data: { value },
});

function start(hub: FakeHub, more: Partial<SimulatedAgentOptions> = {}): Promise<Agent> {
  return startSimulatedAgent({ joinAddress: hub.joinAddress, token: hub.printedToken, ...more });
}

const eventually = (what: () => unknown): ReturnType<typeof expect.poll> =>
  expect.poll(what, { timeout: 20_000, interval: 10 });

/** A reconciler that says only what the test tells it to say. */
class SilentReconciler implements ReconcilerPort {
  events: ReconcilerEvents | undefined;
  setDesired: ReconcilerPort['setDesired'] = () => undefined;
  setSuspended(): void {}
  setAsked: ReconcilerPort['setAsked'] = () => undefined;
  start = (): Promise<void> => Promise.resolve();
  stop = (): Promise<void> => Promise.resolve();
  readonly make = (events: ReconcilerEvents): this => {
    this.events = events;
    return this;
  };
}

const report = (app: string, health: AppReport['health']): AppReport => ({
  app,
  evaluated: { generation: 1, number: 9 },
  appliedBundle: undefined,
  appliedPolicy: undefined,
  attemptedBundle: undefined,
  attemptedPolicy: undefined,
  phase: 'applying',
  health,
  healthyForMs: 0,
  lossCount: 0,
  objects: 1,
  objectsReady: 0,
  problems: [],
  drifted: 0,
  drifts: [],
  deletionSet: undefined,
  deletions: [],
  failedFast: false,
  writes: 0,
});

describe('an agent and its hub', () => {
  it('enrol, agree on a desired state, and report it', async () => {
    await using hub = await FakeHub.start();
    await using agent = await start(hub, { clusterUid: 'uid-7', facts: { kubernetes: 'v1.36.3' } });
    await eventually(() => agent.connected).toBe(true);
    expect(hub.session.of('hello')[0]).toMatchObject({
      clusterUid: 'uid-7',
      facts: { kubernetes: 'v1.36.3' },
      apps: [],
    });
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    hub.publish([], [entry]);
    await eventually(() => hub.session.of('report').length).toBe(1);
    expect(hub.session.of('accepted').map(({ version }) => version)).toEqual([{ generation: 1n, number: 1n }]);
    const [received] = hub.session.of('report').map(fromWireReport);
    expect(received?.report).toMatchObject({
      app: 'web',
      appliedBundle: entry.bundle,
      health: 'healthy',
      evaluated: entry.since,
    });
  });

  it('speak only of what changed: a version that touches one app brings one report', async () => {
    await using hub = await FakeHub.start();
    await using agent = await start(hub);
    await eventually(() => agent.connected).toBe(true);
    const entries = ['a', 'b', 'c'].map((app) => hub.entry({ app, objects: [configMap(app)] }, policy));
    hub.publish([], entries);
    await eventually(() => hub.session.of('report').length).toBe(3);
    const changed = hub.entry({ app: 'b', objects: [configMap('new')] }, policy);
    hub.publish(entries, [...entries.filter(({ app }) => app !== 'b'), changed]);
    await eventually(() => hub.session.of('report').length).toBe(4);
    expect(hub.session.of('report').at(-1)?.app).toBe('b');
  });

  it('meet again after a restart of the agent without joining or sending content again', async () => {
    await using hub = await FakeHub.start();
    const kept = { identity: new MemoryIdentity(), records: new MemoryRecords(), clusterUid: 'uid' };
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    {
      await using agent = await start(hub, kept);
      await eventually(() => agent.connected).toBe(true);
      hub.publish([], [entry]);
      await eventually(() => hub.session.of('accepted').length).toBe(1);
    }
    const fetched = hub.fetched.length;
    await using again = await start(hub, kept);
    await eventually(() => hub.sessions.length).toBe(2);
    await eventually(() => again.connected).toBe(true);
    expect(hub.session.of('hello')[0]).toMatchObject({ held: { generation: 1n, number: 1n } });
    expect(hub.session.of('hello')[0]?.apps.map(fromWireEntry)).toEqual([entry]);
    expect([hub.enrolledKeys.length, hub.fetched.length]).toEqual([1, fetched]);
    expect(hub.session.of('accepted')).toEqual([]);
  });

  it('meet while the cluster is still being read, and what comes meanwhile is for the reconciler to take', async () => {
    await using hub = await FakeHub.start();
    const desired: string[] = [];
    class SlowReconciler extends SilentReconciler {
      override setDesired = ({ apps }: Desired): void => void desired.push(...apps.map(({ entry }) => entry.app));
      override start = async (): Promise<void> => {
        await eventually(() => hub.sessions.at(-1)?.of('hello').length).toBe(1);
        hub.publish([], [hub.entry({ app: 'web', objects: [configMap('a')] }, policy)]);
        await eventually(() => desired).toEqual(['web']);
      };
    }
    await using agent = await start(hub, { reconciler: (events) => new SlowReconciler().make(events) });
    expect(agent.connected).toBe(true);
  });

  it('take up their work when reading the cluster failed at first, with the state that came meanwhile', async () => {
    await using hub = await FakeHub.start();
    const desired: string[][] = [];
    let tries = 0;
    class FailingReconciler extends SilentReconciler {
      override setDesired = ({ apps }: Desired): void => void desired.push(apps.map(({ entry }) => entry.app));
      override start = async (): Promise<void> => {
        tries += 1;
        if (tries > 1) return;
        await eventually(() => hub.sessions.at(-1)?.of('hello').length).toBe(1);
        hub.publish([], [hub.entry({ app: 'web', objects: [configMap('a')] }, policy)]);
        await eventually(() => hub.session.of('accepted').length).toBe(1);
        throw new Error('the API server is away');
      };
    }
    await using agent = makeSimulatedAgent({
      joinAddress: hub.joinAddress,
      token: hub.printedToken,
      reconciler: (events) => new FailingReconciler().make(events),
    });
    await expect(agent.start()).rejects.toThrow('is away');
    await agent.start();
    expect(hub.sessions.length).toBe(1);
    expect(desired.at(-1)).toEqual(['web']);
  });

  it('go on from a stored state while the hub is away', async () => {
    await using hub = await FakeHub.start();
    const kept = { identity: new MemoryIdentity(), records: new MemoryRecords() };
    {
      await using agent = await start(hub, kept);
      await eventually(() => agent.connected).toBe(true);
      hub.publish([], [hub.entry({ app: 'web', objects: [configMap('a')] }, policy)]);
      await eventually(() => agent.held.entries.length).toBe(1);
    }
    await hub[Symbol.asyncDispose]();
    await using alone = await start(hub, kept);
    expect(alone.connected).toBe(false);
    expect(alone.reports.due(new Set(), 10)).toMatchObject([{ report: { app: 'web', health: 'healthy' } }]);
  });

  it('send a report again in the next session until it is stored, newest only', async () => {
    await using hub = await FakeHub.start();
    const reconciler = new SilentReconciler();
    await using agent = await start(hub, { reconciler: reconciler.make });
    await eventually(() => agent.connected).toBe(true);
    hub.storeReports = false;
    reconciler.events?.report(report('web', 'progressing'));
    await eventually(() => hub.session.of('report').length).toBe(1);
    reconciler.events?.report(report('web', 'failed'));
    reconciler.events?.report(report('web', 'healthy'));
    hub.session.end();
    await eventually(() => hub.sessions.length).toBe(2);
    await eventually(() => hub.session.of('report').length).toBe(1);
    expect(hub.session.of('report')[0]).toMatchObject({ health: wire.Health.HEALTH_HEALTHY, sequence: 1n });
  });

  it('send no more reports than the hub can store, and all in the end', async () => {
    await using hub = await FakeHub.start();
    const reconciler = new SilentReconciler();
    await using agent = await start(hub, { reconciler: reconciler.make });
    await eventually(() => agent.connected).toBe(true);
    hub.storeReports = false;
    for (let index = 0; index < 200; index += 1) reconciler.events?.report(report(`app-${index}`, 'healthy'));
    await eventually(() => hub.session.of('report').length).toBe(64);
    hub.storeReports = true;
    hub.session.send({ $case: 'reportStored', value: { sequence: 64n } });
    await eventually(() => new Set(hub.session.of('report').map(({ app }) => app)).size).toBe(200);
  });

  it('renew all reports by one hash', async () => {
    await using hub = await FakeHub.start();
    await using agent = await start(hub);
    await eventually(() => agent.connected).toBe(true);
    hub.publish([], [hub.entry({ app: 'web', objects: [configMap('a')] }, policy)]);
    await eventually(() => hub.session.of('report').length).toBe(1);
    const hash = agent.reports.hash();
    hub.reportsKnown = true;
    hub.heartbeatMs = 20;
    hub.session.end();
    await eventually(() => hub.sessions.length).toBe(2);
    await eventually(() => hub.session.of('heartbeat').length).toBeGreaterThan(1);
    expect(hub.session.of('hello')[0]?.reportsHash.toString('hex')).toBe(hash);
    expect(hub.session.of('heartbeat')[0]?.reportsHash.toString('hex')).toBe(hash);
    expect(hub.session.of('report')).toEqual([]);
  });

  it('lose no report that was made before the hub greeted, and send all when the hub lacks some', async () => {
    await using hub = await FakeHub.start();
    const reconciler = new SilentReconciler();
    hub.reportsKnown = true;
    hub.beforeWelcome = () => reconciler.events?.report(report('early', 'healthy'));
    await using agent = await start(hub, { reconciler: reconciler.make });
    await eventually(() => hub.session.of('report').map(({ app }) => app)).toEqual(['early']);
    expect(agent.connected).toBe(true);
    const value = {
      monotonicMs: 0n,
      reportsHash: Buffer.alloc(0),
      reconnectMs: 0,
      sendReports: true,
      asked: undefined,
    };
    hub.session.send({ $case: 'heartbeat', value });
    await eventually(() => hub.session.of('report').map(({ app }) => app)).toEqual(['early', 'early']);
  });

  it('hear of which apps a person is asked; a hub that does not say changes nothing', async () => {
    await using hub = await FakeHub.start();
    const reconciler = new SilentReconciler();
    const told: string[][] = [];
    reconciler.setAsked = (apps) => void told.push([...apps]);
    await using agent = await start(hub, { reconciler: reconciler.make });
    await eventually(() => agent.connected).toBe(true);
    const value = { monotonicMs: 0n, reportsHash: Buffer.alloc(0), reconnectMs: 0, sendReports: false };
    hub.session.send({ $case: 'heartbeat', value: { ...value, asked: { apps: ['web'] } } });
    hub.session.send({ $case: 'heartbeat', value: { ...value, asked: undefined } });
    hub.session.send({ $case: 'heartbeat', value: { ...value, asked: { apps: [] } } });
    await eventually(() => told).toEqual([['web'], []]);
  });

  it('part with an app only after the hub has let it be forgotten', async () => {
    await using hub = await FakeHub.start();
    await using agent = await start(hub);
    await eventually(() => agent.connected).toBe(true);
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    hub.publish([], [entry]);
    await eventually(() => agent.held.entries.length).toBe(1);
    const leaving = { ...entry, life: 'prune' as const };
    hub.publish([entry], [leaving]);
    await eventually(() => hub.session.of('removed').length).toBe(1);
    hub.session.end();
    await eventually(() => hub.sessions.length).toBe(2);
    await eventually(() => hub.session.of('removed').map(({ app }) => app)).toEqual(['web']);
    hub.publish([leaving], []);
    await eventually(() => agent.held.entries.length).toBe(0);
    expect(agent.held.version.number).toBe(3);
  });

  it('keep the last good state after a bad one, and say why', async () => {
    await using hub = await FakeHub.start();
    await using agent = await start(hub);
    await eventually(() => agent.connected).toBe(true);
    const good = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    hub.publish([], [good]);
    await eventually(() => agent.held.version.number).toBe(1);
    const bad = hub.entry({ app: 'web', objects: [configMap('b')] }, policy);
    hub.dropContent(hub.idsOf(bad)[0]);
    hub.publish([good], [bad]);
    await eventually(() => hub.session.of('rejected')).toMatchObject([
      { version: { number: 2n }, problems: [{ code: 'contentMissing' }] },
    ]);
    expect(agent.held.entries).toEqual([good]);
    hub.publish([good], [hub.entry({ app: 'web', objects: [configMap('c')] }, policy)]);
    await eventually(() => agent.held.version.number).toBe(3);
  });

  it('start over when the base of a difference is not what is held', async () => {
    await using hub = await FakeHub.start();
    await using agent = await start(hub);
    await eventually(() => agent.connected).toBe(true);
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    hub.publish([entry], [entry, { ...entry, app: 'api' }]);
    await eventually(() => agent.held.entries.length).toBe(2);
    expect(hub.sessions).toHaveLength(2);
    expect(hub.sessions[0]?.of('rejected')[0]?.problems[0]?.code).toBe('baseMismatch');
  });

  it('find the hub behind a standby', async () => {
    await using standby = await FakeHub.start();
    await using hub = await FakeHub.start(standby.authority);
    standby.goodbye = 'standby';
    await using agent = await start(hub, { hubAddresses: [standby.agentsAddress, hub.agentsAddress] });
    await eventually(() => agent.connected).toBe(true);
    expect([standby.sessions.length, hub.sessions.length]).toEqual([1, 1]);
  });

  it('come back within the time that the hub asked for, or their own cap when that is less', async () => {
    await using hub = await FakeHub.start();
    const waits = async (asked: number, reconnectMaxMs: number): Promise<unknown> => {
      hub.reconnectMs = asked;
      const lines: string[] = [];
      const destination = { write: (line: string): void => void lines.push(line) };
      const logger = createLogger({ name: 'agent', level: 'warn', destination });
      await using agent = await start(hub, { logger, reconnectMaxMs, random: () => 0.99 });
      await eventually(() => agent.connected).toBe(true);
      const before = hub.sessions.length;
      hub.session.end();
      await eventually(() => hub.sessions.length).toBe(before + 1);
      return (JSON.parse(lines[0] ?? '{}') as { waitMs?: number }).waitMs;
    };
    expect([await waits(40, 30_000), await waits(40, 10), await waits(0, 30_000)]).toEqual([39, 9, 495]);
  });

  it('join anew with another token when the hub asks for it, and not with the same', async () => {
    await using hub = await FakeHub.start();
    let token = hub.printedToken;
    hub.goodbye = 'rejoin';
    await using agent = await start(hub, { token: () => token });
    await eventually(() => hub.sessions.length).toBe(1);
    expect([agent.connected, hub.enrolledKeys.length]).toEqual([false, 1]);
    token = hub.newToken();
    hub.goodbye = '';
    agent.reconnect();
    await eventually(() => agent.connected).toBe(true);
  });

  it('join anew with another token when the hub there is another one, and say so until then', async () => {
    await using lost = await FakeHub.start();
    const identity = new MemoryIdentity();
    await using first = await start(lost, { identity });
    await eventually(() => first.connected).toBe(true);
    await first.stop();
    await using hub = await FakeHub.start();
    let token = lost.printedToken;
    const hubAddresses = [hub.agentsAddress];
    await using agent = await start(hub, { identity, hubAddresses, token: () => token, reconnectMaxMs: 50 });
    await eventually(() => agent.hubTrouble).toContain('another hub, or its database was lost');
    token = hub.newToken();
    await eventually(() => agent.connected).toBe(true);
    expect([hub.enrolledKeys.length, agent.hubTrouble]).toEqual([1, '']);
  });

  it('join anew with another token when the certificate expired too long ago', async () => {
    await using hub = await FakeHub.start();
    const identity = new MemoryIdentity();
    hub.certificateLifeMs = -1_000;
    hub.refuseRenewals = 'the certificate expired too long ago';
    let token = hub.printedToken;
    await using agent = await start(hub, { identity, token: () => token, reconnectMaxMs: 50 });
    await eventually(() => agent.hubTrouble).toBe('the certificate expired too long ago');
    hub.certificateLifeMs = 3_600_000;
    token = hub.newToken();
    await eventually(() => agent.connected).toBe(true);
    expect(hub.enrolledKeys.length).toBe(2);
  });

  it('renew the certificate when it is time, and use the next one', async () => {
    await using hub = await FakeHub.start();
    hub.certificateLifeMs = 3_000;
    await using agent = await start(hub);
    await eventually(() => hub.renewals).toBeGreaterThan(0);
    await eventually(() => hub.sessions.length).toBeGreaterThan(1);
    await eventually(() => agent.connected).toBe(true);
    expect(new Set(hub.serials).size).toBeGreaterThan(1);
  });

  it('replace a certificate that expired while the agent was off', async () => {
    await using hub = await FakeHub.start();
    const identity = new MemoryIdentity();
    hub.certificateLifeMs = -1_000;
    await using agent = await start(hub, { identity });
    await eventually(() => agent.connected).toBe(true);
    expect([hub.enrolledKeys.length, hub.renewals, hub.sessions.length]).toEqual([1, 1, 1]);
  });

  it('write what happens to the log, and no secret', async () => {
    await using hub = await FakeHub.start();
    const lines: string[] = [];
    const logger = createLogger({
      name: 'agent',
      level: 'debug',
      destination: { write: (line) => void lines.push(line) },
    });
    await using agent = await start(hub, { logger });
    await eventually(() => agent.connected).toBe(true);
    const log = lines.join('');
    expect(log).toContain('"msg":"enrolled"');
    expect(log).toContain('"msg":"connected to the hub"');
    expect(log).not.toContain('open-sesame');
    expect(log).not.toContain('PRIVATE KEY');
  });
});
