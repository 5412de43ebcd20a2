import { expect, it } from 'vitest';
import { startStubHub } from '../stub-hub.fixture.js';

it('shows whether a window is open, and until when', async () => {
  const changesAt = new Date(Date.now() + 3_630_000).toISOString();
  const span = { cron: '0 9 * * 1-5', durationMs: 28_800_000, timeZone: 'Europe/Berlin' };
  const place = { file: 'fleet/windows.yaml', line: 1, frozenBecause: '' };
  const window = {
    name: 'hours',
    open: false,
    changesAt,
    allow: [span],
    deny: [],
    selector: '',
    apps: ['web'],
    ...place,
  };
  await using hub = await startStubHub({ '/api/v1/windows': { items: [window], next: null } });
  const { code, out } = await hub.run('get', 'windows', '--app', 'web');
  expect(code).toBe(0);
  expect(out).toMatch(/^NAME .*\nhours {3}closed {3}1h +0 9 \* \* 1-5 for 8h Europe\/Berlin {3}- +all +web\n$/);
  expect(hub.asked).toEqual(['GET /api/v1/windows?app=web']);
  expect((await hub.run('get', 'windows', '--cluster', 'eu-1')).code).toBe(2);
});
