import { describe, expect, it } from 'vitest';
import type { Schemas } from '../api/client.js';
import { startStubHub } from './stub-hub.fixture.js';

const ref = (name: string): Schemas['ObjectRefDto'] => ({ group: '', kind: 'ConfigMap', namespace: 'web', name });
const counts = { create: 0, change: 0, adopt: 0, delete: 0, conflict: 0, wait: 0, leave: 0 };

const drift = {
  ref: ref('taken'),
  kind: 'edited' as const,
  field: '/data/v',
  wanted: '"2"',
  live: '"1"',
  manager: 'helm',
  at: 0,
  healed: false,
  seenAt: 1,
  healedAt: 0,
  left: 'reported' as const,
};
const observed = {
  app: 'web',
  cluster: 'eu-1',
  phase: 'observed',
  observedAt: new Date(Date.now() - 7_200_000).toISOString(),
  problems: [],
  objects: 3,
  drifts: [drift],
  plan: {
    counts: { ...counts, adopt: 1, create: 1, leave: 1 },
    objects: [
      { ref: ref('taken'), action: 'adopt', managers: ['helm'], because: '' },
      { ref: ref('new'), action: 'create', managers: [], because: '' },
    ],
  },
};
const conflicting = {
  ...observed,
  cluster: 'us-1',
  plan: {
    counts: { ...counts, conflict: 1 },
    objects: [{ ref: ref('taken'), action: 'conflict', managers: [], because: 'exists and differs' }],
  },
};

const hub = (...items: object[]): ReturnType<typeof startStubHub> =>
  startStubHub({ '/api/v1/targets': { items, next: null } });

describe('flotilla adopt plan', () => {
  it('says what would be done, field by field and from whom', async () => {
    await using stub = await hub(observed);
    const { code, out, err } = await stub.run('adopt', 'plan', 'web');
    expect(out).toBe(
      [
        'eu-1  1 adopt, 1 create, 1 leave   observed 2h ago',
        '  adopt     ConfigMap web/taken  from helm',
        '              /data/v  "1" → "2"   by helm',
        '  create    ConfigMap web/new',
        '',
      ].join('\n'),
    );
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('mode: manage') as string });
  });

  it('answers no when something is in the way, or a cluster has not answered', async () => {
    await using stub = await hub(observed, conflicting);
    const { code, out, err } = await stub.run('adopt', 'plan', 'web');
    expect({ code, out, err }).toMatchObject({
      code: 1,
      out: expect.stringContaining('us-1  1 conflict') as string,
      err: expect.stringMatching(/^1 conflict: /) as string,
    });
    expect(JSON.parse((await stub.run('adopt', 'plan', 'web', '-o', 'json')).out)).toMatchObject({
      items: [
        { cluster: 'eu-1', counts: { adopt: 1 } },
        { cluster: 'us-1', counts: { conflict: 1 } },
      ],
      next: null,
    });
    await using silent = await hub({ ...observed, phase: null, observedAt: null, plan: null });
    expect(await silent.run('adopt', 'plan', 'web')).toMatchObject({ code: 1, out: 'eu-1  not observed yet\n' });
  });

  it('of an app that is managed already shows what it could not take over', async () => {
    const problem = {
      ref: ref('taken'),
      code: 'adoptDiffers',
      message: 'ConfigMap web/taken exists and differs',
      summary: '',
    };
    await using stub = await hub({ ...observed, phase: 'blocked', plan: null, drifts: [], problems: [problem] });
    expect(await stub.run('adopt', 'plan', 'web')).toMatchObject({
      code: 1,
      out: expect.stringContaining('conflict  ConfigMap web/taken  ConfigMap web/taken exists and differs') as string,
    });
  });

  it('refuses an app without targets', async () => {
    await using stub = await hub();
    expect(await stub.run('adopt', 'plan', 'web', '--cluster', 'eu-9')).toMatchObject({ code: 2, out: '' });
  });
});
