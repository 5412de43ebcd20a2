import type { Inventory } from '@flotilla/domain';
import { Connection, KubeClient } from '@flotilla/kube';
import type { ClusterApi } from '@flotilla/testing';
import { startClusterApi } from '@flotilla/testing';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace, fetchClusterUid, fetchFacts } from '../cluster-facts.js';
import type { Identity } from './identity.js';
import { RecordedInventories } from './inventories.js';
import { KubeSecrets } from './kube-secrets.js';
import { SecretIdentity } from './secret-identity.js';
import { SecretRecords } from './secret-records.js';

const NAMESPACE = 'flotilla-system';
let cluster: ClusterApi;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startClusterApi();
  const file = join(await mkdtemp(join(tmpdir(), 'flotilla-agent-')), 'kubeconfig');
  await cluster.writeKubeconfig(file);
  client = new KubeClient(Connection.fromFile(file));
  await ensureNamespace(client, NAMESPACE);
});

afterAll(async () => {
  client.close();
  await cluster.close();
});

describe('the agent’s own objects', () => {
  it('live in a namespace that is made once', async () => {
    await expect(ensureNamespace(client, NAMESPACE)).resolves.toBeUndefined();
  });

  it('start with facts of the cluster', async () => {
    expect(await fetchClusterUid(client)).toMatch(/^[0-9a-f-]{36}$/);
    expect(await fetchFacts(client)).toMatchObject({ nodes: '1' });
  });

  it('keep records over a restart, and write nothing that is there already', async () => {
    const records = new SecretRecords(new KubeSecrets(client, NAMESPACE));
    await records.load();
    const inventory: Inventory = { entries: [], bundle: 'b', policy: 'p', complete: true };
    const inventories = new RecordedInventories(records, { values: new Map() });
    await Promise.all(['web', 'api', 'db'].map((app) => inventories.save(app, inventory)));
    await inventories.remove('db');

    const again = new SecretRecords(new KubeSecrets(client, NAMESPACE));
    const reloaded = new RecordedInventories(again, { values: await again.load() });
    expect(await reloaded.load()).toEqual(
      new Map([
        ['web', inventory],
        ['api', inventory],
      ]),
    );
    const before = cluster.calls.all.length;
    await reloaded.save('web', inventory);
    expect(cluster.calls.all).toHaveLength(before);
  });

  it('keep the identity, and a pending key until its certificate came', async () => {
    const secrets = new KubeSecrets(client, NAMESPACE);
    const store = new SecretIdentity(secrets);
    expect(await store.load()).toBeUndefined();
    await store.savePendingKey('the key');
    const afterCrash = new SecretIdentity(secrets);
    expect(await afterCrash.load()).toBeUndefined();
    expect(await afterCrash.loadPendingKey()).toBe('the key');
    const identity: Identity = {
      clusterId: 'c-1',
      clusterName: 'eu-1',
      key: 'the key',
      certificate: 'certificate',
      trust: 'trust',
      agentsAddress: 'hub:8444',
      joinTokenId: 'tok',
    };
    await afterCrash.save(identity);
    await store.save({ ...identity, clusterName: 'eu-2' });
    const last = new SecretIdentity(secrets);
    expect(await last.load()).toEqual({ ...identity, clusterName: 'eu-2' });
    expect(await last.loadPendingKey()).toBeUndefined();
  });
});
