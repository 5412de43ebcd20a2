import { expect, it } from 'vitest';
import { startStubHub } from './stub-hub.fixture.js';

const found = {
  app: 'web',
  cluster: 'eu-1',
  matchedBy: 'selector region=eu',
  source: 'fleet',
  commit: '8d41e0700000000000000000000000000000000a',
  file: 'web/flotilla.yaml',
  line: 1,
  settings: [
    { field: 'path', value: 'web/eu', override: 'eu' },
    { field: 'namespace', value: 'web', override: null },
    { field: 'serviceAccount', value: '', override: null },
  ],
  overrides: [{ name: 'eu', choice: 'selector region=eu', applies: true }],
  fields: [
    {
      ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
      steps: [
        { by: 'content', override: null, file: 'web/web.yaml', line: 5, field: '', value: '2' },
        {
          by: 'patch',
          override: 'eu',
          file: 'web/flotilla.yaml',
          line: 1,
          field: 'spec.overrides[0].patches[0]',
          value: '9',
        },
      ],
    },
  ],
};

it('names the setter first, then what it took the place of', async () => {
  await using hub = await startStubHub({ '/api/v1/apps/web/explanation': found });
  const { code, out } = await hub.run('explain', 'web', '--cluster', 'eu-1', '--field', 'spec.replicas');
  expect(out).toBe(
    [
      'web on eu-1   selected by selector region=eu   fleet 8d41e07',
      'Deployment web/web',
      '  is   9   web/flotilla.yaml:1   override eu, spec.overrides[0].patches[0]',
      '  was  2   web/web.yaml:5',
      '',
    ].join('\n'),
  );
  expect(code).toBe(0);
  expect(hub.asked).toEqual(['GET /api/v1/apps/web/explanation?cluster=eu-1&field=spec.replicas']);
});

it('without a field tells where content is, and which overrides apply', async () => {
  await using hub = await startStubHub({ '/api/v1/apps/web/explanation': { ...found, fields: [] } });
  expect((await hub.run('explain', 'web', '--cluster', 'eu-1')).out).toBe(
    [
      'web on eu-1   selected by selector region=eu   fleet 8d41e07',
      'defined       web/flotilla.yaml:1',
      'path          web/eu   override eu',
      'namespace     web',
      'override      eu   applies: selector region=eu',
      '',
    ].join('\n'),
  );
  const { code, out } = await hub.run('explain', 'web', '--cluster', 'eu-1', '--field', 'spec.nothing');
  expect([code, out.split('\n')[1]]).toEqual([1, 'no object has spec.nothing']);
  expect((await hub.run('explain', 'web')).code).toBe(2);
});
