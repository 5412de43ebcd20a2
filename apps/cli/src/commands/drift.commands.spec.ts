import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { DriftRecord } from './resources/drift.resource.js';
import { startStubHub } from './stub-hub.fixture.js';

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
const scaled: DriftRecord = {
  id: '7',
  app: 'web',
  cluster: 'eu-1',
  ref: { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' },
  kind: 'edited',
  field: '/spec/replicas',
  wanted: '2',
  live: '5',
  manager: 'kubectl-scale',
  at: ago(7_200),
  state: 'contested',
  seenAt: ago(7_200),
  endedAt: null,
};
const healedAt = ago(3_600);
const secret: DriftRecord = {
  ...scaled,
  id: '6',
  ref: { group: '', kind: 'Secret', namespace: 'web', name: 'keys' },
  field: '/data/password',
  wanted: '',
  live: '',
  manager: 'kubectl-edit',
  state: 'healed',
  seenAt: new Date(Date.parse(healedAt) - 80).toISOString(),
  endedAt: healedAt,
};
const deleted: DriftRecord = { ...secret, id: '5', kind: 'deleted', field: '', manager: '', at: null };

const hub = (...items: DriftRecord[]): ReturnType<typeof startStubHub> =>
  startStubHub({ '/api/v1/apps/web': {}, '/api/v1/drifts': { items, next: null } });

describe('flotilla drift', () => {
  it('lists who changed what and what became of it', async () => {
    await using stub = await hub(scaled, secret, deleted);
    const { code, out } = await stub.run('drift', 'list', 'web', '--open');
    expect(code).toBe(0);
    expect(stub.asked).toEqual([expect.stringMatching(/drifts\?.*app=web.*open=true/)]);
    expect(out.split('\n').map((line) => line.replace(/ {3,}/g, ' | '))).toEqual([
      'APP | CLUSTER | OBJECT | FIELD | BY | SEEN | STATE',
      'web | eu-1 | Deployment web/web | /spec/replicas | kubectl-scale | 2h | contested',
      'web | eu-1 | Secret web/keys | /data/password | kubectl-edit | 1h | healed after 80ms',
      'web | eu-1 | Secret web/keys | deleted | unknown | 1h | healed after 80ms',
      '',
    ]);
    expect(await stub.run('get', 'drift', '-o', 'wide')).toMatchObject({
      code: 0,
      out: expect.stringContaining('LIVE') as string,
    });
    expect(await stub.run('get', 'apps', '--open')).toMatchObject({ code: 2 });
  });

  it('shows what is wanted and what was found, and of Secrets only the key', async () => {
    await using stub = await hub(scaled, secret);
    const { out } = await stub.run('drift', 'show', 'web');
    expect(out).toBe(
      [
        'eu-1  Deployment web/web  /spec/replicas  contested',
        '      wanted  2',
        '      live    5',
        '      by      kubectl-scale, changed 2h ago, seen 2h ago',
        'eu-1  Secret web/keys  /data/password  healed after 80ms',
        '      values  of Secrets are not shown',
        '      by      kubectl-edit, changed 2h ago, seen 1h ago',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await stub.run('drift', 'show', 'web', '-o', 'json')).out)).toEqual({
      items: [scaled, secret],
      next: null,
    });
  });

  it('prints the YAML that ignores it, ready to paste', async () => {
    await using stub = await hub(scaled, secret, deleted);
    const { code, out, err } = await stub.run('drift', 'ignore', 'web');
    expect(code).toBe(0);
    expect(parse(out)).toEqual({
      spec: {
        drift: {
          ignore: [
            { group: 'apps', kind: 'Deployment', name: 'web', jsonPointers: ['/spec/replicas'] },
            { kind: 'Secret', name: 'keys', jsonPointers: ['/data/password'] },
          ],
        },
      },
    });
    expect(err).toContain('Secret web/keys was deleted: no rule leaves that.');
    const byManager = await stub.run('drift', 'ignore', 'web', '--by-manager', '--since', '5m');
    expect(parse(byManager.out)).toEqual({
      spec: {
        drift: { ignore: [{ group: 'apps', kind: 'Deployment', name: 'web', fieldManagers: ['kubectl-scale'] }] },
      },
    });
  });

  it('says no when nothing can be ignored, and knows a wrong name', async () => {
    await using stub = await hub(deleted);
    expect(await stub.run('drift', 'ignore', 'web')).toMatchObject({ code: 1, out: '' });
    expect(await stub.run('drift', 'ignore', 'wbe')).toMatchObject({ code: 2, out: '' });
  });
});
