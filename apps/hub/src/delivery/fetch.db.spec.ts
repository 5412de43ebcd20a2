import { randomBytes } from 'node:crypto';
import { objectId } from '@flotilla/domain';
import { fromWireContent, fromWireManifest, fromWirePolicy, toWireDigest } from '@flotilla/protocol';
import type { wire } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import { DeliveryHub } from './delivery-hub.fixture.js';

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

it('serves what does not fit in a push, to the cluster that may see it and nobody else', async () => {
  await using hub = await DeliveryHub.start();
  using agent = await hub.join('eu-1');
  using other = await hub.join('eu-2');
  await Promise.all([agent.connect(), other.connect()]);
  const values = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`big-${index}`, randomBytes(60_000).toString('base64')]),
  );
  const bundle = await hub.bundle(values);
  await hub.allow('web', bundle, ['eu-1']);
  await eventually(() => expect(agent.pushed).toHaveLength(1));
  const [pushed] = agent.pushed;
  expect(pushed!.contents.length).toBeLessThan(10);
  const objectIds = pushed!.manifests[0]!.entries.map(({ objectId: id }) => id);

  const parts = await collect<wire.FetchContentResponse>(agent.client.fetchContent({ objectIds }));
  expect(parts.length).toBeGreaterThan(1);
  const contents = parts.flatMap((part) => part.contents).map(fromWireContent);
  expect(contents).toHaveLength(30);
  for (const { id, text, salt } of contents) expect(objectId(text, salt)).toBe(id);

  const request = { bundles: [toWireDigest(bundle)], policies: [toWireDigest(agent.entries[0]!.policy)] };
  const answers = await collect<wire.FetchManifestsResponse>(agent.client.fetchManifests(request));
  expect(answers.flatMap(({ manifests }) => manifests).map(fromWireManifest)[0]?.entries).toHaveLength(30);
  expect(answers.flatMap(({ policies }) => policies).map(fromWirePolicy)).toHaveLength(1);

  await expect(collect(other.client.fetchContent({ objectIds: [objectIds[0]!] }))).rejects.toThrow('not part of');
  await expect(collect(other.client.fetchManifests({ bundles: request.bundles, policies: [] }))).rejects.toThrow(
    'not part of',
  );
  agent.disconnect();
  await eventually(() => expect(hub.sessions.count).toBe(1));
  await expect(collect(agent.client.fetchContent({ objectIds }))).rejects.toThrow('during a session only');
});
