import { expect, it } from 'vitest';
import { resources } from './index.js';
import { startStubHub } from '../stub-hub.fixture.js';

const page = (items: readonly object[]): object => ({ items, next: null });
const audit = (subject: string, outcome: string, detail: object = {}): object => {
  const action = subject.startsWith('app/') ? 'rollout.retry' : 'cluster.suspend';
  return {
    id: subject + outcome,
    at: '2026-11-25T00:00:00Z',
    actor: 'ana',
    action,
    subject,
    outcome,
    reason: '',
    detail,
  };
};
const approval = (app: string, cluster: string | null): object => {
  return { kind: 'deletion', app, cluster, wave: null, release: 1, since: '2026-11-25T00:00:00Z', objects: [] };
};
const BODIES = {
  '/api/v1/apps': page([
    { name: 'web', project: 'shop' },
    { name: 'dns', project: 'default' },
  ]),
  '/api/v1/targets': page([{ app: 'web', cluster: 'eu-1' }]),
  '/api/v1/clusters': page([{ name: 'eu-1' }]),
  '/api/v1/approvals': page([approval('web', 'eu-1'), approval('dns', 'us-1'), approval('dns', null)]),
  '/api/v1/audit': page([
    audit('app/web', 'done', { cluster: 'eu-1' }),
    audit('app/dns', 'refused'),
    audit('eu-1', 'done'),
    audit('us-1', 'done'),
  ]),
  '/api/v1/rollouts': page([
    { app: 'web', release: { number: 4 }, state: 'halted' },
    { app: 'dns', release: { number: 2 }, state: 'done' },
  ]),
};

it.each([
  ['approvals --project shop', ['deletion/web/eu-1']],
  ['approvals --cluster us-1', ['deletion/dns/us-1']],
  ['approvals -l env=prod', ['deletion/web/eu-1']],
  ['audit --app web', ['app/webdone']],
  ['audit --cluster eu-1', ['app/webdone', 'eu-1done']],
  ['audit --project default', ['app/dnsrefused']],
  ['audit --unhealthy', ['app/dnsrefused']],
  ['rollouts --project shop', ['web/4']],
  ['rollouts --cluster eu-1', ['web/4']],
  ['rollouts --unhealthy', ['web/4']],
  ['targets --project default', []],
  ['clusters --app web', ['eu-1']],
  ['clusters --project shop', ['eu-1']],
  ['apps --project shop', ['web']],
  ['apps --cluster eu-1', ['web']],
])('get %s', async (line, names) => {
  await using hub = await startStubHub(BODIES);
  const { code, out } = await hub.run('get', ...line.split(' '), '-o', 'name');
  expect(out.split('\n').filter((name) => name !== '')).toEqual(names);
  expect(code).toBe(0);
});

it('refuses what it cannot narrow by, instead of ignoring it', async () => {
  await using hub = await startStubHub(BODIES);
  const { code, err } = await hub.run('get', 'tokens', '--project', 'shop');
  expect([code, err]).toEqual([2, 'error: get tokens cannot be narrowed by --project\ndo:    it takes no filter\n']);
});

it('reads no more pages than asked for', async () => {
  await using hub = await startStubHub({
    ...BODIES,
    '/api/v1/audit': { items: [audit('eu-1', 'done')], next: 'more' },
  });
  expect((await hub.run('get', 'audit', '--limit', '1', '-o', 'name')).out).toBe('eu-1done\n');
  expect(hub.asked).toEqual(['GET /api/v1/audit?limit=1']);
});

it('each noun that has a target, an app or a cluster takes --project, --app and --cluster', () => {
  const bare = resources.filter(({ filters, appsOf, clustersOf }) => !appsOf && !clustersOf && filters.length === 0);
  expect(bare.map(({ names }) => names[0])).toEqual(['sources', 'tokens']);
});
