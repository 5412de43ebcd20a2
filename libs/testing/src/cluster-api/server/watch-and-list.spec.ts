import { describe, expect, it } from 'vitest';
import type { JsonObject, KubeObject } from '../json.js';
import { configMap, DEFAULT, MERGE, openCluster, watchEvents } from '../open-cluster.fixture.js';
import type { OpenCluster } from '../open-cluster.fixture.js';

const MAPS = `${DEFAULT}/configmaps`;

async function versionOf(cluster: OpenCluster): Promise<string> {
  return (await cluster.call('GET', MAPS)).body.metadata.resourceVersion ?? '';
}

/** Everything a watch says until its time is over. */
async function watchAll(
  cluster: OpenCluster,
  query: string,
): Promise<{ type: string; object: KubeObject & JsonObject }[]> {
  const events = [];
  for await (const event of watchEvents(cluster.client, `${MAPS}?watch=true&timeoutSeconds=1&${query}`))
    events.push(event);
  return events;
}

const short = ({ type, object }: { type: string; object: KubeObject }): string => `${type} ${object.metadata.name}`;

describe('watch', () => {
  it('tells the changes since a version, as its selector sees them', async () => {
    await using cluster = await openCluster();
    const from = await versionOf(cluster);
    await cluster.call('POST', MAPS, { body: configMap('a', {}, { labels: { on: 'yes' } }) });
    await cluster.call('POST', MAPS, { body: configMap('b') });
    await cluster.call('PATCH', `${MAPS}/a`, { body: { metadata: { labels: { on: 'no' } } }, contentType: MERGE });
    await cluster.call('PATCH', `${MAPS}/b`, { body: { metadata: { labels: { on: 'yes' } } }, contentType: MERGE });
    await cluster.call('DELETE', `${MAPS}/b`);
    const all = await watchAll(cluster, `resourceVersion=${from}`);
    expect(all.map(short)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'MODIFIED b', 'DELETED b']);
    const selected = await watchAll(cluster, `resourceVersion=${from}&labelSelector=on%3Dyes`);
    expect(selected.map(short)).toEqual(['ADDED a', 'DELETED a', 'ADDED b', 'DELETED b']);
    const versions = selected.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((x, y) => x - y));
  });

  it('begins with what there is, marks the end of that, and closes with a bookmark', async () => {
    await using cluster = await openCluster();
    await cluster.api.settled();
    const events = await watchAll(
      cluster,
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK', 'BOOKMARK']);
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect(events[2]?.object.metadata.resourceVersion).toBe(await versionOf(cluster));
  });

  it('says 410 when history does not reach back', async () => {
    await using cluster = await openCluster();
    const from = await versionOf(cluster);
    await cluster.call('POST', MAPS, { body: configMap('a') });
    cluster.api.store.compact();
    expect(await watchAll(cluster, `resourceVersion=${from}`)).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ]);
  });

  it('forgets by itself what is beyond its limit', async () => {
    await using cluster = await openCluster({ historyLimit: 8 });
    const from = await versionOf(cluster);
    for (let index = 0; index < 20; index++) await cluster.call('POST', MAPS, { body: configMap(`m${index}`) });
    expect(await watchAll(cluster, `resourceVersion=${from}`)).toMatchObject([{ type: 'ERROR' }]);
  });
});

describe('list', () => {
  it('goes on page by page as of its first one, until that is forgotten', async () => {
    await using cluster = await openCluster();
    await cluster.api.settled();
    for (const name of ['a', 'b', 'c']) await cluster.call('POST', MAPS, { body: configMap(name) });
    const { body: first } = await cluster.call('GET', `${MAPS}?limit=2`);
    expect(first.metadata).toMatchObject({ remainingItemCount: 2 });
    await cluster.call('DELETE', `${MAPS}/c`);
    await cluster.call('POST', MAPS, { body: configMap('d') });
    const next = `${MAPS}?limit=2&continue=${first.metadata.continue as string}`;
    const { body: second } = await cluster.call('GET', next);
    const names = [first, second].flatMap((page) => (page.items as KubeObject[]).map(({ metadata }) => metadata.name));
    expect(names).toEqual(['a', 'b', 'c', 'kube-root-ca.crt']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    cluster.api.store.compact();
    await cluster.call('POST', MAPS, { body: configMap('e') });
    expect(await cluster.call('GET', next)).toMatchObject({ status: 410, body: { reason: 'Expired' } });
  });

  it('selects by fields', async () => {
    await using cluster = await openCluster();
    await cluster.call('POST', MAPS, { body: configMap('a') });
    const { body } = await cluster.call(
      'GET',
      `/api/v1/configmaps?fieldSelector=metadata.name%3Da%2Cmetadata.namespace!%3Dother`,
    );
    expect((body.items as KubeObject[]).map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect((await cluster.call('GET', `${MAPS}?fieldSelector=data.x%3D1`)).status).toBe(400);
  });
});
