import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection, KubeClient } from '@flotilla/kube';
import { createLogger } from '@flotilla/telemetry';
import type { ApiFaultKind, ClusterApi } from '@flotilla/testing';
import { startClusterApi } from '@flotilla/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_MAPS, LEASES, NAMESPACES, SECRETS, SECRET_TYPE } from './kube-types.js';
import { Lease } from './lease.js';

const NAMESPACE = 'flotilla-system';
const ADDRESS = { type: LEASES, namespace: NAMESPACE, name: 'flotilla-agent' };
const logger = createLogger({ name: 'agent', level: 'silent' });

let cluster: ClusterApi;
let admin: KubeClient;

beforeEach(async () => {
  cluster = await startClusterApi();
  admin = await connect();
  await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
});

afterEach(async () => {
  admin.close();
  await cluster.close();
});

async function connect(user?: string, maxSockets = 16): Promise<KubeClient> {
  const file = join(await mkdtemp(join(tmpdir(), 'flotilla-lease-')), 'kubeconfig');
  await cluster.writeKubeconfig(file, user === undefined ? undefined : cluster.addUser(user, ['system:masters']));
  return new KubeClient(Connection.fromFile(file, { maxSockets }));
}

/** What of an agent matters here: it holds the Lease or waits for it, and writes when it is asked to. */
class Writer implements AsyncDisposable {
  readonly lease: Lease;
  readonly lostTo: string[] = [];
  reopened = 0;
  skewMs = 0;
  acquired = false;

  constructor(
    readonly name: string,
    readonly client: KubeClient,
    pod?: string,
  ) {
    this.lease = new Lease({
      client,
      logger,
      pod,
      namespace: NAMESPACE,
      clock: { now: () => Date.now(), monotonic: () => performance.now() + this.skewMs },
      lookMs: 20,
      lost: (holder) => this.lostTo.push(holder),
      reopened: () => (this.reopened += 1),
    });
    client.guardWrites(this.lease.fence);
  }

  static async start(name: string, pod?: string): Promise<Writer> {
    return new Writer(name, await connect(name), pod);
  }

  acquire(): Promise<void> {
    return this.lease.acquire().then(() => void (this.acquired = true));
  }

  async write(): Promise<string> {
    const metadata = { generateName: 'write-', namespace: 'default', name: '' };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { by: this.name } };
    return this.client.create(CONFIG_MAPS, body, { timeoutMs: 1_000 }).then(
      () => 'written',
      (error: unknown) => (error as { reason: string }).reason,
    );
  }

  /** Waits until it has looked at the Lease that often. */
  async looks(count: number): Promise<void> {
    const looks = (): number => cluster.calls.matching({ user: this.name, name: 'flotilla-agent' }).length;
    const before = looks();
    await expect.poll(looks, { timeout: 10_000, interval: 10 }).toBeGreaterThanOrEqual(before + count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lease.release();
    this.client.close();
  }
}

const holder = async (): Promise<unknown> =>
  ((await admin.get(ADDRESS))['spec'] as { holderIdentity: unknown }).holderIdentity;

function heldBy(holderIdentity: string): Promise<unknown> {
  return admin.patch(ADDRESS, { spec: { holderIdentity } }, { type: 'merge' });
}

/** Somebody has worked in this namespace. */
async function leaveRecords(): Promise<void> {
  const metadata = { name: 'flotilla-records-0', namespace: NAMESPACE };
  await admin.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, type: SECRET_TYPE });
}

