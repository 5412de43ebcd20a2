import { EMPTY_STATE_HASH, hashDesiredState } from '@flotilla/domain';
import type { AppEntry, KubeObject, Policy } from '@flotilla/domain';
import type { wire } from '@flotilla/protocol';
import { toWireDigest } from '@flotilla/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HeldState } from '../store/held-state.js';
import { NOTHING_HELD } from '../store/held-state.js';
import { MemoryIdentity } from '../store/identity.js';
import type { AgentClient } from './channel.js';
import { openAgentChannel } from './channel.js';
import { enrol } from './enrol.js';
import { FakeHub } from './fake-hub.fixture.js';
import type { Seen } from './receive-desired-state.js';
import { receiveDesiredState } from './receive-desired-state.js';

const policy = { namespace: 'web', dependsOn: [], formerly: [] } as unknown as Policy;
const configMap = (name: string, value = 'a'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'web' },
  data: { value },
});

let hub: FakeHub;
let client: AgentClient;

beforeAll(async () => {
  hub = await FakeHub.start();
  const enrolment = { joinAddress: hub.joinAddress, token: hub.printedToken, clusterUid: 'uid', agentVersion: '1' };
  const identity = await enrol(enrolment, new MemoryIdentity());
  client = openAgentChannel(hub.agentsAddress, identity);
});

afterAll(async () => {
  client.close();
  await hub[Symbol.asyncDispose]();
});

const NOTHING_SEEN: Seen = { version: { generation: 0, number: 0 }, epoch: 0 };

function receive(
  message: wire.DesiredState,
  held: HeldState = NOTHING_HELD,
  seen: Seen = NOTHING_SEEN,
): Promise<HeldState> {
  return receiveDesiredState(message, { held, seen, client });
}

/** A publication of these apps at version 1.number, against what is held. */
function publish(wanted: readonly AppEntry[], number = 1, held: readonly AppEntry[] = []): wire.DesiredState {
  hub.wanted = wanted;
  hub.version = { generation: 1, number };
  return hub.publication(held);
}

describe('receiveDesiredState', () => {
  it('fetches what is missing and gives the complete state', async () => {
    const entry = hub.entry({ app: 'web', objects: [configMap('a'), configMap('b')] }, policy);
    const state = await receive(publish([entry]));
    expect(state).toMatchObject({ version: { generation: 1, number: 1 }, epoch: 1, entries: [entry] });
    expect([...state.objects.values()].map(({ object }) => object.metadata.name).sort()).toEqual(['a', 'b']);
    expect(state.policies.get(entry.policy)).toEqual(policy);
  });

  it('fetches only objects that are not held, and drops those that nobody needs any more', async () => {
    const first = hub.entry({ app: 'web', objects: [configMap('a'), configMap('b')] }, policy);
    const held = await receive(publish([first]));
    const second = hub.entry({ app: 'web', objects: [configMap('a'), configMap('b', 'changed')] }, policy);
    hub.fetched.length = 0;
    const state = await receive(publish([second], 2, held.entries), held, held);
    expect(hub.fetched).toHaveLength(1);
    expect(state.objects.size).toBe(2);
    expect(state.manifests.has(first.bundle)).toBe(false);
  });

  it('takes a pending bundle’s names without its objects, and nothing for an app that goes', async () => {
    const pending = hub.entry({ app: 'web', objects: [configMap('pending')] }, policy);
    const entry = hub.entry({ app: 'web', objects: [configMap('a')], more: { pendingBundle: pending.bundle } }, policy);
    const going = hub.entry({ app: 'old', objects: [configMap('old')], more: { life: 'prune' } }, policy);
    const state = await receive(publish([entry, going]));
    expect(state.manifests.get(pending.bundle)).toHaveLength(1);
    expect([...state.objects.values()].map(({ object }) => object.metadata.name)).toEqual(['a']);
  });

  const seen = (generation: number, number: number, epoch: number): Seen => ({
    version: { generation, number },
    epoch,
  });

  it.each([
    ['an older number', seen(1, 6, 1), 'staleVersion'],
    ['an older generation', seen(2, 1, 1), 'staleVersion'],
    ['an older epoch of the same generation', seen(1, 5, 2), 'staleEpoch'],
  ])('refuses %s', async (_what, at, code) => {
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    await expect(receive(publish([entry], 5), NOTHING_HELD, at)).rejects.toMatchObject({ code });
  });

  it('takes a lower epoch of a later generation, and the same version again', async () => {
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    await expect(receive(publish([entry], 5), NOTHING_HELD, seen(0, 9, 99))).resolves.toBeDefined();
    await expect(receive(publish([entry], 5), NOTHING_HELD, seen(1, 5, 1))).resolves.toBeDefined();
  });

  it('refuses a difference against another base, or that leads elsewhere', async () => {
    const entry = hub.entry({ app: 'web', objects: [configMap('a')] }, policy);
    const message = publish([entry]);
    const foreignBase = { ...message, baseHash: toWireDigest(hashDesiredState([entry])) };
    await expect(receive(foreignBase)).rejects.toMatchObject({ code: 'baseMismatch' });
    await expect(receive({ ...message, hash: toWireDigest(EMPTY_STATE_HASH) })).rejects.toMatchObject({
      code: 'hashMismatch',
    });
    await expect(receive({ ...message, hash: Buffer.alloc(3) })).rejects.toMatchObject({ code: 'malformed' });
  });

  it('refuses content that is missing, forged, not canonical, or not the object its bundle names', async () => {
    const entry = hub.entry({ app: 'web', objects: [configMap('forged')] }, policy);
    const [id] = hub.idsOf(entry);
    hub.corrupt(id, '{"apiVersion":"v1"}');
    await expect(receive(publish([entry]))).rejects.toMatchObject({ code: 'contentMismatch' });
    hub.dropContent(id);
    await expect(receive(publish([entry]))).rejects.toMatchObject({ code: 'contentMissing' });

    const spaced = hub.entryOfText({ app: 'web', text: '{ "kind": "ConfigMap" }', object: configMap('x') }, policy);
    await expect(receive(publish([spaced]))).rejects.toMatchObject({ code: 'notCanonical' });
    const renamed = hub.entryOfText(
      { app: 'web', text: hub.textOf(configMap('other')), object: configMap('x') },
      policy,
    );
    await expect(receive(publish([renamed]))).rejects.toMatchObject({ code: 'contentMismatch' });
  });
});
