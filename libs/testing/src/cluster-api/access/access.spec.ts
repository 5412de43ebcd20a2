import { Agent, get } from 'node:https';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ApiClient } from '../../control-plane/api-client.js';
import { configMap, DEFAULT, openCluster, watchEvents } from '../open-cluster.fixture.js';

describe('identity', () => {
  it('knows tokens and client certificates of its own authority, and nobody else', async () => {
    await using cluster = await openCluster();
    const { api } = cluster;
    const { cert, key } = await api.issueClientCertificate('ada', ['ops', 'dev']);
    const agent = new Agent({ ca: api.caPem, cert, key });
    const status = await new Promise((resolve, reject) => {
      get(`${api.url}/api/v1/namespaces`, { agent }, (response) => resolve(response.resume().statusCode)).on(
        'error',
        reject,
      );
    });
    agent.destroy();
    expect(status).toBe(200);
    expect(api.calls.matching({ user: 'ada' })).toMatchObject([
      { groups: ['ops', 'dev', 'system:authenticated'], verb: 'list', status: 200 },
    ]);
    using stranger = new ApiClient({ url: api.url, caPem: api.caPem, token: 'wrong' });
    expect(await stranger.call('GET', '/api/v1/namespaces')).toMatchObject({
      status: 401,
      body: { reason: 'Unauthorized' },
    });
    expect((await stranger.call('GET', '/healthz')).status).toBe(401);
  });

  it('writes a kubeconfig that works by itself', async () => {
    await using cluster = await openCluster({ name: 'east' });
    const config = parse(cluster.api.kubeconfig()) as {
      clusters: { name: string; cluster: { server: string } }[];
      users: { user: { token: string } }[];
    };
    expect(config.clusters[0]).toMatchObject({ name: 'east', cluster: { server: cluster.api.url } });
    expect(config.users[0]?.user.token).toBe(cluster.api.token);
  });

  it('records who acts for whom', async () => {
    await using cluster = await openCluster();
    const headers = { 'impersonate-user': 'system:serviceaccount:shop:deployer', 'impersonate-group': 'dev' };
    await cluster.call('POST', `${DEFAULT}/configmaps?dryRun=All`, { body: configMap('a'), headers });
    expect(cluster.api.calls.matching({ verb: 'create' })).toMatchObject([
      {
        user: 'admin',
        impersonated: 'system:serviceaccount:shop:deployer',
        groups: ['dev', 'system:authenticated'],
        dryRun: true,
        status: 201,
      },
    ]);
  });

  it('denies what the hook denies, in the words of an authorizer', async () => {
    await using cluster = await openCluster({
      authorize: (call) => (call.user === 'bob' && call.verb === 'delete' ? '' : undefined),
    });
    using bob = new ApiClient({
      ...cluster.api,
      url: cluster.api.url,
      caPem: cluster.api.caPem,
      token: cluster.api.addUser('bob'),
    });
    expect((await bob.call('GET', `${DEFAULT}/configmaps`)).status).toBe(200);
    expect((await bob.call('DELETE', `${DEFAULT}/configmaps/a`)).body).toMatchObject({
      code: 403,
      message:
        'configmaps "a" is forbidden: User "bob" cannot delete resource "configmaps" in API group "" in the namespace "default"',
    });
    const review = { spec: { resourceAttributes: { verb: 'delete', resource: 'configmaps', namespace: 'default' } } };
    const answer = await bob.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: review });
    expect(answer.body).toMatchObject({ status: { allowed: false } });
  });
});

describe('injected faults', () => {
  it('meet the calls they are meant for, as often as asked', async () => {
    await using cluster = await openCluster();
    const { faults } = cluster.api;
    const busy = faults.inject(
      { verb: 'list', resource: 'configmaps' },
      { kind: 'status', code: 429, retryAfterSeconds: 2 },
      1,
    );
    const refused = await cluster.client.call('GET', `${DEFAULT}/configmaps`);
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '2' },
      body: { reason: 'TooManyRequests' },
    });
    expect((await cluster.call('GET', `${DEFAULT}/configmaps`)).status).toBe(200);
    expect(busy.met).toBe(1);
  });

  it('tear connections down, and leave calls without an answer', async () => {
    await using cluster = await openCluster();
    cluster.api.faults.inject({ name: 'reset' }, { kind: 'reset' });
    await expect(cluster.call('GET', `${DEFAULT}/configmaps/reset`)).rejects.toThrow();
    cluster.api.faults.inject({ name: 'hang' }, { kind: 'hang' });
    const signal = AbortSignal.timeout(100);
    await expect(cluster.client.open('GET', `${DEFAULT}/configmaps/hang`, { signal })).rejects.toThrow();
    expect(cluster.api.calls.matching({ name: 'hang' })).toMatchObject([{ status: 0 }]);
  });

  it('cut watches, running ones and those to come', async () => {
    await using cluster = await openCluster();
    const { faults } = cluster.api;
    faults.inject({ verb: 'watch' }, { kind: 'cut', afterEvents: 2 }, 1);
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { object } of watchEvents(cluster.client, '/api/v1/namespaces?watch=true'))
        seen.push(object.metadata.name);
    };
    await expect(read()).rejects.toThrow('aborted');
    expect(seen).toHaveLength(2);
    const running = watchEvents(cluster.client, '/api/v1/namespaces?watch=true');
    await running.next();
    expect(faults.cutWatches({ resource: 'namespaces' })).toBe(1);
    await expect(
      (async () => {
        for await (const _ of running);
      })(),
    ).rejects.toThrow('aborted');
  });
});