describe('Lease', () => {
  it('is taken at once when nobody ever worked here, waited for, and given up', async () => {
    await using first = await Writer.start('a');
    await using second = await Writer.start('b');
    await first.acquire();
    const acquired = second.acquire();
    await second.looks(3);
    expect([second.acquired, await first.write(), await second.write()]).toEqual([false, 'written', 'Fenced']);
    await first.lease.release();
    await acquired;
    expect([await first.write(), await second.write()]).toEqual(['Fenced', 'written']);
    await second.lease.release();
    expect(await holder()).toBe('');
  });

  const PARTITIONS: readonly ApiFaultKind[] = [{ kind: 'hang' }, { kind: 'status', code: 503 }, { kind: 'reset' }];

  it.each(PARTITIONS)('an agent cut off by $kind writes nothing once another may hold the Lease', async (fault) => {
    await using cut = await Writer.start('a');
    await using next = await Writer.start('b');
    await cut.acquire();
    expect(await cut.write()).toBe('written');
    const acquired = next.acquire();
    const partition = cluster.faults.inject({ user: 'a' }, fault);
    await next.looks(2);
    // Cut off for less than its lease: it stops by itself, and nobody else begins.
    for (const writer of [cut, next]) writer.skewMs += 11_000;
    expect(await cut.write()).toBe('Fenced');
    await next.looks(3);
    expect(next.acquired).toBe(false);
    for (const writer of [cut, next]) writer.skewMs += 40_000;
    await acquired;
    expect(await next.write()).toBe('written');
    partition.remove();
    // Reached again, and not told yet that it is too late.
    expect(await cut.write()).toBe('Fenced');
    await cut.lease.renew();
    expect(cut.lostTo).toEqual([await holder()]);
    expect(await cut.write()).toBe('Fenced');
    const writes = cluster.calls.matching({ verb: 'create', resource: 'configmaps' }).map(({ user }) => user);
    expect(writes).toEqual(['a', 'b']);
  });

  it('an agent that was away for less than its lease goes on after a renewal, and looks at everything again', async () => {
    await using agent = await Writer.start('a');
    await agent.acquire();
    agent.skewMs += 20_000;
    expect(await agent.write()).toBe('Fenced');
    await agent.lease.renew();
    expect([agent.reopened, await agent.write()]).toEqual([1, 'written']);
    await agent.lease.renew();
    expect(agent.reopened).toBe(1);
  });

  it('is made again by its holder when somebody deletes it, and by nobody else before its time', async () => {
    await using agent = await Writer.start('a');
    await using other = await Writer.start('b');
    await agent.acquire();
    await leaveRecords();
    const mine = await holder();
    const acquired = other.acquire();
    await other.looks(2);
    await admin.delete(ADDRESS, { uid: (await admin.get(ADDRESS)).metadata['uid'] as string });
    await other.looks(5);
    expect(await admin.find(ADDRESS)).toBeUndefined();
    // A read that fails says nothing.
    cluster.faults.inject({ user: 'a', verb: 'get' }, { kind: 'status', code: 503 }, 1);
    await agent.lease.renew();
    expect(await admin.find(ADDRESS)).toBeUndefined();
    await agent.lease.renew();
    expect([await holder(), agent.lostTo, await agent.write()]).toEqual([mine, [], 'written']);
    await other.looks(3);
    expect(other.acquired).toBe(false);
    await agent.lease.release();
    await acquired;
  });

  it('that is gone where somebody worked is made by a newcomer only after its time', async () => {
    await leaveRecords();
    await using newcomer = await Writer.start('b');
    const acquired = newcomer.acquire();
    await newcomer.looks(3);
    expect(newcomer.acquired).toBe(false);
    newcomer.skewMs += 51_000;
    await acquired;
  });

  it('whose holder was erased by hand is waited for like any other, and the holder stops', async () => {
    await using agent = await Writer.start('a');
    await using other = await Writer.start('b');
    await agent.acquire();
    await heldBy('');
    const acquired = other.acquire();
    await other.looks(3);
    expect(other.acquired).toBe(false);
    await agent.lease.renew();
    expect([agent.lostTo, await agent.write()]).toEqual([[''], 'Fenced']);
    other.skewMs += 51_000;
    await acquired;
  });

  it('is taken at once from a dead process of this place, and of no other', async () => {
    await using first = await Writer.start('a', 'pod-1');
    await first.acquire();
    const [host, , place, random] = String(await holder()).split('/');
    await heldBy([host, '4194300', 'elsewhere', random].join('/'));
    await using next = await Writer.start('b', 'pod-1');
    const acquired = next.acquire();
    await next.looks(3);
    expect(next.acquired).toBe(false);
    await heldBy([host, '4194300', place, random].join('/'));
    await acquired;
  });

  it('a write that waited for a connection leaves only if it may still', async () => {
    const client = await connect('a', 1);
    await using agent = new Writer('a', client);
    await agent.acquire();
    const slow = cluster.faults.inject({ user: 'a', resource: 'nodes' }, { kind: 'hang' }, 1);
    const first = client.list({ ...CONFIG_MAPS, kind: 'Node', resource: 'nodes', namespaced: false }, '', {
      timeoutMs: 500,
    });
    const refused = first.catch((error: unknown) => error);
    await expect.poll(() => slow.met).toBe(1);
    const write = agent.write();
    agent.skewMs += 11_000;
    await refused;
    expect(await write).toBe('Fenced');
  });

  it('is not given up while a write is under way', async () => {
    const agent = await Writer.start('a');
    await agent.acquire();
    const stuck = cluster.faults.inject({ user: 'a', resource: 'configmaps' }, { kind: 'hang' }, 1);
    const write = agent.write();
    await expect.poll(() => stuck.met).toBe(1);
    await agent.lease.release();
    expect(await holder()).not.toBe('');
    expect(await write).toBe('Timeout');
    agent.client.close();
  });
});
