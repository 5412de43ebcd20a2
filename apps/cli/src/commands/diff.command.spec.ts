import { expect, it } from 'vitest';
import { changedLines } from './print-changes.js';
import { startStubHub } from './stub-hub.fixture.js';

const release = (number: number, commit: string, subject: string): object => ({
  number,
  commit: commit.padEnd(40, '0'),
  subject,
  author: 'ana',
  committedAt: '2026-01-01T00:00:00Z',
  createdAt: '2026-01-01T00:00:00Z',
});
const IMAGE = {
  field: 'spec.template.spec.containers[web].image',
  change: 'changed',
  before: '"web:1.4.0"',
  after: '"web:1.5.O"',
};
const DEPLOYMENT = {
  ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
  change: 'changed',
  fields: [IMAGE, { field: 'spec.replicas', change: 'added', before: null, after: '3' }],
};
const SECRET = {
  ref: { group: '', kind: 'Secret', namespace: '', name: 'web' },
  change: 'changed',
  fields: [{ field: 'data.password', change: 'changed', before: null, after: null }],
};
const RELEASES = '/api/v1/apps/web/differences/releases';
const LIVE = '/api/v1/apps/web/differences';
const body = {
  app: 'web',
  from: 3,
  to: 4,
  releases: [release(3, '4b1c2aa', 'web 1.4.0'), release(4, '8d41e07', 'web 1.5.0')],
  items: [{ clusters: ['eu-1', 'us-1'], objects: [DEPLOYMENT, SECRET], policy: [] }],
};

it('shows what changes between releases by object and field, with their commits', async () => {
  await using hub = await startStubHub({ [RELEASES]: body });
  const { code, out, err } = await hub.run('diff', 'app/web', '--release', '3..4', '--cluster', 'eu-1');
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toBe(`web #3 4b1c2aa "web 1.4.0" (ana)
web #4 8d41e07 "web 1.5.0" (ana)
eu-1, us-1
  ~ Deployment web/web
      ~ spec.template.spec.containers[web].image  web:1.4.0 → web:1.5.O
      + spec.replicas  3
  ~ Secret web
      ~ data.password
`);
  expect(hub.asked).toEqual([`GET ${RELEASES}?from=3&to=4&cluster=eu-1`]);
});

it('answers yes when there is no difference, and prints the body of the API', async () => {
  await using hub = await startStubHub({ [RELEASES]: { ...body, items: [] } });
  expect(await hub.run('diff', 'web', '--release', '#3..#4')).toMatchObject({
    code: 0,
    out: expect.stringContaining('no difference from #3 to #4') as string,
  });
  const { code, out } = await hub.run('diff', 'app/web', '--release', '3..4', '-o', 'json');
  expect([code, JSON.parse(out)]).toEqual([0, { ...body, items: [] }]);
});

it('without releases shows what is live against what is allowed, with its age', async () => {
  const items = [
    { kind: 'drift', observedAt: new Date().toISOString(), clusters: ['eu-1'], objects: [DEPLOYMENT], policy: [] },
  ];
  await using hub = await startStubHub({ [LIVE]: { app: 'web', items, unobserved: ['us-1'] } });
  const { code, out } = await hub.run('diff', 'app/web');
  expect(code).toBe(1);
  expect(out).toMatch(/^eu-1 {2}live differs {3}observed \ds ago\n {2}~ Deployment web\/web\n/);
  expect(out).toMatch(/\nus-1 {2}unknown {3}never observed\n$/);
});

it('never says yes for a cluster that was not seen', async () => {
  await using hub = await startStubHub({ [LIVE]: { app: 'web', items: [], unobserved: ['us-1'] } });
  expect((await hub.run('diff', 'app/web')).code).toBe(1);
  await using fine = await startStubHub({ [LIVE]: { app: 'web', items: [], unobserved: [] } });
  expect(await fine.run('diff', 'app/web')).toMatchObject({ code: 0, out: 'web is everywhere as it is allowed\n' });
});

it('refuses what cannot be compared', async () => {
  await using hub = await startStubHub({});
  for (const args of [
    ['cluster/eu-1'],
    ['web', '--release', '3'],
    ['web', '--release', 'a..b'],
    ['web', '--release', '1..2..3'],
    ['nope'],
  ]) {
    expect((await hub.run('diff', ...args)).code, args.join(' ')).toBe(2);
  }
});

it('of long texts shows only the lines that change', () => {
  expect(changedLines('a\nb\nc\n', 'a\nB\nB2\nc\n')).toEqual(['- b', '+ B', '+ B2']);
  expect(changedLines('a', 'a\nb')).toEqual(['+ b']);
});
