import { describe, expect, it } from 'vitest';
import { configMap } from '../sample-objects.js';
import type { Suite } from '../suite-context.js';
import type { WatchEvent } from '../watch-stream.js';
import { WatchStream } from '../watch-stream.js';

const isBookmark = ({ type }: WatchEvent): boolean => type === 'BOOKMARK';
const named =
  (name: string, wanted: WatchEvent['type']) =>
  ({ type, object }: WatchEvent): boolean =>
    type === wanted && object.metadata.name === name;
const told = (events: readonly WatchEvent[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);

export function describeWatching(suite: Suite): void {
  describe('watch', () => {
    describeStart(suite);
    describeChanges(suite);
    describeEnd(suite);
  });
}

function describeStart(suite: Suite): void {
  it('goes on from the version of a list, without gap or repetition', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('before', {}));
    const { metadata } = await client.get(path('configmaps'));
    await client.create(path('configmaps'), configMap('between', {}));
    using watch = await WatchStream.open(
      client,
      `${path('configmaps')}?watch=true&resourceVersion=${metadata.resourceVersion}`,
    );
    await client.create(path('configmaps'), configMap('after', {}));
    const events = await watch.until(named('after', 'ADDED'));
    expect(told(events)).not.toContain('ADDED before');
    expect(told(events).filter((line) => !line.includes('kube-root-ca.crt'))).toEqual(['ADDED between', 'ADDED after']);
  });

  it('begins with what is there when no version is named', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('there', {}));
    using watch = await WatchStream.open(client, `${path('configmaps')}?watch=true`);
    expect((await watch.until(named('there', 'ADDED'))).at(-1)?.object['data']).toBeUndefined();
  });

  it('sends the list and a bookmark to whom asks for initial events', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('there', {}));
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    using watch = await WatchStream.open(client, `${path('configmaps')}?${query}`);
    const events = await watch.until(isBookmark);
    expect(told(events.slice(0, -1))).toContain('ADDED there');
    expect(events.at(-1)?.object.metadata).toMatchObject({ annotations: { 'k8s.io/initial-events-end': 'true' } });
  });
}

function describeChanges(suite: Suite): void {
  it('tells every change with the version it made, and the last state of what was deleted', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const { metadata } = await client.get(path('configmaps'));
    using watch = await WatchStream.open(
      client,
      `${path('configmaps')}?watch=true&resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3Da`,
    );
    const created = await client.create(path('configmaps'), configMap('a', { n: '1' }));
    const patched = await client.patch(path('configmaps', 'a'), { data: { n: '2' } });
    await client.ok('DELETE', path('configmaps', 'a'));
    const events = await watch.until(named('a', 'DELETED'));
    expect(told(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    expect(events[0]?.object).toEqual(created);
    expect(events[1]?.object).toEqual(patched);
    expect(events[2]?.object['data']).toEqual({ n: '2' });
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(3);
  });

  it('shows an object that loses or gains the watched label as deleted or added', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.create(path('configmaps'), configMap('a', {}, { labels: { 'flotilla.dev/app': 'web' } }));
    const { metadata } = await client.get(path('configmaps'));
    const query = `watch=true&labelSelector=flotilla.dev%2Fapp&resourceVersion=${metadata.resourceVersion}`;
    using watch = await WatchStream.open(client, `${path('configmaps')}?${query}`);
    await client.patch(path('configmaps', 'a'), { metadata: { labels: { 'flotilla.dev/app': null } } });
    await client.patch(path('configmaps', 'a'), { metadata: { labels: { 'flotilla.dev/app': 'web' } } });
    expect(told(await watch.until(named('a', 'ADDED')))).toEqual(['DELETED a', 'ADDED a']);
    expect(await client.exists(path('configmaps', 'a'))).toBe(true);
  });

  it('is silent about writes that change nothing', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('configmaps', 'a'), configMap('a', { n: '1' }));
    const { metadata } = await client.get(path('configmaps', 'a'));
    const query = `watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${metadata.resourceVersion}`;
    using watch = await WatchStream.open(client, `${path('configmaps')}?${query}`);
    await client.apply(path('configmaps', 'a'), configMap('a', { n: '1' }));
    await client.patch(path('configmaps', 'a'), { data: { n: '1' } });
    await client.patch(path('configmaps', 'a'), { data: { n: '2' } });
    expect((await watch.next())?.object['data']).toEqual({ n: '2' });
  });
}

function describeEnd(suite: Suite): void {
  it('closes when the asked time is over, with a bookmark of how far it got', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const { metadata } = await client.get(path('configmaps'));
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=${metadata.resourceVersion}`;
    using watch = await WatchStream.open(client, `${path('configmaps')}?${query}`);
    const created = await client.create(path('configmaps'), configMap('a', {}));
    const events: WatchEvent[] = [];
    for (let event = await watch.next(); event; event = await watch.next()) events.push(event);
    const bookmark = events.findLast(isBookmark);
    expect(bookmark?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
      Number(created.metadata.resourceVersion),
    );
  });
}
