import { expect, it } from 'vitest';
import type { StubHub } from './stub-hub.fixture.js';
import { startStubHub } from './stub-hub.fixture.js';

const APPROVAL = { kind: 'removal', release: null, wave: null, because: 'ask', objects: [], deletionSet: null };
const SINCE = { since: new Date().toISOString() };
const APPROVALS = [
  { ...APPROVAL, ...SINCE, app: 'dns', cluster: 'eu-1' },
  { ...APPROVAL, ...SINCE, app: 'mail', cluster: 'us-1' },
  { ...APPROVAL, ...SINCE, kind: 'wave', wave: 'rest', app: 'mail', cluster: null },
];

function target(app: string, cluster: string, state: string): object {
  const numbers = { allowedRelease: 1, appliedRelease: 1, desiredRelease: 1, objects: 1, objectsReady: 1 };
  const lists = { problems: [], drifts: [], deletions: [] };
  return { app, cluster, state, ...numbers, ...lists, life: 'active', lifeBecause: '', observedAt: null, bundle: null };
}

/** A hub with one app on so many clusters, of which the last ones are not healthy, and one cluster with so many apps. */
function hub(count: number, unhealthy: number): Promise<StubHub> {
  const state = (i: number): string => (i < count - unhealthy ? 'healthy' : 'failed');
  const targets = Array.from({ length: count }, (_, i) => ({ i, state: state(i) }));
  const counts = { targets: { healthy: count - unhealthy, failed: unhealthy } };
  const app = {
    name: 'web',
    life: 'active',
    namespace: 'web',
    project: '',
    strategy: '',
    release: null,
    rollout: null,
  };
  const dates = { joinedAt: null, lastSeenAt: null, lastReportAt: null, suspendedUntil: null };
  const held = { desiredVersion: '1.1', heldVersion: '1.1', rejected: null, agentVersion: null, stateReason: '' };
  return startStubHub({
    '/api/v1/apps/web': { ...app, ...counts, frozenSince: null, frozenBecause: '' },
    '/api/v1/clusters/eu-1': { name: 'eu-1', state: 'connected', labels: {}, facts: {}, ...dates, ...held, ...counts },
    '/api/v1/problems': { items: [], next: null },
    '/api/v1/approvals': { items: APPROVALS, next: null },
    '/api/v1/targets': (query: URLSearchParams) => {
      const asked = targets.filter((each) => query.get('unhealthy') !== 'true' || each.state !== 'healthy');
      const page = asked.slice(0, Number(query.get('limit')));
      const ofCluster = query.has('cluster');
      const items = page.map(({ i, state }) =>
        target(ofCluster ? `a${i}` : 'web', ofCluster ? 'eu-1' : `c${i}`, state),
      );
      return { items, next: asked.length > page.length ? 'more' : null };
    },
  });
}

async function treeOf(stub: StubHub, ...line: readonly string[]): Promise<string[]> {
  const { code, out } = await stub.run('describe', ...line);
  expect(code).toBe(0);
  return out.split('\n').filter((text) => /^[├└]/.test(text));
}

it('lists all of a few, what is not healthy first', async () => {
  await using stub = await hub(3, 1);
  const names = (await treeOf(stub, 'app', 'web')).map((text) => text.split(/ +/)[1]);
  expect(names).toEqual(['c2', 'c0', 'c1']);
});

it.each([
  [['app', 'web'], 'c', 'flotilla get targets --app web'],
  [['cluster', 'eu-1'], 'a', 'flotilla get targets --cluster eu-1'],
])('lists fifty of many of %j, those that fail first, and says where the rest is', async (line, prefix, command) => {
  await using stub = await hub(5_000, 7);
  const tree = await treeOf(stub, ...line);
  expect(tree).toHaveLength(51);
  expect(tree[0]).toContain(`${prefix}4993  failed`);
  expect(tree[7]).toContain(`${prefix}0  healthy`);
  expect(tree.at(-1)).toBe(`└─ … and 4950 more   → ${command}`);
  expect(stub.asked.filter((path) => path.includes('/targets')).length).toBeLessThanOrEqual(2);
});

it('gives the whole body as JSON', async () => {
  await using stub = await hub(5_000, 7);
  const { out } = await stub.run('describe', 'app', 'web', '-o', 'json');
  expect(JSON.parse(out)).toMatchObject({ name: 'web', targets: { healthy: 4_993, failed: 7 } });
});

it('shows what waits for approval on a cluster, and nothing that waits elsewhere', async () => {
  await using stub = await hub(1, 0);
  const { out } = await stub.run('describe', 'cluster', 'eu-1');
  expect(out).toMatch(/\napproval {3}removal of dns on eu-1 waits for \d+m?\d*s {3}→ flotilla removal list dns\n$/);
  expect(out).not.toContain('mail');
});
