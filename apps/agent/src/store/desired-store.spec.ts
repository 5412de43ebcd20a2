import type { AppEntry, KubeObject, ManifestEntry, Policy } from '@flotilla/domain';
import { canonicalJson, hashDesiredState, manifestDigest, objectId, policyDigest, refOf } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { DesiredStore } from './desired-store.js';
import { FakeSecrets } from './fake-secrets.fixture.js';
import type { HeldObject, HeldState } from './held-state.js';
import { SecretRecords } from './secret-records.js';
import { toDesired } from './to-desired.js';

const policy = { namespace: 'web', serviceAccount: '' } as unknown as Policy;

function configMap(name: string, value: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'web' }, data: { value } };
}

/** A state of apps with one object each. */
function stateOf(number: number, apps: Readonly<Record<string, string>>): HeldState {
  const objects = new Map<string, HeldObject>();
  const manifests = new Map<string, readonly ManifestEntry[]>();
  const entries = Object.entries(apps).map(([app, value]): AppEntry => {
    const object = configMap(app, value);
    const id = objectId(canonicalJson(object), '');
    const manifest = [{ objectId: id, apiVersion: 'v1', ref: refOf(object) }];
    const bundle = manifestDigest(manifest);
    objects.set(id, { salt: '', object });
    manifests.set(bundle, manifest);
    const more = { pendingBundle: undefined, approvedDeletions: [], suspendedUntil: 0, retry: 0 } as const;
    return {
      app,
      bundle,
      policy: policyDigest(policy),
      life: 'active',
      mode: 'manage',
      ...more,
      since: { generation: 1, number },
    };
  });
  const policies = new Map(entries.length === 0 ? [] : [[policyDigest(policy), policy]]);
  return {
    version: { generation: 1, number },
    epoch: 3,
    hash: hashDesiredState(entries),
    entries,
    objects,
    manifests,
    policies,
  };
}

async function open(secrets: FakeSecrets): Promise<DesiredStore> {
  const records = new SecretRecords(secrets);
  const store = new DesiredStore(records);
  await store.load(await records.load());
  return store;
}

const many = (count: number, value: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`app-${index}`, value]));

describe('DesiredStore', () => {
  it('holds nothing at first', async () => {
    expect((await open(new FakeSecrets())).held.entries).toEqual([]);
  });

  it('gives back each accepted state after a restart', async () => {
    const secrets = new FakeSecrets();
    for (const [number, apps] of [many(3, 'a'), { ...many(3, 'a'), 'app-1': 'b' }, many(2, 'a'), {}].entries()) {
      const next = stateOf(number + 1, apps);
      await (await open(secrets)).accept(next);
      const { held } = await open(secrets);
      expect(held).toEqual(next);
      expect(toDesired(held)).toEqual(toDesired(next));
    }
  });

  it('takes one small write for a small change', async () => {
    const secrets = new FakeSecrets();
    const store = await open(secrets);
    await store.accept(stateOf(1, many(20, 'a')));
    const before = secrets.writes.length;
    await store.accept(stateOf(2, { ...many(20, 'a'), 'app-7': 'b' }));
    expect(secrets.writes.slice(before)).toEqual(['patch flotilla-records-0']);
  });

  it('folds a long log into packs, keeps what still lives, and sweeps the rest', async () => {
    const secrets = new FakeSecrets();
    const store = await open(secrets);
    const large = 'x'.repeat(8_000);
    for (let number = 1; number <= 30; number += 1) {
      await store.accept(stateOf(number, { ...many(10, `${large}first`), 'app-3': `${large}${number}` }));
    }
    const last = stateOf(30, { ...many(10, `${large}first`), 'app-3': `${large}30` });
    expect((await open(secrets)).held).toEqual(last);
    const names = [...secrets.secrets.values()].flatMap(({ data }) => Object.keys(data));
    expect(names.filter((name) => name.startsWith('pack')).length).toBeLessThanOrEqual(3);
  });

  it('stays with the last state when a write fails', async () => {
    const secrets = new FakeSecrets();
    const store = await open(secrets);
    await store.accept(stateOf(1, { web: 'a' }));
    secrets.failNext = 1;
    await expect(store.accept(stateOf(2, { web: 'b' }))).rejects.toThrow('away');
    expect(store.held.version.number).toBe(1);
    await store.accept(stateOf(3, { web: 'c' }));
    expect((await open(secrets)).held).toEqual(stateOf(3, { web: 'c' }));
  });

  it('does not use what it cannot prove', async () => {
    const secrets = new FakeSecrets();
    await (await open(secrets)).accept(stateOf(1, { web: 'a' }));
    const forged: HeldState = { ...stateOf(2, { web: 'b' }), hash: 'f'.repeat(64) };
    await (await open(secrets)).accept(forged);
    await expect(open(secrets)).rejects.toThrow('damaged');
    const lacking: HeldState = { ...stateOf(2, { web: 'b' }), objects: new Map() };
    const other = new FakeSecrets();
    await (await open(other)).accept(lacking);
    await expect(open(other)).rejects.toThrow('lacks 1');
  });

  it('uses nothing of what somebody left of the records, and stores the next state whole', async () => {
    const secrets = new FakeSecrets();
    const store = await open(secrets);
    const [first, web] = [stateOf(1, many(400, 'x'.repeat(2000))), stateOf(2, { web: 'b' })];
    await store.accept(first);
    const entries = [...first.entries, ...web.entries];
    const objects = new Map([...first.objects, ...web.objects]);
    const manifests = new Map([...first.manifests, ...web.manifests]);
    await store.accept({ ...web, entries, objects, manifests, hash: hashDesiredState(entries) });
    const records = new SecretRecords(secrets);
    const stored = await records.load();
    expect([...stored.keys()].sort().map((key) => key.slice(0, 12))).toEqual(
      expect.arrayContaining(['desired/base', 'desired/log']),
    );
    const without = (key: string): Map<string, Uint8Array> => new Map([...stored].filter(([name]) => name !== key));
    const damaged = new DesiredStore(records);
    await expect(damaged.load(without('desired/base'))).rejects.toThrow('damaged');
    expect(damaged.held.entries).toEqual([]);
    // Without its log it is whole, and older than what was held once.
    await expect(damaged.load(without('desired/log'), { generation: 1, number: 2 })).rejects.toThrow(
      'is 1.1, and 1.2 was held once',
    );
    expect(damaged.held.entries).toEqual([]);
    await damaged.accept(stateOf(3, { web: 'c' }));
    expect((await open(secrets)).held.entries).toEqual(stateOf(3, { web: 'c' }).entries);
  });
});
